#pragma once

#include "heddle/json.hpp"

namespace heddle::graph {

/// How a C++ type is read from JSON and written as JSON: specialise it for the
/// types of your nodes' states and updates.
///
///     template <>
///     struct heddle::graph::codec<my_state> {
///       static my_state decode(const json_text& text);   // Throws if it
///       cannot. static json_text encode(const my_state& value);
///     };
///
/// `heddle/nlohmann.hpp` does it for everything that nlohmann/json knows.
template <class T>
struct codec;

} // namespace heddle::graph
