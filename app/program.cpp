#include "app/program.hpp"

#include <cstdio>

namespace heddle::app {

int run_program(int, char**, char**) {
  std::puts("heddle " HEDDLE_VERSION);
  return 0;
}

} // namespace heddle::app
