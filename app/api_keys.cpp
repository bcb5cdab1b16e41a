#include "app/api_keys.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace heddle::app {

namespace {

error wrong_line(std::size_t line, std::string_view what) {
  return {errc::invalid_argument,
          "line " + std::to_string(line) + ": " + std::string{what}};
}

bool is_visible(char c) {
  return c > ' ' && c < '\x7f';
}

} // namespace

result<std::vector<std::string>> parse_api_keys(std::string_view text) {
  std::vector<std::string> keys;
  for (std::size_t number = 1; !text.empty(); ++number) {
    auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    auto from = line.find_first_not_of(" \t\r");
    if (from == line.npos || line[from] == '#')
      continue;
    auto key = line.substr(from, line.find_last_not_of(" \t\r") - from + 1);
    if (!std::ranges::all_of(key, is_visible))
      return wrong_line(number, "a key may hold visible ASCII characters only");
    if (key.size() < key_length_min)
      return wrong_line(number, "a key needs at least "
                                  + std::to_string(key_length_min)
                                  + " characters; try: openssl rand -hex 32");
    keys.emplace_back(key);
  }
  if (keys.empty())
    return error{errc::invalid_argument, "there is no key in it"};
  return keys;
}

result<std::vector<std::string>> read_api_keys(const std::string& file) {
  struct stat found {};
  std::ifstream in{file};
  if (!in || ::stat(file.c_str(), &found) != 0 || !S_ISREG(found.st_mode))
    return error{errc::not_found, "cannot read the key file " + file};
  if ((found.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return error{errc::invalid_argument,
                 "the key file " + file + " can be written by others"};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  auto keys = parse_api_keys(text);
  if (keys.has_error())
    return error{keys.error().code, file + ": " + keys.error().detail};
  return keys;
}

} // namespace heddle::app
