#include "embed/installed.hpp"

#include <dlfcn.h>

namespace heddle::embed {

namespace {

namespace fs = std::filesystem;

/// Where the code that is running now was loaded from.
fs::path own_folder() {
  Dl_info about{};
  auto* here = reinterpret_cast<void*>(&installed_file);
  std::error_code unknown;
  if (dladdr(here, &about) != 0 && about.dli_fname)
    if (auto file = fs::canonical(about.dli_fname, unknown); !unknown)
      return file.parent_path();
  // A program that was found by PATH is known by its bare name.
  return fs::read_symlink("/proc/self/exe", unknown).parent_path();
}

} // namespace

fs::path installed_file(std::string_view name) {
  std::error_code ignored;
  // <prefix>/bin/heddle, <prefix>/lib/libheddle.so or
  // <prefix>/lib/<triplet>/libheddle.so
  auto prefix = own_folder().parent_path();
  for (const auto& at : {prefix, prefix.parent_path()})
    if (auto file = at / "share" / "heddle" / name; fs::exists(file, ignored))
      return file;
  if (auto file = fs::path{HEDDLE_HOME} / name; fs::exists(file, ignored))
    return file;
  return {};
}

} // namespace heddle::embed
