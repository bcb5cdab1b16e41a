#pragma once

#include "heddle/json.hpp"
#include "heddle/requests.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

// What the targets share. A target is one function over bytes; a property that
// does not hold ends the process, so that the fuzzer keeps the input.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size);

namespace heddle::fuzz {

inline void require(bool holds, const char* what) {
  if (holds)
    return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Takes the first byte off, as a number below `choices`.
inline std::size_t choose(std::string_view& text, std::size_t choices) {
  if (text.empty())
    return 0;
  auto byte = static_cast<unsigned char>(text.front());
  text.remove_prefix(1);
  return byte % choices;
}

/// What is answered must be JSON whatever was asked.
inline void require_text(const std::string& text) {
  require(!check_json(json_quote(text)), "a text can be said in JSON");
}

inline void require_json(const json_text& value) {
  require(value.empty() || !check_json(value.view()), "a value is JSON");
}

} // namespace heddle::fuzz
