#include "app/logging.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace heddle::app {

namespace {

constexpr std::size_t text_bytes_max = 16U << 10U;

constexpr std::string_view level_names[]
  = {"debug", "info", "warning", "error"};

std::string_view cut(std::string_view text) {
  return text.substr(0, text_bytes_max);
}

/// As a JSON string: every control byte escaped, bad UTF-8 replaced.
std::string in_quotes(std::string_view text) {
  using json = nlohmann::json;
  auto result
    = json(cut(text)).dump(-1, ' ', false, json::error_handler_t::replace);
  // Terminals act on this one too.
  for (std::size_t at = 0; (at = result.find('\x7f', at)) != result.npos;)
    result.replace(at, 1, "\\u007f");
  return result;
}

/// As it is where it cannot be misread, else quoted.
std::string plain(std::string_view text) {
  auto shown = in_quotes(text);
  auto inner = std::string_view{shown}.substr(1, shown.size() - 2);
  auto same
    = inner == text && !text.empty() && text.find_first_of(" =\"") == text.npos;
  return same ? std::string{text} : shown;
}

std::string as_json(const std::string& when, log_level level,
                    std::string_view text, const log_fields& fields) {
  auto line = R"({"time":")" + when + R"(","level":")";
  line += level_names[static_cast<std::size_t>(level)];
  line += R"(","text":)" + in_quotes(text);
  for (const auto& field : fields)
    line += "," + in_quotes(field.name) + ":"
            + (field.number ? field.value : in_quotes(field.value));
  return line + "}";
}

/// The text with what is not printable escaped.
std::string inside(std::string_view text) {
  auto shown = in_quotes(text);
  return shown.substr(1, shown.size() - 2);
}

/// The same, but with quotes and backslashes as they are.
std::string printable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    auto piece = text.substr(0, text.find_first_of("\"\\"));
    result += inside(piece);
    text.remove_prefix(piece.size());
    if (!text.empty())
      result += text.front();
    text.remove_prefix(std::min<std::size_t>(1, text.size()));
  }
  return result;
}

bool is_block(const log_field& field) {
  return field.value.find('\n') != std::string::npos;
}

/// A traceback: lines of its own, marked so that none passes for a log line.
std::string block(std::string_view text) {
  std::string result;
  for (text = cut(text); !text.empty();) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    result += "\n    | ";
    result += printable(line);
  }
  return result;
}

std::string as_text(const std::string& when, log_level level,
                    std::string_view text, const log_fields& fields) {
  constexpr std::size_t level_width = 8;
  auto line = when + " ";
  auto name = level_names[static_cast<std::size_t>(level)];
  line += name;
  line.append(level_width - name.size(), ' ');
  auto first = text.substr(0, text.find('\n'));
  line += inside(first);
  for (const auto& field : fields)
    if (!is_block(field))
      line += " " + field.name + "=" + plain(field.value);
  if (first.size() < text.size())
    line += block(text.substr(first.size() + 1));
  for (const auto& field : fields)
    if (is_block(field))
      line += block(field.value);
  return line;
}

} // namespace

std::string format_line(log_format format, timestamp when, log_level level,
                        std::string_view text, const log_fields& fields) {
  return format == log_format::json
           ? as_json(format_time(when), level, text, fields)
           : as_text(format_time(when), level, text, fields);
}

} // namespace heddle::app
