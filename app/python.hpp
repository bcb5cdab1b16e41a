#pragma once

#include "heddle/error.hpp"

#include <filesystem>
#include <map>
#include <string>

namespace heddle::app {

/// The interpreter that runs the graphs: the one asked for, else that of the
/// active virtual environment, else the one that ./serve prepared, else
/// `python3` of the path.
/// - `errc::not_found`: there is none, or the one asked for is no program.
result<std::string>
choose_python(const std::string& asked,
              const std::map<std::string, std::string>& variables,
              const std::filesystem::path& prepared);

/// The version of `langgraph` that is installed for an interpreter of a virtual
/// environment; empty if it cannot be told without asking Python.
std::string graph_library_version(const std::filesystem::path& python);

} // namespace heddle::app
