#include "core/extract.hpp"

#include "core/json_path.hpp"

#include <algorithm>

namespace heddle::core {

namespace {

constexpr std::size_t paths_max = 10;

constexpr std::string_view reserved_names[]
  = {"thread_id",  "created_at", "updated_at", "state_updated_at",
     "metadata",   "config",     "status",     "values",
     "interrupts", "error",      "ttl",        "extracted"};

constexpr std::string_view roots[]
  = {"values", "metadata", "config", "interrupts"};

bool is_one_of(std::span<const std::string_view> words, std::string_view text) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool is_name(std::string_view text) {
  auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  auto later = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
  return !text.empty() && letter(text.front())
         && std::all_of(text.begin(), text.end(), later);
}

std::optional<error> check(const std::string& alias, const std::string& text) {
  auto invalid = [](std::string why) {
    return error{errc::invalid_argument, std::move(why)};
  };
  if (!is_name(alias))
    return invalid("Extract key '" + alias
                   + "' must be a valid identifier (letters, digits, "
                     "underscores)");
  if (is_one_of(reserved_names, alias))
    return invalid("Extract keys cannot use reserved field names: ['" + alias
                   + "']");
  if (text.empty())
    return invalid("Extract path for '" + alias
                   + "' must be a non-empty string");
  auto path = parse_path(text);
  if (!path)
    return path.error();
  const auto& root = std::get<std::string>(path->front());
  if (!is_one_of(roots, root))
    return invalid("Extract path '" + text
                   + "' must start with one of: config, interrupts, metadata, "
                     "values");
  return std::nullopt;
}

} // namespace

std::vector<std::pair<std::string, std::string>>
read_extract(object_reader& from) {
  std::vector<std::pair<std::string, std::string>> paths;
  auto part = from.part("extract");
  if (!part)
    return paths;
  if (part->members().size() > paths_max) {
    from.fail(
      too_many_properties(paths_max, from.at("extract"), *from.raw("extract")));
    return paths;
  }
  for (const auto& member : part->members()) {
    if (kind_of(member.value) != json_kind::string) {
      place at{from.at("extract").schema + "[\"additionalProperties\"]",
               part->at(member.name).instance};
      part->fail(not_of_type(schema_type::string, at, member.value));
      break;
    }
    auto path = unquote(member.value);
    if (auto problem = check(member.name, path))
      part->fail(std::move(*problem));
    paths.emplace_back(member.name, std::move(path));
  }
  from.take_problem(*part);
  return paths;
}

} // namespace heddle::core
