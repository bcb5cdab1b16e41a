#pragma once

#include "bench/load_generator/scenario.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace heddle::load {

/// One round of a scenario on one server: items are made, the clock runs, and
/// what was done is checked. A closed loop, or an open one if there is a rate:
/// then an operation begins at its time in the plan, whatever became of the
/// ones before it, and waits count from that time on even while all connections
/// are taken. (That is what keeps a server that stalls from hiding it.)
class scenario_round {
public:
  scenario_round(asio::io_context& io, server& to, const settings& how,
                 const graphs& has, const scenario& what,
                 std::size_t connections);

  /// Returns when all of it is over: within a time that the settings bound.
  tally run();

private:
  using step = std::function<task<>(client&)>;

  void prepare();
  void measure();
  void measure_plan();
  void check();
  /// Lets every client do `act`, and returns when all have.
  void each_client(const step& act);
  task<> one(client& c, const step& act);

  task<> warm(client& c);
  task<> fill(client& c);
  task<> closed(client& c);
  task<> open(client& c);
  task<> together(client& c);
  task<> operate(client& c, clock::time_point at, bool due);
  task<> look_at(client& c);
  task<> clear(client& c);

  bool next_item(item& into);
  bool is_over() const;
  bool is_hopeless() const;

  asio::io_context& io_;
  server& to_;
  const settings& how_;
  const scenario& what_;
  std::vector<std::unique_ptr<client>> clients_;
  tally out_;
  std::deque<item> stock_;
  std::vector<item> done_;
  std::size_t begun_ = 0;
  std::size_t planned_ = 0; ///< In an open loop.
  std::size_t turn_ = 0;    ///< Of the items that are kept.
  std::size_t working_ = 0;
  clock::time_point start_;
  clock::time_point until_;
};

} // namespace heddle::load
