// Compiled once: Catch2's own main takes longer to build than any test.
#ifdef HEDDLE_CATCH2_V2
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#endif
