#pragma once

#include <cstddef>
#include <string>

namespace heddle::bench {

/// What every benchmark is told on its command line.
struct options {
  bool smoke = false; ///< Tiny amounts: only whether it works.
  std::string data;   ///< Where the data directories are made.
  std::string python; ///< Empty: none with the graph library.
  std::string heddle; ///< The program, for what needs all of it.
  std::string graphs; ///< A langgraph.json.
  std::string worker; ///< The program of a worker process.
  std::string only;   ///< The one load to measure, for a profile; empty: all.
  int rounds() const { return smoke ? 1 : 5; }
  std::size_t amount(std::size_t full, std::size_t small) const {
    return smoke ? small : full;
  }
};

/// `--smoke`, `--data DIR`, `--python FILE`, `--only LOAD`. If the command line
/// asks for the server that benchmarks measure (see own_server.hpp), serves
/// instead of returning. Ends the process if it does not understand.
options read_options(int argc, char** argv);

} // namespace heddle::bench
