#include "core/object_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace heddle::core {

namespace {

schema_type type_of(json_kind kind) {
  switch (kind) {
    case json_kind::null: return schema_type::null;
    case json_kind::boolean: return schema_type::boolean;
    case json_kind::number: return schema_type::number;
    case json_kind::string: return schema_type::string;
    case json_kind::array: return schema_type::array;
    case json_kind::object: break;
  }
  return schema_type::object;
}

double to_double(std::string_view number) {
  double value = 0;
  auto got
    = std::from_chars(number.data(), number.data() + number.size(), value);
  if (got.ec == std::errc{})
    return value;
  // A number with a fraction or an exponent fits, or it is too small; an
  // integer may be too great.
  bool integer = number.find_first_of(".eE") == std::string_view::npos;
  auto limit = integer ? std::numeric_limits<double>::infinity() : 0.0;
  return number.front() == '-' ? -limit : limit;
}

} // namespace

object_reader::object_reader(const request_body& body, place at)
  : body_(body), at_(std::move(at)) {
  if (auto members = slice_object(body.root)) {
    members_ = std::move(*members);
  } else {
    fail(not_of_type(schema_type::object, at_, body.root));
  }
}

void object_reader::fail(error why) {
  if (!problem_)
    problem_ = std::move(why);
}

void object_reader::take_problem(const object_reader& part) {
  if (part.problem())
    fail(*part.problem());
}

void object_reader::require(std::string_view name) {
  if (!problem_ && !has(name))
    fail(missing_property(name, at_, body_.root));
}

json_text object_reader::any(std::string_view name) const {
  if (auto value = raw(name))
    return json_text{body_.text, *value};
  return {};
}

json_text object_reader::typed(std::string_view name, json_kind wanted) {
  auto value = raw(name);
  if (!value)
    return {};
  if (kind_of(*value) == wanted)
    return json_text{body_.text, *value};
  fail(not_of_type(type_of(wanted), at(name), *value));
  return {};
}

std::optional<std::string> object_reader::string(std::string_view name) {
  auto text = typed(name, json_kind::string);
  if (text.empty())
    return std::nullopt;
  return unquote(text.view());
}

std::optional<bool> object_reader::boolean(std::string_view name) {
  auto text = typed(name, json_kind::boolean);
  if (text.empty())
    return std::nullopt;
  return text.view() == "true";
}

std::optional<double> object_reader::number(std::string_view name) {
  auto text = typed(name, json_kind::number);
  if (text.empty())
    return std::nullopt;
  return to_double(text.view());
}

std::optional<std::int64_t> object_reader::integer(std::string_view name,
                                                   bounds within) {
  auto value = raw(name);
  if (!value)
    return std::nullopt;
  // As JSON Schema has it, 1.0 is an integer.
  auto near = kind_of(*value) == json_kind::number ? to_double(*value) : 0.5;
  if (std::trunc(near) != near) {
    fail(not_of_type(schema_type::integer, at(name), *value));
    return std::nullopt;
  }
  std::int64_t exact = 0;
  auto got
    = std::from_chars(value->data(), value->data() + value->size(), exact);
  bool whole = got.ec == std::errc{} && got.ptr == value->end();
  if (!whole && std::abs(near) < 1e15)
    exact = static_cast<std::int64_t>(near);
  bool huge = !whole && std::abs(near) >= 1e15;
  if (huge ? near < 0 : exact < within.least) {
    fail(below_minimum(within.least, at(name), *value));
  } else if (huge || exact > within.most) {
    fail(above_maximum(within.most, at(name), *value));
  } else {
    return exact;
  }
  return std::nullopt;
}

std::vector<std::string> object_reader::strings(std::string_view name) {
  std::vector<std::string> texts;
  for (auto element : slice_array(array(name).view())) {
    if (kind_of(element) != json_kind::string) {
      fail(not_of_type(schema_type::string, at(name).element(texts.size()),
                       element));
      return {};
    }
    texts.push_back(unquote(element));
  }
  return texts;
}

std::vector<std::string>
object_reader::choices(std::string_view name,
                       std::span<const std::string_view> allowed) {
  auto texts = strings(name);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (std::find(allowed.begin(), allowed.end(), texts[i]) != allowed.end())
      continue;
    fail(not_in_enum(allowed, at(name).element(i), json_quote(texts[i])));
    return {};
  }
  return texts;
}

std::optional<std::size_t>
object_reader::choice(std::string_view name,
                      std::span<const std::string_view> allowed) {
  auto text = string(name);
  if (!text)
    return std::nullopt;
  auto found = std::find(allowed.begin(), allowed.end(), *text);
  if (found != allowed.end())
    return static_cast<std::size_t>(found - allowed.begin());
  fail(not_in_enum(allowed, at(name), *raw(name)));
  return std::nullopt;
}

std::optional<object_reader> object_reader::part(std::string_view name,
                                                 const place& where) {
  auto value = raw(name);
  if (!value)
    return std::nullopt;
  if (kind_of(*value) == json_kind::object)
    return object_reader{request_body{body_.text, *value}, where};
  fail(not_of_type(schema_type::object, where, *value));
  return std::nullopt;
}

} // namespace heddle::core
