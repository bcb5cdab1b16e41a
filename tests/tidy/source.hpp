#pragma once

#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

// The files of the repository, as the checks of this tier see them.

namespace heddle::tidy {

struct source_file {
  std::string name; ///< From the root: `core/ladder.cpp`.
  std::vector<std::string> lines;

  /// The first folder of the name.
  std::string folder() const { return name.substr(0, name.find('/')); }

  bool ends_with(std::initializer_list<std::string_view> ends) const;

  /// `core/ladder.cpp:12`, counted from 1.
  std::string at(std::size_t index) const;
};

/// Every file under these folders (or these files), by name; nothing that is
/// made by tools.
std::vector<source_file>
read_sources(std::initializer_list<std::string_view> under);

/// One file.
source_file read_source(std::string_view name);

} // namespace heddle::tidy
