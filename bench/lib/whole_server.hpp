#pragma once

#include "bench/lib/child.hpp"
#include "bench/lib/options.hpp"

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

} // namespace heddle::bench
