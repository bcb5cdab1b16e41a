#pragma once

#include "heddle/graph.hpp"

#include <map>
#include <memory>
#include <string>

namespace heddle::graph::test {

/// How often each node of the graphs below has run to its end.
using counts = std::map<std::string, int>;

/// start → plan → write → quiet → end.
compiled chain(counts* ran = nullptr);

/// start → a, b, c side by side → join, when all have run.
compiled parallel(counts* ran = nullptr);

/// start → split → three times work.
compiled fan_out(counts* ran = nullptr);

/// start → left or right, as `topic` says.
compiled branching(counts* ran = nullptr);

/// start → ask (which asks a human) → work; beside them: side.
compiled human(counts* ran = nullptr);

/// start → answer, which streams three pieces of a message.
compiled chat();

/// A node that goes to itself for ever.
compiled endless();

/// The member of a JSON object, without its quotes if it is a string.
std::string member(const json_text& of, std::string_view name);

} // namespace heddle::graph::test
