#include "core/object_reader.hpp"

namespace heddle::core {

namespace {

constexpr std::string_view escaped_nul = "\\u0000";

bool starts_escape(std::string_view text, std::size_t at) {
  std::size_t slashes = 0;
  while (slashes < at && text[at - slashes - 1] == '\\')
    ++slashes;
  return slashes % 2 == 0;
}

bool has_nul(std::string_view name) {
  return name.find('\0') != std::string_view::npos
         || name.find(escaped_nul) != std::string_view::npos;
}

std::optional<error> nul_in_names(std::string_view object,
                                  std::string_view path) {
  auto members = slice_object(object);
  if (!members)
    return std::nullopt;
  for (const auto& member : *members) {
    if (has_nul(member.name))
      return error{errc::invalid_argument, "Property names in '"
                                             + std::string{path}
                                             + "' must not contain NUL"};
  }
  return std::nullopt;
}

/// NUL is refused in the names of settings, and only there.
std::optional<error> check_names(std::string_view request) {
  auto members = slice_object(request);
  if (!members)
    return std::nullopt;
  auto config = members->find("config").value_or("null");
  if (auto problem = nul_in_names(config, "config"))
    return problem;
  if (auto parts = slice_object(config)) {
    auto configurable = parts->find("configurable").value_or("null");
    if (auto problem = nul_in_names(configurable, "config.configurable"))
      return problem;
  }
  return nul_in_names(members->find("context").value_or("null"), "context");
}

std::optional<error> check_all_names(std::string_view root) {
  if (auto problem = check_names(root))
    return problem;
  for (auto element : slice_array(root)) {
    if (auto problem = check_names(element))
      return problem;
  }
  return std::nullopt;
}

/// What neither the store's text nor a stream can carry becomes U+FFFD.
std::string without_nul(std::string text) {
  for (auto at = text.find(escaped_nul); at != std::string::npos;
       at = text.find(escaped_nul, at + 1)) {
    if (starts_escape(text, at))
      text.replace(at, escaped_nul.size(), "\\ufffd");
  }
  return text;
}

} // namespace

result<request_body> open_body(const body_text& body) {
  if (!body)
    return error{errc::invalid_argument, "Invalid JSON in request body"};
  if (auto problem = check_json(*body))
    return std::move(*problem);
  if (body->find(escaped_nul) == std::string::npos)
    return request_body{body, trim(*body)};
  if (auto problem = check_all_names(trim(*body)))
    return std::move(*problem);
  auto clean = std::make_shared<const std::string>(without_nul(*body));
  return request_body{clean, trim(*clean)};
}

} // namespace heddle::core
