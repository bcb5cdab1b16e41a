#pragma once

#include "tests/house/store_gate.hpp"

#include "store/sqlite_db.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <stdexcept>
#include <utility>

namespace heddle::test {

/// What goes wrong between a server and its store, and who asks for what.
/// Survives the server, as the simulation does.
struct gate_faults {
  std::function<bool()> full;  ///< This one meets a full queue.
  std::function<bool()> fails; ///< This write fails when it is committed.
  std::function<bool()> late;  ///< Its answer comes some time after its commit.
  std::uint64_t tag = 0;       ///< Of the next write; see `ghost_line`.
  /// Answers that are late, and all that came after: in the order of commits.
  std::deque<std::function<void()>> waiting;

  /// Gives the answer that waits longest. False if none does.
  bool release() {
    if (waiting.empty())
      return false;
    auto answer = std::move(waiting.front());
    waiting.pop_front();
    answer();
    return true;
  }

  /// From now on nothing goes wrong.
  void end() { full = fails = late = nullptr; }
};

/// What a simulated disk says.
struct simulated_failure : std::runtime_error {
  simulated_failure() : std::runtime_error{"simulated"} {}
};

/// The gate of the simulator: it writes into the ghost log where each write
/// begins, and lets go wrong what `gate_faults` says.
class sim_gate : public store_gate {
public:
  sim_gate(stepped_store& rows, gate_faults& faults)
    : store_gate(rows), faults_(faults) {}

  void write(lane where, std::function<void(write_tx&)> op,
             std::function<void(result<commit_number>)> done) override {
    auto tag = std::exchange(faults_.tag, 0);
    if (shut_ || is_full(done))
      return;
    bool fails = faults_.fails && faults_.fails();
    rows_.write(
      where,
      [this, tag, fails, op = std::move(op)](write_tx& tx) {
        begin(rows_.database(), tag);
        op(tx);
        if (fails)
          throw simulated_failure{};
      },
      [this, done = std::move(done)](result<commit_number> at) {
        answer([done, at = std::move(at)] { done(at); });
      });
  }

  void read(std::function<void(result<read_tx*>)> job) override {
    if (shut_ || is_full(job))
      return;
    rows_.read(std::move(job));
  }

  void stop() override {
    store_gate::stop();
    faults_.waiting.clear();
  }

  /// To be called in a write that did not come through a gate.
  static void begin(sqlite::connection& db, std::uint64_t tag) {
    db.run("INSERT INTO ghost(what,n) VALUES(10,?)", tag);
  }

private:
  template <class Done>
  bool is_full(const Done& done) {
    if (!faults_.full || !faults_.full())
      return false;
    done(error{errc::unavailable, "The queue is full."});
    return true;
  }

  void answer(std::function<void()> how) {
    if (faults_.waiting.empty() && !(faults_.late && faults_.late()))
      return how();
    faults_.waiting.push_back(std::move(how));
  }

  gate_faults& faults_;
};

using sim_gate_maker
  = std::function<std::unique_ptr<sim_gate>(stepped_store&, gate_faults&)>;

} // namespace heddle::test
