#pragma once

#include "core/object_reader.hpp"
#include "heddle/json.hpp"

#include <optional>
#include <string_view>

// `config`, `context` and `metadata`, which assistants and runs share.

namespace heddle::core {

/// Reads `config` by its schema. What only the server may set is taken out of
/// `configurable` and `metadata`.
/// @param where what the problems of its members tell of its place.
json_text read_config(object_reader& from, const place& where);

/// Reads `context`, without what only the server may set.
json_text read_context(object_reader& from);

/// Reads `metadata`, without the ids that the server sets.
json_text read_metadata(object_reader& from);

/// The member `configurable` of a config; empty if there is none.
std::string_view configurable_of(const json_text& config);

/// @returns `errc::bad_request` if `config.configurable` and `context` both
/// say something.
std::optional<error> check_settings(const json_text& config,
                                    const json_text& context);

struct settings {
  json_text config;
  json_text context;
};

/// If only one of `config.configurable` and `context` says something, the other
/// one says the same.
settings mirror(settings given);

} // namespace heddle::core
