#include "http/answers.hpp"

#include "http/ascii.hpp"

#include <algorithm>
#include <charconv>

namespace heddle::http {

namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view space = " \t\n\r\f\v";
  auto first = text.find_first_not_of(space);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

} // namespace

error not_an_id(std::string_view noun) {
  return {errc::invalid_argument,
          "Invalid " + std::string{noun} + " ID: must be a UUID"};
}

result<std::int64_t> query_number(const request& req, std::string_view key,
                                  std::int64_t fallback) {
  auto given = req.query.last(key);
  if (!given)
    return fallback;
  auto text = trimmed(*given);
  if (text.starts_with('+'))
    text.remove_prefix(1);
  std::int64_t value = 0;
  auto [end, failed]
    = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size())
    return error{errc::bad_request,
                 "invalid literal for int() with base 10: '" + *given + "'"};
  return value;
}

bool prefers(const request& req, std::string_view preference) {
  auto rest = req.prefer;
  while (!rest.empty()) {
    auto one = rest.substr(0, rest.find_first_of(",;"));
    rest.remove_prefix(std::min(rest.size(), one.size() + 1));
    if (iequals(trimmed(one), preference))
      return true;
  }
  return false;
}

std::string run_path(const thread_id& thread, const run_id& run) {
  return "/threads/" + thread.str() + "/runs/" + run.str();
}

std::string locations(const std::string& path, std::string_view verb) {
  std::string lines;
  add_header(lines, "location", path + std::string{verb});
  add_header(lines, "content-location", path);
  return lines;
}

} // namespace heddle::http
