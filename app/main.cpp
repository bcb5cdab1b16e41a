#include "app/program.hpp"

#include <unistd.h>

int main(int argc, char** argv) {
  return heddle::app::run_program(argc, argv, environ);
}
