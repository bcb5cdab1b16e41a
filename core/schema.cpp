#include "core/schema.hpp"

#include "core/utf8.hpp"
#include "heddle/json.hpp"

#include <nlohmann/json.hpp>

namespace heddle::core {

namespace {

/// A text that repeats the body back must not be as large as a body may be.
constexpr std::size_t shown_max = 16'384;

error failed(std::string message, std::string_view keyword, const place& at,
             const std::string& shown) {
  message += "\n\nFailed validating ";
  message += json_quote(keyword);
  message += " in schema";
  message += at.schema;
  message += "\n\nOn instance";
  message += at.instance;
  message += ":\n    ";
  message += shown;
  return {errc::invalid_argument, std::move(message)};
}

error failed(std::string_view what, std::string_view keyword, const place& at,
             std::string_view value) {
  auto shown = compact(value);
  return failed(shown + std::string{what}, keyword, at, shown);
}

std::string_view name_of(schema_type type) {
  switch (type) {
    case schema_type::array: return "\"array\"";
    case schema_type::boolean: return "\"boolean\"";
    case schema_type::integer: return "\"integer\"";
    case schema_type::null: return "\"null\"";
    case schema_type::number: return "\"number\"";
    case schema_type::object: return "\"object\"";
    case schema_type::string: return "\"string\"";
  }
  return "\"\"";
}

std::string plural(std::size_t count, std::string_view noun,
                   std::string_view ending) {
  std::string text = std::to_string(count);
  text += ' ';
  text += noun;
  if (count != 1)
    text += ending;
  return text;
}

/// Three are named; of more, the first two.
std::string listed(std::span<const std::string_view> allowed) {
  std::string text;
  auto named = allowed.size() <= 3 ? allowed.size() - 1 : 2;
  for (std::size_t i = 0; i < named; ++i) {
    text += i == 0 ? "" : ", ";
    text += json_quote(allowed[i]);
  }
  text += named == 0 ? "" : " or ";
  if (allowed.size() <= 3)
    return text + json_quote(allowed.back());
  return text + std::to_string(allowed.size() - 2) + " other candidates";
}

} // namespace

place place::member(std::string_view name) const {
  auto key = '[' + json_quote(name) + ']';
  return {schema + "[\"properties\"]" + key, instance + key};
}

place place::element(std::size_t index) const {
  return {schema + "[\"items\"]", instance + '[' + std::to_string(index) + ']'};
}

place place::by(std::string_view schema_name) const {
  auto path = "[\"components\"][\"schemas\"][" + json_quote(schema_name) + ']';
  return {std::move(path), instance};
}

std::string compact(std::string_view text) {
  auto value = nlohmann::json::parse(text, nullptr, false);
  auto shown = value.is_discarded() ? std::string{text} : value.dump();
  if (shown.size() <= shown_max)
    return shown;
  std::size_t end = 0;
  while (end < shown_max)
    end += std::max<std::size_t>(
      utf8_size(std::string_view{shown}.substr(end, 4)), 1);
  shown.resize(end);
  return shown + "…";
}

error not_of_type(schema_type wanted, const place& at, std::string_view value) {
  return failed(" is not of type " + std::string{name_of(wanted)}, "type", at,
                value);
}

error not_of_types(std::span<const schema_type> wanted, const place& at,
                   std::string_view value) {
  std::string what = " is not of types ";
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    what += i == 0 ? "" : ", ";
    what += name_of(wanted[i]);
  }
  return failed(what, "type", at, value);
}

error not_in_enum(std::span<const std::string_view> allowed, const place& at,
                  std::string_view value) {
  return failed(" is not one of " + listed(allowed), "enum", at, value);
}

error missing_property(std::string_view name, const place& at,
                       std::string_view value) {
  return failed(json_quote(name) + " is a required property", "required", at,
                compact(value));
}

error matches_none(std::string_view keyword, const place& at,
                   std::string_view value) {
  return failed(" is not valid under any of the schemas listed in the '"
                  + std::string{keyword} + "' keyword",
                keyword, at, value);
}

error matches_many(const place& at, std::string_view value) {
  return failed(" is valid under more than one of the schemas listed in the "
                "'oneOf' keyword",
                "oneOf", at, value);
}

error below_minimum(std::int64_t minimum, const place& at,
                    std::string_view value) {
  return failed(" is less than the minimum of " + std::to_string(minimum),
                "minimum", at, value);
}

error above_maximum(std::int64_t maximum, const place& at,
                    std::string_view value) {
  return failed(" is greater than the maximum of " + std::to_string(maximum),
                "maximum", at, value);
}

error too_few_items(std::size_t minimum, const place& at,
                    std::string_view value) {
  return failed(" has less than " + plural(minimum, "item", "s"), "minItems",
                at, value);
}

error too_many_properties(std::size_t maximum, const place& at,
                          std::string_view value) {
  return failed(" has more than " + plural(maximum, "propert", "ies"),
                "maxProperties", at, value);
}

error too_short(std::size_t minimum, const place& at, std::string_view value) {
  return failed(" is shorter than " + plural(minimum, "character", "s"),
                "minLength", at, value);
}

error too_long(std::size_t maximum, const place& at, std::string_view value) {
  return failed(" is longer than " + plural(maximum, "character", "s"),
                "maxLength", at, value);
}

} // namespace heddle::core
