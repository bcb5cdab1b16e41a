#include "worker/native/execution.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace heddle::worker::native {

namespace {

/// What an event spends of the credit: about what its frame would.
std::size_t cost_of(const worker::event& what) {
  constexpr std::size_t head = 12;
  return what.name.size() + what.data.view().size() + head;
}

end broken(std::string why) {
  return {end_outcome::error, "InternalError", std::move(why), 0};
}

} // namespace

execution::execution(std::shared_ptr<const workshop> shop,
                     std::shared_ptr<report_box> box, run_no no,
                     std::size_t credit, std::function<void()> over)
  : shop_(std::move(shop)), box_(std::move(box)), mark_{no},
    over_(std::move(over)), credit_(static_cast<std::int64_t>(credit)) {
  // nop
}

void execution::begin(std::unique_ptr<graph::machine> machine) {
  machine_ = std::move(machine);
  tell([](graph::machine& which) { return which.start(); });
}

// -- events -------------------------------------------------------------------

void execution::tell(event what) {
  {
    std::lock_guard guard{mutex_};
    inbox_.push_back(std::move(what));
    if (std::exchange(draining_, true))
      return;
  }
  schedule();
}

void execution::schedule() {
  shop_->threads->follow_up(pool::kind::step, this,
                            [self = shared_from_this()] { self->drain(); });
}

/// Everything that is there, in order; what comes meanwhile too.
void execution::drain() {
  std::vector<event> todo;
  for (;;) {
    {
      std::lock_guard guard{mutex_};
      if (inbox_.empty()) {
        draining_ = false;
        return;
      }
      todo.swap(inbox_);
    }
    for (const auto& one : todo)
      if (step(one))
        if (auto over = std::exchange(over_, nullptr))
          over();
    todo.clear();
  }
}

bool execution::step(const event& what) {
  graph::actions todo;
  std::unique_ptr<graph::machine> spent; // Goes without the lock.
  {
    std::lock_guard guard{machine_mutex_};
    if (!machine_)
      return false;
    try {
      todo = what(*machine_);
    } catch (const std::exception& why) {
      // A reducer that throws what it may not, say.
      box_->add(mark_, broken(why.what()));
      return true;
    }
    report_all(todo);
    if (machine_->clean())
      spent = std::move(machine_);
  }
  for (auto& one : todo)
    perform(one);
  return spent != nullptr;
}

/// With the machine's lock, so that they stand before what its nodes emit next.
void execution::report_all(graph::actions& todo) {
  for (auto& one : todo) {
    auto* sent = std::get_if<graph::send_report>(&one);
    if (!sent)
      continue;
    if (auto* some = std::get_if<events>(&sent->what)) {
      some->cost = 0;
      for (const auto& item : some->items)
        some->cost += cost_of(item);
      spend(some->cost);
    }
    box_->add(mark_, std::move(sent->what));
  }
}

void execution::perform(graph::action& what) {
  if (auto* start = std::get_if<graph::run_node>(&what))
    return run(std::move(start->node));
  if (auto* stop = std::get_if<graph::stop_node>(&what))
    return stop->node->cancel();
  if (auto* answered = std::get_if<graph::answer_node>(&what))
    answered->done(std::move(answered->value));
}

/// Without credit the next node waits for it, as an emit would.
void execution::run(std::shared_ptr<graph::node_run> node) {
  auto begin = [self = shared_from_this(), node = std::move(node)]() mutable {
    self->shop_->threads->follow_up(
      pool::kind::node, self.get(),
      [self, node = std::move(node)] { node->run(self); });
  };
  when_room(std::move(begin));
}

// -- the end ------------------------------------------------------------------

void execution::cancel(worker::cancel what) {
  std::vector<std::function<void()>> waiting;
  {
    std::lock_guard guard{mutex_};
    stopping_ = true;
    waiting.swap(waiting_for_room_);
  }
  room_.notify_all();
  tell([what](graph::machine& which) { return which.cancel(what); });
  for (auto& go_on : waiting)
    go_on();
}

std::size_t execution::abandon() {
  box_->fence(mark_, true);
  auto kept = shop_->threads->give_up(this);
  shut();
  return kept;
}

/// The nodes are told to stop by way of the machine, whose word counts no more.
void execution::shut() {
  box_->fence(mark_, false);
  cancel({});
}

// -- graph::host --------------------------------------------------------------

void execution::post(std::function<void()> go_on) {
  bool stopping = false;
  {
    std::lock_guard guard{mutex_};
    stopping = stopping_;
  }
  // A cancelled node must get to its end although every thread is taken.
  shop_->threads->post(
    stopping ? pool::kind::step : pool::kind::node, this,
    [self = shared_from_this(), go_on = std::move(go_on)] { go_on(); });
}

graph::host::timer execution::after(std::chrono::nanoseconds delay,
                                    std::function<void()> fire) {
  auto wait = std::chrono::ceil<std::chrono::milliseconds>(delay);
  return shop_->way->after(
    wait, [self = shared_from_this(), fire = std::move(fire)] { fire(); });
}

void execution::forget(timer which) {
  shop_->way->forget(which);
}

void execution::emit(worker::event what, bool may_block) {
  if (may_block && !wait_for_credit())
    return;
  auto cost = cost_of(what);
  std::lock_guard guard{machine_mutex_};
  if (!machine_ || !machine_->emits())
    return;
  if (box_->add_event(mark_, std::move(what), cost))
    spend(cost);
}

void execution::ask_store(json_text ops, graph::store_reply done) {
  tell([ops = std::move(ops), done = std::move(done)](graph::machine& which) {
    return which.store_asked(ops, done);
  });
}

void execution::finished(graph::task_no which, graph::outcome what) {
  auto kept = std::make_shared<graph::outcome>(std::move(what));
  tell([which, kept](graph::machine& machine) {
    return machine.finished(which, std::move(*kept));
  });
}

// -- credit -------------------------------------------------------------------

void execution::spend(std::size_t bytes) {
  std::lock_guard guard{mutex_};
  credit_ -= static_cast<std::int64_t>(bytes);
}

void execution::credit(std::size_t bytes) {
  std::vector<std::function<void()>> waiting;
  {
    std::lock_guard guard{mutex_};
    bool had = credit_ > 0;
    credit_ += static_cast<std::int64_t>(bytes);
    if (had || credit_ <= 0)
      return;
    waiting.swap(waiting_for_room_);
  }
  room_.notify_all();
  for (auto& go_on : waiting)
    go_on();
}

bool execution::wait_for_credit() {
  std::unique_lock lock{mutex_};
  room_.wait(lock, [this] { return credit_ > 0 || stopping_; });
  return !stopping_;
}

void execution::when_room(std::function<void()> go_on) {
  {
    std::lock_guard guard{mutex_};
    if (credit_ <= 0 && !stopping_) {
      waiting_for_room_.push_back(std::move(go_on));
      return;
    }
  }
  go_on();
}

} // namespace heddle::worker::native
