#pragma once

#include "bench/load_generator/connection.hpp"
#include "bench/load_generator/graphs.hpp"
#include "bench/load_generator/tally.hpp"

#include <random>
#include <string>
#include <vector>

namespace heddle::load {

/// What an operation works on, made before the clock runs.
struct item {
  std::string thread;
  std::string run;
  std::vector<std::string> runs;
};

/// One of the clients of a load: a connection, and another for what it does
/// while that one reads a stream.
class client {
public:
  client(server& to, const settings& how, const graphs& has, tally& into,
         std::uint64_t seed);

  connection main;
  connection aside;
  const settings& how;
  const graphs& has;
  tally& out;
  std::mt19937_64 random;

  /// A fresh id for a thread: ascending, as servers make them.
  std::string uuid();

  /// The operation begins, or `due`: should have begun, at that time.
  void begin(clock::time_point at, bool due = false);
  /// What came before in the operation was to prepare it. Not of one that was
  /// due: whatever made that late counts.
  void begin_now();
  /// The operation is over; what it still does is to check. Without a call of
  /// it the operation lasts until it returns.
  void lap();
  bool has_lapped() const noexcept { return lapped_; }
  /// A part of the operation took so long since `from`.
  void note(const char* part, clock::time_point from);

private:
  clock::time_point begun_;
  bool due_ = false;
  bool lapped_ = false;
};

// Requests of the API with the answers that they must have. Each throws
// `wrong`, `unsupported` or `broken`.

/// Throws unless the answer has one of these statuses.
void expect(const client& c, const answer& got,
            std::initializer_list<unsigned> statuses, std::string_view what);

std::string thread_path(std::string_view thread);
std::string run_path(std::string_view thread, std::string_view run);

/// `POST /threads` with an id.
task<> create_thread(client& c, const std::string& thread);

/// `POST /threads/{}/runs`. @returns its id.
task<std::string> create_run(client& c, const std::string& thread,
                             const std::string& body);

/// The members that keep a run pending for longer than any load lasts; the
/// thread is made with it.
inline constexpr std::string_view deferred
  = R"(,"after_seconds":3600,"if_not_exists":"create")";

/// The status of a run; empty if it is gone.
task<std::string> status_of(client& c, connection& by,
                            const std::string& thread, const std::string& run);

/// Asks until the run has that status (empty: is gone), within the limit for
/// stopping. Throws `wrong` if it gets another one that is final, or does not
/// get there.
task<> await_status(client& c, connection& by, const std::string& thread,
                    const std::string& run, std::string_view wanted);

/// Waits on the client's loop.
task<> rest(client& c, clock::duration time);

} // namespace heddle::load
