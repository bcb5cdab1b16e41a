#pragma once

#include <filesystem>
#include <string_view>

namespace heddle::embed {

/// A file that comes with the library: under `share/heddle` beside where the
/// library was installed, else in the source that it was built from. Empty if
/// it is in neither place.
std::filesystem::path installed_file(std::string_view name);

} // namespace heddle::embed
