#include "app/dotenv.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

namespace heddle::app {

namespace {

std::string_view trim(std::string_view text) {
  constexpr std::string_view blank = " \t\r";
  auto from = text.find_first_not_of(blank);
  if (from == text.npos)
    return {};
  return text.substr(from, text.find_last_not_of(blank) - from + 1);
}

bool is_name(std::string_view text) {
  return !text.empty() && !std::isdigit(static_cast<unsigned char>(text[0]))
         && std::ranges::all_of(text, [](unsigned char c) {
              return std::isalnum(c) || c == '_' || c == '.' || c == '-';
            });
}

char escaped(char c) {
  switch (c) {
    case 'n': return '\n';
    case 't': return '\t';
    case 'r': return '\r';
    default: return c;
  }
}

/// The value between quotes; what follows may only be a comment.
std::optional<std::string> unquote(std::string_view text) {
  auto quote = text.front();
  std::string result;
  std::size_t i = 1;
  for (; i < text.size() && text[i] != quote; ++i) {
    auto escape = quote == '"' && text[i] == '\\' && i + 1 < text.size();
    result += escape ? escaped(text[++i]) : text[i];
  }
  if (i >= text.size())
    return std::nullopt;
  auto rest = trim(text.substr(i + 1));
  if (!rest.empty() && !rest.starts_with('#'))
    return std::nullopt;
  return result;
}

std::optional<std::string> value_of(std::string_view text) {
  if (text.starts_with('"') || text.starts_with('\''))
    return unquote(text);
  if (auto comment = text.find(" #"); comment != text.npos)
    text = trim(text.substr(0, comment));
  return std::string{text};
}

} // namespace

result<std::map<std::string, std::string>> parse_dotenv(std::string_view text) {
  std::map<std::string, std::string> result;
  for (std::size_t number = 1; !text.empty(); ++number) {
    auto end = std::min(text.find('\n'), text.size());
    auto line = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with("export "))
      line = trim(line.substr(7));
    if (line.empty() || line.starts_with('#'))
      continue;
    auto equals = line.find('=');
    auto name = trim(line.substr(0, equals));
    auto value = equals == line.npos ? std::nullopt
                                     : value_of(trim(line.substr(equals + 1)));
    if (!is_name(name) || !value)
      return error{errc::invalid_argument,
                   "line " + std::to_string(number) + ": expected KEY=value"};
    result[std::string{name}] = *value;
  }
  return result;
}

} // namespace heddle::app
