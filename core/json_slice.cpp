#include "core/json_slice.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace heddle::core {

namespace {

/// Above it, a look through all members costs more than an index.
constexpr std::size_t unindexed_max = 16;

constexpr bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Walks over the tokens of valid JSON.
class walker {
public:
  explicit walker(std::string_view text) noexcept : rest_(text) {}

  bool done() const noexcept { return rest_.empty(); }

  void skip_blanks() noexcept {
    while (!rest_.empty() && is_blank(rest_.front()))
      rest_.remove_prefix(1);
  }

  /// Takes `c`, if it is next.
  bool take(char c) noexcept {
    skip_blanks();
    if (rest_.empty() || rest_.front() != c)
      return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view take_value() noexcept {
    skip_blanks();
    auto value = rest_.substr(0, value_end());
    rest_.remove_prefix(value.size());
    return value;
  }

private:
  std::size_t value_end() const noexcept {
    switch (rest_.empty() ? ',' : rest_.front()) {
      case '"': return string_end(0);
      case '{':
      case '[': return nested_end();
      default: return std::min(rest_.find_first_of(",]} \t\r\n"), rest_.size());
    }
  }

  /// Past the string whose first quote is at `start`.
  std::size_t string_end(std::size_t start) const noexcept {
    auto at = rest_.find('"', start + 1);
    while (at != std::string_view::npos && is_escaped(at))
      at = rest_.find('"', at + 1);
    return at == std::string_view::npos ? rest_.size() : at + 1;
  }

  bool is_escaped(std::size_t at) const noexcept {
    std::size_t slashes = 0;
    while (slashes < at && rest_[at - slashes - 1] == '\\')
      ++slashes;
    return slashes % 2 == 1;
  }

  /// Past the object or array at the start.
  std::size_t nested_end() const noexcept {
    std::size_t depth = 0;
    for (std::size_t at = 0; at < rest_.size(); ++at) {
      switch (rest_[at]) {
        case '"': at = string_end(at) - 1; break;
        case '{':
        case '[': ++depth; break;
        case '}':
        case ']':
          if (--depth == 0)
            return at + 1;
          break;
        default: break;
      }
    }
    return rest_.size();
  }

  std::string_view rest_;
};

} // namespace

json_kind kind_of(std::string_view text) noexcept {
  switch (text.empty() ? 'n' : text.front()) {
    case '{': return json_kind::object;
    case '[': return json_kind::array;
    case '"': return json_kind::string;
    case 't':
    case 'f': return json_kind::boolean;
    case 'n': return json_kind::null;
    default: return json_kind::number;
  }
}

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back()))
    text.remove_suffix(1);
  return text;
}

std::string unquote(std::string_view string) {
  if (string.find('\\') != std::string_view::npos)
    return nlohmann::json::parse(string).get<std::string>();
  return std::string{string.substr(1, string.size() - 2)};
}

std::optional<std::size_t>
object_slices::position(std::string_view name) const {
  if (!index_.empty()) {
    auto found = index_.find(std::string{name});
    return found == index_.end() ? std::nullopt : std::optional{found->second};
  }
  auto found = std::find_if(members_.begin(), members_.end(),
                            [&](const auto& m) { return m.name == name; });
  if (found == members_.end())
    return std::nullopt;
  return found - members_.begin();
}

std::optional<std::string_view>
object_slices::find(std::string_view name) const {
  if (auto at = position(name))
    return members_[*at].value;
  return std::nullopt;
}

std::optional<std::string> object_slices::text(std::string_view name) const {
  auto found = find(name);
  if (!found || kind_of(*found) != json_kind::string)
    return std::nullopt;
  return unquote(*found);
}

std::string_view object_slices::given(std::string_view name) const {
  auto found = find(name).value_or("");
  return found == "null" ? std::string_view{} : found;
}

void object_slices::set(std::string name, std::string_view value) {
  if (auto at = position(name)) {
    members_[*at].value = value;
    return;
  }
  members_.push_back({std::move(name), value});
  if (!index_.empty()) {
    index_.emplace(members_.back().name, members_.size() - 1);
  } else if (members_.size() > unindexed_max) {
    make_index();
  }
}

void object_slices::erase(std::string_view name) {
  auto at = position(name);
  if (!at)
    return;
  members_.erase(members_.begin() + static_cast<std::ptrdiff_t>(*at));
  if (!index_.empty())
    make_index();
}

void object_slices::make_index() {
  index_.clear();
  for (std::size_t i = 0; i < members_.size(); ++i)
    index_.emplace(members_[i].name, i);
}

result<object_slices> slice_object(std::string_view text) {
  walker walk{text};
  if (!walk.take('{'))
    return error{errc::invalid_argument, "not a JSON object"};
  object_slices slices;
  while (!walk.done() && !walk.take('}')) {
    auto name = walk.take_value();
    if (name.size() < 2 || !walk.take(':'))
      return error{errc::invalid_argument, "not a JSON object"};
    slices.set(unquote(name), walk.take_value());
    walk.take(',');
  }
  return slices;
}

object_slices members_of(std::string_view text) {
  auto read = slice_object(text);
  return read ? std::move(*read) : object_slices{};
}

std::string_view member_of(std::string_view text, std::string_view name) {
  return members_of(text).find(name).value_or("");
}

std::vector<std::string_view> slice_array(std::string_view text) {
  walker walk{text};
  std::vector<std::string_view> elements;
  if (!walk.take('['))
    return elements;
  while (!walk.done() && !walk.take(']')) {
    auto element = walk.take_value();
    if (element.empty())
      break;
    elements.push_back(element);
    walk.take(',');
  }
  return elements;
}

} // namespace heddle::core
