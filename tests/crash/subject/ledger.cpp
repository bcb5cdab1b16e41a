#include "tests/crash/subject/ledger.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace heddle::crash {

ledger::ledger(const std::filesystem::path& file)
  // Not truncated here: an old one of a child killed before it came this far
  // would be taken for its own.
  : file_(::open(file.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC)) {
  if (file_ < 0) {
    std::perror(file.c_str());
    std::exit(2);
  }
}

ledger::~ledger() {
  ::close(file_);
}

void ledger::add(const nlohmann::json& line) {
  auto text = line.dump() + '\n';
  std::lock_guard guard{mutex_};
  if (::write(file_, text.data(), text.size())
      != static_cast<ssize_t>(text.size())) {
    std::perror("the ledger");
    std::_Exit(2);
  }
}

std::vector<nlohmann::json> read_ledger(const std::filesystem::path& file) {
  std::vector<nlohmann::json> lines;
  std::ifstream in{file};
  if (!in) {
    std::perror(file.c_str());
    std::exit(2);
  }
  for (std::string line; std::getline(in, line) && !in.eof();)
    lines.push_back(nlohmann::json::parse(line));
  return lines;
}

} // namespace heddle::crash
