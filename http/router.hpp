#pragma once

#include "http/head.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::http {

struct context;
struct request;
class responder;

/// Handles one route. Returns at once; everything slow happens in `server`.
using handler = void (*)(const request&, context&, responder);

/// What is special about a route. Flags.
enum class route_trait : std::uint8_t {
  none = 0,
  meta = 1,     ///< Not of the API: no redirect of a slash at the end.
  open = 2,     ///< Needs no key.
  reserved = 4, ///< Also served when connections are scarce.
  always = 8,   ///< Also while the server stops.
};

constexpr route_trait operator|(route_trait a, route_trait b) {
  return static_cast<route_trait>(static_cast<unsigned>(a)
                                  | static_cast<unsigned>(b));
}

struct route {
  verb method;
  std::string_view pattern; ///< `/threads/{thread_id}`; `/ui/*`: all below.
  handler run;
  route_trait traits = route_trait::none;

  bool has(route_trait t) const noexcept {
    return (static_cast<unsigned>(traits) & static_cast<unsigned>(t)) != 0;
  }
};

constexpr std::size_t params_max = 3;
using path_params = std::array<std::string_view, params_max>;

/// Finds routes by path: a tree of segments, built once, then read by all.
class router {
public:
  /// `table` must outlive it.
  explicit router(std::span<const route> table);
  ~router();
  router(const router&) = delete;
  router& operator=(const router&) = delete;

  struct match {
    const route* found = nullptr; ///< None: 405 if `allowed`, else 404.
    path_params params;           ///< In the pattern's order.
    std::string allowed;          ///< Methods of the path, if none was found.
    bool api = false;             ///< Some route of the path is of the API.
  };

  /// Names win over parameters, unless only the parameter's route has the
  /// method. A HEAD finds the route of GET.
  match find(verb method, std::span<const std::string_view> path) const;

  /// Where `found` stands in the table.
  std::size_t index(const route* found) const noexcept {
    return static_cast<std::size_t>(found - table_.data());
  }
  std::span<const route> table() const noexcept { return table_; }

private:
  struct node;

  void add(const route& r);

  std::span<const route> table_;
  std::unique_ptr<node> root_;
};

} // namespace heddle::http
