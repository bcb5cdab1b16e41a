#include "core/json_object.hpp"

namespace heddle::core {

void json_object::merge(std::string_view text) {
  auto other = slice_object(text);
  if (!other)
    return;
  for (const auto& [name, value] : *other)
    members_.set(name, value);
}

void json_object::set(std::string name, std::string value) {
  owned_.push_back(std::move(value));
  members_.set(std::move(name), owned_.back());
}

void json_object::erase(std::string_view name) {
  members_.erase(name);
}

std::string json_object::str() const {
  std::string out = "{";
  for (const auto& [name, value] : members_) {
    if (out.size() > 1)
      out += ',';
    out += json_quote(name);
    out += ':';
    out += value;
  }
  out += '}';
  return out;
}

json_text merge_objects(std::initializer_list<json_text> objects) {
  const json_text* only = nullptr;
  json_object merged;
  std::size_t contributing = 0;
  for (const auto& object : objects) {
    auto slices = slice_object(object.view());
    if (!slices || slices->empty())
      continue;
    ++contributing;
    only = &object;
    merged.merge(object.view());
  }
  if (contributing == 1)
    return *only;
  return json_text{merged.str()};
}

std::string json_array(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const auto& text : texts) {
    if (out.size() > 1)
      out += ',';
    out += json_quote(text);
  }
  out += ']';
  return out;
}

} // namespace heddle::core
