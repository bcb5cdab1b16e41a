#pragma once

#include "graph/machine.hpp"

#include <cstdint>
#include <set>
#include <string>

namespace heddle::graph {

/// Gathers a machine's actions in order, numbers what is saved, and knows what
/// has been answered. Events that follow each other are sent together.
class outbox {
public:
  void send(worker::report what);
  void act(action what);
  void event(std::string name, json_text data);

  /// Sends it with a number of its own, and waits for the answer.
  void save(worker::put what);
  void save(worker::writes what);

  std::uint32_t next_number() noexcept { return ++number_; }

  /// @returns false if nothing with that number was saved.
  bool answered(std::uint32_t seq) { return open_.erase(seq) > 0; }
  bool settled() const noexcept { return open_.empty(); }

  void count_event() noexcept { ++events_; }
  std::uint64_t events_sent() const noexcept { return events_; }

  /// Everything since the last time.
  actions take();

private:
  void flush();

  actions actions_;
  worker::events batch_;
  std::set<std::uint32_t> open_;
  std::uint32_t number_ = 0;
  std::uint64_t events_ = 0;
};

} // namespace heddle::graph
