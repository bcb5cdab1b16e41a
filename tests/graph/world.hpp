#pragma once

#include "graph/machine.hpp"
#include "tests/graph/local_host.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace heddle::graph::test {

/// Ids and times that repeat.
class fixed_randomness final : public randomness {
public:
  std::uint64_t bits() override {
    // SplitMix64.
    auto z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  timestamp now() override { return from_micros(time_ += 1000); }

private:
  std::uint64_t state_ = 1;
  std::int64_t time_ = 1'790'000'000'000'000;
};

/// What one run or ask told.
struct told_log {
  std::vector<std::string> kinds;  ///< Of its reports, in order.
  std::vector<std::string> events; ///< `name data`.
  std::vector<worker::put> puts;
  std::vector<worker::writes> writes;
  std::vector<worker::view> views;
  std::optional<worker::latest_state> state;
  std::optional<worker::end> end;
  std::optional<worker::answer> answer;
  bool clean = false;

  std::vector<std::string> named(const std::string& name) const;
};

/// A server that keeps checkpoints as docs/worker-protocol.md says, and an
/// executor on the test's thread.
class world {
public:
  /// A run's order; `kwargs` as the API shows them.
  worker::start order(std::string kwargs) const;

  /// A run from its start to its `clean`.
  told_log run(const compiled& graph, std::string kwargs);
  told_log run(const compiled& graph, worker::start what);
  told_log ask(const compiled& graph, std::string kind,
               std::string args = "{}");

  // Step by step.
  void begin(std::unique_ptr<machine> what);
  void perform(actions what);
  /// Runs nodes until nothing is left to do but wait.
  void turn();

  std::optional<worker::tuple> stored(const std::optional<std::string>& id
                                      = {}) const;
  /// The values of the newest checkpoint, as its view shows them.
  std::string values() const;

  std::shared_ptr<fixed_randomness> chance
    = std::make_shared<fixed_randomness>();
  std::shared_ptr<local_host> host = std::make_shared<local_host>();
  std::unique_ptr<machine> current;
  told_log told;

  /// After so many saves the executor is gone: nothing more is heard of it.
  std::optional<std::size_t> cut_after;
  std::size_t saves = 0;
  bool cut = false;
  bool time_passes = true; ///< Whether `turn` lets timers fire.
  bool hold_saves = false; ///< Puts and writes are not answered.
  std::vector<std::uint32_t> held;
  std::map<std::string, std::string> items;

private:
  void hear(worker::report what);
  void keep(const worker::put& what);
  void keep(const worker::writes& what);
  void saved(std::uint32_t seq);
  std::string answer_store(const std::string& ops);

  struct row {
    worker::put put;
    std::map<std::pair<std::string, std::int32_t>, worker::tuple::write> writes;
  };
  std::map<std::string, row> rows_;
  std::map<std::string,
           std::map<std::pair<std::string, std::int32_t>, worker::tuple::write>>
    writes_;
  std::map<std::pair<std::string, std::string>, worker::put::value> values_;
  std::map<std::string, worker::view> views_;
  std::vector<std::shared_ptr<node_run>> to_run_;
  std::deque<action> todo_; ///< A batch is done before the next begins.
  bool performing_ = false;
  std::uint32_t runs_ = 0;
};

} // namespace heddle::graph::test
