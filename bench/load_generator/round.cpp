#include "bench/load_generator/round.hpp"

#include "bench/load_generator/guard.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <ctime>

namespace heddle::load {

namespace {

constexpr std::size_t hopeless_after = 200; // Failures, and nothing else.
constexpr std::size_t checked_max = 200;    // Of what was done.
constexpr std::size_t smallest_stock = 24;

std::chrono::nanoseconds own_cpu() {
  timespec spent{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return std::chrono::seconds{spent.tv_sec}
         + std::chrono::nanoseconds{spent.tv_nsec};
}

} // namespace

scenario_round::scenario_round(asio::io_context& io, server& to,
                               const settings& how, const graphs& has,
                               const scenario& what, std::size_t connections)
  : io_(io), to_(to), how_(how), what_(what) {
  std::random_device seed;
  for (std::size_t i = 0; i < connections; ++i)
    clients_.push_back(std::make_unique<client>(
      to, how, has, out_, (std::uint64_t{seed()} << 32U) | seed()));
}

tally scenario_round::run() {
  prepare();
  if (out_.unsupported.empty())
    measure();
  check();
  return std::move(out_);
}

task<> scenario_round::one(client& c, const step& act) {
  co_await act(c);
  if (--working_ == 0)
    to_.stop();
}

void scenario_round::each_client(const step& act) {
  working_ = clients_.size();
  to_.attend();
  for (auto& each : clients_)
    asio::co_spawn(io_, one(*each, act), asio::detached);
  io_.restart();
  io_.run();
}

void scenario_round::prepare() {
  each_client([this](client& c) { return warm(c); });
  if (what_.prepare == nullptr)
    return;
  until_
    = clock::now() + std::chrono::duration_cast<clock::duration>(2 * how_.time);
  each_client([this](client& c) { return fill(c); });
}

task<> scenario_round::warm(client& c) {
  bool two = what_.together != nullptr || what_.needs_slow;
  co_await guarded(c, [&] { return c.main.warm(); });
  if (two)
    co_await guarded(c, [&] { return c.aside.warm(); });
}

/// A stock for every operation there can be, if there is the time.
task<> scenario_round::fill(client& c) {
  auto wanted = what_.kept > 0 ? what_.kept : how_.count;
  if (how_.rate > 0 && what_.kept == 0)
    wanted = std::min(wanted,
                      static_cast<std::size_t>(how_.rate * how_.time.count()));
  auto in_time
    = [&] { return clock::now() < until_ || stock_.size() < smallest_stock; };
  while (begun_ < wanted && in_time() && !is_hopeless()) {
    ++begun_;
    item made;
    auto well = co_await guarded(c, [&] { return what_.prepare(c, made); });
    if (well)
      stock_.push_back(std::move(made));
  }
}

void scenario_round::measure() {
  begun_ = out_.requests = 0;
  auto cpu = own_cpu();
  auto theirs = to_.process.cpu();
  start_ = clock::now();
  until_ = start_ + std::chrono::duration_cast<clock::duration>(how_.time);
  if (what_.together != nullptr)
    each_client([this](client& c) { return together(c); });
  else if (how_.rate > 0)
    measure_plan();
  else
    each_client([this](client& c) { return closed(c); });
  out_.seconds = seconds{clock::now() - start_}.count();
  auto each = [this](std::chrono::duration<double, std::micro> spent) {
    return spent.count()
           / static_cast<double>(std::max<std::uint64_t>(out_.requests, 1));
  };
  out_.own_cpu_us = each(own_cpu() - cpu);
  out_.server_cpu_us = each(to_.process.cpu() - theirs);
}

void scenario_round::measure_plan() {
  planned_ = std::min(how_.count,
                      static_cast<std::size_t>(how_.rate * how_.time.count()));
  if (what_.prepare != nullptr && what_.kept == 0)
    planned_ = std::min(planned_, stock_.size());
  each_client([this](client& c) { return open(c); });
}

bool scenario_round::is_hopeless() const {
  return !out_.unsupported.empty()
         || (out_.failed >= hopeless_after && out_.failed > out_.done);
}

bool scenario_round::is_over() const {
  return is_hopeless() || begun_ >= how_.count || clock::now() >= until_;
}

bool scenario_round::next_item(item& into) {
  if (what_.prepare == nullptr)
    return true;
  if (stock_.empty())
    return false;
  if (what_.kept > 0) {
    into = stock_[turn_++ % stock_.size()];
  } else {
    into = std::move(stock_.front());
    stock_.pop_front();
  }
  return true;
}

task<> scenario_round::operate(client& c, clock::time_point at, bool due) {
  item what;
  if (!next_item(what))
    co_return;
  c.begin(at, due);
  auto well = co_await guarded(c, [&] { return what_.act(c, what); });
  if (!well)
    co_return;
  c.lap();
  ++out_.done;
  if (what_.check != nullptr)
    done_.push_back(std::move(what));
}

task<> scenario_round::closed(client& c) {
  while (!is_over() && (what_.prepare == nullptr || !stock_.empty())) {
    ++begun_;
    co_await operate(c, clock::now(), false);
  }
}

/// Takes the next one of the plan when it is due. All clients share the plan,
/// so a request waits only while all of them are taken: and that counts.
task<> scenario_round::open(client& c) {
  // Behind by the whole length of the round again: the rest is not asked.
  auto give_up = until_
                 + std::chrono::duration_cast<clock::duration>(
                   std::max(how_.time, how_.timeout));
  while (begun_ < planned_ && !is_hopeless()) {
    auto due = start_
               + std::chrono::duration_cast<clock::duration>(
                 seconds{static_cast<double>(begun_++) / how_.rate});
    if (clock::now() > give_up) {
      ++out_.unserved;
      continue;
    }
    if (due > clock::now())
      co_await rest(c, due - clock::now());
    co_await operate(c, due, true);
  }
}

/// The first client leads; the others act when it says so.
task<> scenario_round::together(client& c) {
  if (&c != clients_.front().get())
    co_return;
  crowd all{clients_, out_};
  do {
    begun_ += clients_.size();
    co_await guarded(c, [&] { return what_.together(all); });
  } while (!is_over());
}

void scenario_round::check() {
  turn_ = 0;
  until_ = clock::now()
           + std::chrono::duration_cast<clock::duration>(2 * how_.timeout);
  if (what_.check != nullptr && out_.unsupported.empty())
    each_client([this](client& c) { return look_at(c); });
  if (what_.clear != nullptr)
    each_client([this](client& c) { return clear(c); });
}

task<> scenario_round::look_at(client& c) {
  auto step = std::max<std::size_t>(1, done_.size() / checked_max);
  while (turn_ < done_.size() && clock::now() < until_) {
    auto& what = done_[turn_];
    turn_ += step;
    co_await guarded(c, [&] { return what_.check(c, what); });
  }
}

task<> scenario_round::clear(client& c) {
  while (!stock_.empty() && clock::now() < until_ && !is_hopeless()) {
    auto what = std::move(stock_.front());
    stock_.pop_front();
    co_await guarded(c, [&] { return what_.clear(c, what); });
  }
}

} // namespace heddle::load
