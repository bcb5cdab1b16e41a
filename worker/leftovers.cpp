#include "worker/leftovers.hpp"

#include <sys/types.h>

#include <array>
#include <charconv>
#include <csignal>
#include <fstream>
#include <iterator>

namespace heddle::worker {

namespace {

std::string read_file(const std::string& path) {
  std::ifstream in{path};
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::string boot_id() {
  auto text = read_file("/proc/sys/kernel/random/boot_id");
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  return text;
}

template <class T>
bool parse_whole(std::string_view text, T& out) {
  const auto* end = text.data() + text.size();
  auto got = std::from_chars(text.data(), end, out);
  return got.ec == std::errc{} && got.ptr == end;
}

/// Cuts off what stands before the next `separator`, or all.
std::string_view cut(std::string_view& text, char separator) {
  auto at = text.find(separator);
  auto first = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return first;
}

} // namespace

std::optional<process_stat> parse_stat(std::string_view line) {
  // The name, in parentheses, may itself hold anything, also parentheses.
  auto after_name = line.rfind(") ");
  if (after_name == std::string_view::npos)
    return std::nullopt;
  line.remove_prefix(after_name + 2);
  // From here on: state, parent, group, …; the start is the 20th.
  constexpr std::size_t started_at = 19;
  std::array<std::string_view, started_at + 1> fields;
  for (auto& field : fields)
    field = cut(line, ' ');
  process_stat out;
  if (fields[0].size() != 1 || !parse_whole(fields[1], out.parent)
      || !parse_whole(fields[2], out.group)
      || !parse_whole(fields[started_at], out.started))
    return std::nullopt;
  out.state = fields[0].front();
  return out;
}

std::optional<process_stat> stat_of(std::int64_t pid) {
  return parse_stat(read_file("/proc/" + std::to_string(pid) + "/stat"));
}

std::optional<process_stamp> stamp_of(std::int64_t pid) {
  auto stat = stat_of(pid);
  if (!stat)
    return std::nullopt;
  return process_stamp{pid, stat->started, boot_id()};
}

std::string to_string(const process_stamp& stamp) {
  return std::to_string(stamp.pid) + ':' + std::to_string(stamp.started) + ':'
         + stamp.boot;
}

std::optional<process_stamp> parse_stamp(std::string_view text) {
  process_stamp out;
  if (!parse_whole(cut(text, ':'), out.pid)
      || !parse_whole(cut(text, ':'), out.started) || text.empty())
    return std::nullopt;
  out.boot = text;
  return out;
}

bool kill_if_same(const process_stamp& stamp) {
  // Below 2 a kill would mean every process, or init.
  if (stamp.pid < 2 || stamp_of(stamp.pid) != stamp)
    return false;
  auto stat = stat_of(stamp.pid);
  if (!stat || stat->group != stamp.pid)
    return false;
  return ::kill(-static_cast<pid_t>(stamp.pid), SIGKILL) == 0;
}

} // namespace heddle::worker
