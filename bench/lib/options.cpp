#include "bench/lib/options.hpp"

#include "bench/lib/own_server.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string_view>

namespace heddle::bench {

namespace {

std::string first_that_exists(std::initializer_list<const char*> files) {
  for (const auto* file : files)
    if (file != nullptr && std::filesystem::exists(file))
      return file;
  return {};
}

} // namespace

options read_options(int argc, char** argv) {
  options result;
  result.data = "/var/tmp"; // Not a file system in memory.
  result.python = first_that_exists(
    {std::getenv("HEDDLE_TEST_PYTHON"), HEDDLE_SOURCE_DIR "/.venv/bin/python"});
  result.heddle = HEDDLE_BINARY;
  result.graphs = HEDDLE_SOURCE_DIR "/tests/graphs/langgraph.json";
  result.worker = HEDDLE_SOURCE_DIR "/workers/python/heddle_worker";
  for (int i = 1; i < argc; ++i) {
    std::string_view word = argv[i];
    bool more = i + 1 < argc;
    if (word == "--smoke") {
      result.smoke = true;
    } else if (word == "--data" && more) {
      result.data = argv[++i];
    } else if (word == "--python" && more) {
      result.python = argv[++i];
    } else if (word == "--only" && more) {
      result.only = argv[++i];
    } else if (word == serve_flag && more) {
      serve_for_bench(argv[++i]);
    } else {
      std::fprintf(stderr,
                   "usage: %s [--smoke] [--data DIR] [--python FILE] "
                   "[--only LOAD]\n",
                   argv[0]);
      std::exit(2);
    }
  }
  return result;
}

} // namespace heddle::bench
