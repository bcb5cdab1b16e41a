#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::load {

using seconds = std::chrono::duration<double>;

/// A server: `http://host[:port][/prefix]`.
struct target {
  std::string url; ///< As it was given.
  std::string host;
  std::uint16_t port = 80;
  std::string prefix; ///< In front of every path; no slash at its end.
};

/// Throws `std::invalid_argument` with a line for the user.
target parse_url(std::string_view url);

/// Whether the host is this machine: 127.0.0.0/8, ::1 or localhost.
bool is_loopback(std::string_view host);

/// What the command line asks for.
struct settings {
  std::vector<target> targets;
  std::vector<std::string> scenarios; ///< Empty: all.
  std::vector<std::size_t> connections{64};
  double rate = 0; ///< Operations per second; 0: a closed loop.
  seconds time{2};
  std::size_t count = 20'000; ///< Operations of a round at most.
  std::size_t rounds = 5;
  seconds timeout{10};       ///< Of one answer, or of silence in a stream.
  seconds stop_limit{10};    ///< From a cancel to the end of its run.
  std::size_t tokens = 1000; ///< Events of one run that streams.
  std::size_t bulk = 100;    ///< Runs of one bulk cancel by ids.
  std::size_t fill = 0;      ///< Threads that there must be; then it ends.
  seconds fill_time{600};
  std::vector<std::string> headers; ///< `name: value`, sent with everything.
  std::map<std::string, std::string> graphs; ///< Role to graph, as asked for.
  bool allow_remote = false;
  bool smoke = false;
  bool bare = true; ///< Whether to measure the bare server as well.
  bool list = false;
};

/// Ends the process if it does not understand, or with `--help`.
settings read_settings(int argc, char** argv);

} // namespace heddle::load
