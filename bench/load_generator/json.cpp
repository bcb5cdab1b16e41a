#include "bench/load_generator/json.hpp"

namespace heddle::load {

json parse(std::string_view text) {
  return json::parse(text, nullptr, false);
}

std::string_view field(std::string_view text, std::string_view name) {
  for (std::size_t at = 0; (at = text.find(name, at)) != text.npos;) {
    auto quoted = at > 0 && text[at - 1] == '"';
    at += name.size();
    if (!quoted || !text.substr(at).starts_with("\":"))
      continue;
    at += 2;
    while (at < text.size() && text[at] == ' ')
      ++at;
    if (at < text.size() && text[at] == '"')
      return text.substr(at + 1, text.find('"', at + 1) - at - 1);
  }
  return {};
}

bool has_field(std::string_view text, std::string_view name,
               std::string_view value) {
  if (!text.starts_with('{'))
    return false;
  if (field(text, name) == value)
    return true;
  auto all = parse(text);
  auto found = all.is_object() ? all.find(name) : all.end();
  return found != all.end() && found->is_string()
         && found->get_ref<const std::string&>() == value;
}

} // namespace heddle::load
