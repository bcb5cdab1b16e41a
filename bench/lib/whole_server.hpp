#pragma once

#include "bench/lib/child.hpp"
#include "bench/lib/options.hpp"
#include "bench/lib/report.hpp"

#include <string>
#include <vector>

namespace heddle::bench {

/// The program itself with the graphs of the tests, on a port that was free.
/// Returns when every graph is loaded. `more`: further flags.
served serve_whole(const options& opts, const std::string& data,
                   const std::vector<std::string>& more = {});

/// The same as soon as it says that it listens.
served serve_listening(const options& opts, const std::string& data,
                       const std::vector<std::string>& more = {});

/// Says on stderr why a benchmark does nothing, if there is no Python with the
/// graph library.
bool has_python(const options& opts);

/// A value of a JSON text that holds `"name":"value"`.
std::string json_field(const std::string& text, const std::string& name);

/// A new thread's id.
std::string new_thread(const served& server);

/// Starts a run that dozes for a minute in its second node, and waits until it
/// is there. @returns its path: `/threads/{}/runs/{}`.
std::string executing(const served& server, const std::string& graph);

/// Milliseconds until the program listens on `data`: medians, `<name>`, with
/// the lowest and the highest.
void put_starts(report& out, const std::string& name, const options& opts,
                const std::string& data);

} // namespace heddle::bench
