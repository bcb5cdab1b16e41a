#pragma once

#include "heddle/error.hpp"
#include "heddle/graph.hpp"

#include <cstdint>
#include <string>

// Graphs in a shared library, for `heddle serve --graph-library libmine.so`: a
// worker process loads it, so that a node that does not stop can be killed.
//
//     #include <heddle/graph_library.hpp>
//
//     HEDDLE_GRAPHS(into) {
//       into.add("agent", heddle::graph::builder{}. … .compile());
//     }
//
// C++ has no stable binary interface: the library must be built with the
// headers of the very heddle that loads it, by a compiler that fits. A library
// of another version is refused by name before any of its code runs.

namespace heddle::graph {

/// Rises whenever what crosses the border of a library changes.
inline constexpr std::uint32_t library_abi = 1;

/// Takes the graphs of a library.
class library_graphs {
public:
  virtual ~library_graphs() = default;

  /// A graph that could not be compiled is served as one that could not be
  /// loaded, and says why.
  virtual void add(std::string id, result<compiled> graph) = 0;
};

} // namespace heddle::graph

/// The two names that such a library exports; a body follows. What it throws is
/// shown as the reason why the library cannot be loaded.
#define HEDDLE_GRAPHS(into)                                                    \
  extern "C" {                                                                 \
  __attribute__((                                                              \
    visibility("default"))) extern const std::uint32_t heddle_graphs_abi;      \
  const std::uint32_t heddle_graphs_abi = ::heddle::graph::library_abi;        \
  }                                                                            \
  extern "C" __attribute__((visibility("default"))) void heddle_graphs(        \
    ::heddle::graph::library_graphs& into)
