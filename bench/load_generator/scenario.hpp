#pragma once

#include "bench/load_generator/client.hpp"

#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace heddle::load {

/// All clients of a round, for what they do together.
struct crowd {
  std::vector<std::unique_ptr<client>>& clients;
  tally& out;

  client& first() { return *clients.front(); }
};

/// One kind of load. Either each client acts by itself, again and again, or all
/// of them act together.
struct scenario {
  std::string_view name;
  std::string_view words; ///< What one operation is.
  bool open_loop = false; ///< Can be asked for at a rate.
  bool needs_trivial = false;
  bool needs_slow = false;
  bool needs_tokens = false;
  /// Makes what it works on while the clock runs: has no throughput.
  bool makes_its_own = false;
  std::string_view unit = {}; ///< Of `tally::units`, if it counts those.

  /// Makes an item before the clock runs. Without it there are no items.
  task<> (*prepare)(client&, item&) = nullptr;
  /// So many items, used again and again; 0: one for each operation.
  std::size_t kept = 0;
  task<> (*act)(client&, item&) = nullptr;
  /// Of some operations, after the clock has stopped.
  task<> (*check)(client&, item&) = nullptr;
  /// Of the items that nothing was done with, and of kept ones.
  task<> (*clear)(client&, item&) = nullptr;

  /// Once around for all clients.
  task<> (*together)(crowd&) = nullptr;
};

std::span<const scenario> all_scenarios();

// Those of each file.
std::span<const scenario> simple_scenarios();
std::span<const scenario> run_scenarios();
std::span<const scenario> cancel_scenarios();
std::span<const scenario> bulk_scenarios();
std::span<const scenario> crowd_scenarios();

/// Cancels a run that is left over; nobody cares how that ends.
task<> leave(client& c, item& what);

/// Starts a run of the slow graph with a stream, on `c.main`, and waits until
/// it executes. @returns its id.
task<std::string> start_slow(client& c, const std::string& thread);

/// Reads the rest of the stream on `c.main`.
task<> read_to_end(client& c);

} // namespace heddle::load
