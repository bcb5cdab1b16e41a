#include "worker/hosted/graph_library.hpp"

#include "heddle/graph_library.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <utility>

namespace heddle::worker::hosted {

namespace {

class taker final : public graph::library_graphs {
public:
  void add(std::string id, result<graph::compiled> graph) override {
    if (all.graphs.contains(id) || all.broken.contains(id))
      twice = id;
    else if (graph.has_error())
      all.broken.emplace(std::move(id), graph.error().detail);
    else
      all.graphs.emplace(std::move(id), std::move(*graph));
  }

  loaded_library all;
  std::string twice;
};

error bad(const std::string& file, const std::string& why) {
  return {errc::invalid_argument, "the graph library " + file + " " + why};
}

} // namespace

std::vector<std::string> loaded_library::ids() const {
  std::vector<std::string> result;
  for (const auto& [id, unused] : graphs)
    result.push_back(id);
  for (const auto& [id, unused] : broken)
    result.push_back(id);
  std::ranges::sort(result);
  return result;
}

result<loaded_library> load_library(const std::string& file) {
  auto* handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle)
    return error{errc::not_found,
                 std::string{"the graph library cannot be loaded: "}
                   + ::dlerror()};
  const auto* abi
    = static_cast<const std::uint32_t*>(::dlsym(handle, "heddle_graphs_abi"));
  using entry = void (*)(graph::library_graphs&);
  auto fill = reinterpret_cast<entry>(::dlsym(handle, "heddle_graphs"));
  if (!abi || !fill)
    return bad(file, "does not export heddle_graphs: see "
                     "heddle/graph_library.hpp");
  if (*abi != graph::library_abi)
    return bad(file, "was built for graphs of version " + std::to_string(*abi)
                       + "; this heddle loads version "
                       + std::to_string(graph::library_abi)
                       + ": build it again with this heddle's headers");
  taker into;
  try {
    fill(into);
  } catch (const std::exception& why) {
    return bad(file, std::string{"failed: "} + why.what());
  } catch (...) {
    return bad(file, "failed: an exception of an unknown type");
  }
  if (!into.twice.empty())
    return bad(file, "names the graph '" + into.twice + "' twice");
  if (into.all.ids().empty())
    return bad(file, "has no graphs");
  return std::move(into.all);
}

} // namespace heddle::worker::hosted
