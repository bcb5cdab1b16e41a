#pragma once

#include "app/option_table.hpp"

#include <string>

namespace heddle::app {

/// What the command line asks for.
struct command {
  enum class kind : std::uint8_t {
    serve,        ///< With `options`.
    graph_worker, ///< Be the worker of the graph library `text`.
    print,        ///< Print `text` on standard output, and that is all.
    wrong,        ///< Print `text` on standard error, exit code 2.
  };
  kind what = kind::serve;
  given_options options;
  std::string text;
  bool list = false; ///< Of a library's worker: only tell its graphs.
};

command read_command_line(int argc, const char* const* argv);

} // namespace heddle::app
