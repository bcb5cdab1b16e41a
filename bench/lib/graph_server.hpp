#pragma once

#include "heddle/graph.hpp"
#include "heddle/server.hpp"
#include "http/front.hpp"
#include "runtime/runtime.hpp"

#include <cstddef>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace heddle::bench {

/// A server of C++ graphs in this process, durable, with its HTTP side.
class graph_server {
public:
  /// `jobs`: runs at once. Throws if it cannot start.
  graph_server(const std::string& data,
               std::map<std::string, graph::compiled> graphs, std::size_t jobs);
  ~graph_server();

  server& api() noexcept { return *api_; }
  std::uint16_t port() const { return door_->port(); }

  thread_id make_thread();

private:
  runtime threads_;
  std::unique_ptr<server> api_;
  std::unique_ptr<http_front> door_;
};

/// Asks a server and waits for the answer; throws if it is an error.
template <class T, class Ask>
T await(Ask ask) {
  std::promise<result<T>> got;
  auto answer = got.get_future();
  ask([&got](result<T> what) { got.set_value(std::move(what)); });
  auto what = answer.get();
  if (what.has_error())
    throw std::runtime_error{what.error().detail};
  if constexpr (!std::is_void_v<T>)
    return std::move(*what);
}

/// The body of a run of that graph: `input` and `stream_mode` as in the API.
run_create run_of(const std::string& graph, const std::string& rest = "");

} // namespace heddle::bench
