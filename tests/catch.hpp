#pragma once

// Catch2 2.13 (Debian 12) and 3 under one name.

#ifdef HEDDLE_CATCH2_V2
#include <catch2/catch.hpp>
using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;
#else
#include <catch2/catch_all.hpp>
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;
inline auto Contains(const std::string& text) {
  return ContainsSubstring(text);
}
#endif
