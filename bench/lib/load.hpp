#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::bench {

class child;

/// How long each of many operations took.
struct measured {
  std::vector<float> us; ///< Sorted.
  double seconds = 0;
  double cpu_us = 0; ///< Of the server, per operation.

  /// More of the same.
  void add(const measured& more);

  double per_second() const;
  /// `q` in 0..1.
  double percentile(double q) const;
  double p50() const { return percentile(0.5); }
};

/// What is asked of a server: the same number of connections all the time, each
/// with one request under way, and the next as soon as its answer is there.
struct load {
  std::uint16_t port = 0;
  std::size_t connections = 64;
  /// Appends the next request to the text. False: there are no more.
  std::function<bool(std::string&)> next;
  unsigned status = 204; ///< Anything else ends the benchmark.
  std::function<void(std::string_view body)> answered; ///< May be empty.
};

/// Returns when the last answer is there.
measured run(const load& what, const child& server);

/// `next` of a load: the same request for so long.
std::function<bool(std::string&)> repeat(std::string request,
                                         std::chrono::milliseconds time);

/// One request as text; `path` with its method in front.
std::string request_text(std::string_view path, std::string_view body = {});

/// One request on a connection of its own; throws unless it is a success.
std::string ask(std::uint16_t port, std::string_view path,
                std::string_view body = {});

} // namespace heddle::bench
