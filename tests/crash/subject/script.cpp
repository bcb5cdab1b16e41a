#include "tests/crash/subject/script.hpp"

#include <array>

namespace heddle::crash {

namespace {

constexpr auto interrupt = cancel_action::interrupt;
constexpr auto rollback = cancel_action::rollback;

cancel_action any_action(client& by) {
  return by.chance(50) ? rollback : interrupt;
}

answer_after any_answer(client& by) {
  return by.chance(50) ? answer_after::effect : answer_after::intent;
}

durability any_durability(client& by) {
  return by.chance(50) ? durability::sync : durability::async;
}

run_wish held(client& by) {
  run_wish how;
  how.hold = true;
  how.steps = 1 + static_cast<int>(by.below(3));
  how.durability = any_durability(by);
  how.webhook = by.chance(30);
  how.resumable = by.chance(40);
  return how;
}

/// A thread with something in it, which is remembered.
thread_id old_thread(client& by) {
  auto thread = by.make_thread();
  if (by.chance(70)) {
    run_wish how;
    how.durability = any_durability(by);
    how.fail = by.chance(15);
    how.webhook = by.chance(30);
    by.await_over(*by.make_run(thread, how));
    if (by.chance(40))
      by.update_state(thread);
  }
  by.remember(thread);
  return thread;
}

void cancel_running(client& by) {
  auto thread = old_thread(by);
  auto run = *by.make_run(thread, held(by));
  if (by.chance(80))
    by.await_held(run); // Else it races with its start.
  auto first = any_action(by);
  by.cancel({run}, first, any_answer(by));
  if (first == interrupt && by.chance(40))
    by.cancel({run}, rollback, any_answer(by));
  if (by.chance(50)) {
    by.await_over(run);
    by.remember(thread);
    by.await_over(*by.make_run(thread, {}));
  }
}

void cancel_and_finish(client& by) {
  auto thread = old_thread(by);
  auto run = *by.make_run(thread, {.durability = any_durability(by)});
  by.cancel({run}, any_action(by), any_answer(by));
  by.await_over(run);
}

void cancel_pending(client& by) {
  auto thread = old_thread(by);
  run_wish later{.deferred = true, .webhook = true};
  std::vector<run_id> runs;
  for (auto n = 1 + by.below(4); n > 0; --n)
    runs.push_back(*by.make_run(thread, later));
  by.cancel(runs, any_action(by), any_answer(by));
}

void supersede(client& by) {
  auto thread = old_thread(by);
  auto run = *by.make_run(thread, held(by));
  by.await_held(run);
  constexpr std::array strategies{
    multitask_strategy::reject, multitask_strategy::enqueue,
    multitask_strategy::interrupt, multitask_strategy::rollback};
  auto strategy = strategies.at(by.below(4));
  auto next = by.make_run(thread, {.multitask = strategy});
  if (strategy == multitask_strategy::enqueue && by.chance(50))
    by.cancel({run}, any_action(by), any_answer(by));
  else if (!next || strategy == multitask_strategy::enqueue)
    by.finish(run);
  if (next)
    by.await_over(*next);
}

void cancel_many(client& by) {
  std::vector<thread_id> threads;
  for (int i = 0; i < 3; ++i)
    threads.push_back(old_thread(by));
  by.make_runs(threads, {.deferred = true, .webhook = true});
  by.make_run(std::nullopt, {.deferred = true, .stateless = true});
  bool running = by.chance(60);
  if (running)
    by.await_held(*by.make_run(by.make_thread(), held(by)));
  by.cancel_status({true, true}, any_action(by));
}

void remove(client& by) {
  auto thread = old_thread(by);
  auto how = held(by);
  bool deferred = by.chance(30);
  how.deferred = deferred;
  auto run = *by.make_run(thread, how);
  if (!deferred)
    by.await_held(run);
  if (by.chance(50))
    by.delete_run(run);
  if (by.chance(60))
    by.delete_thread(thread);
}

void remove_finished(client& by) {
  auto thread = by.make_thread();
  auto run = *by.make_run(thread, {.webhook = true});
  by.await_over(run);
  if (by.chance(50))
    by.copy(thread);
  by.delete_run(run);
}

void stream(client& by) {
  auto thread = old_thread(by);
  auto how = held(by);
  how.resumable = true;
  how.hold = by.chance(50);
  how.steps = 4;
  auto run = *by.make_run(thread, how);
  if (how.hold) {
    by.await_held(run);
    by.cancel({run}, interrupt, any_answer(by));
  }
  by.await_over(run);
}

void small_things(client& by) {
  auto thread = old_thread(by);
  by.patch(thread);
  by.make_assistant();
  auto key = "item " + thread.str();
  by.await_over(*by.make_run(thread, {.item = key}));
  by.await_over(*by.make_run(std::nullopt, {.stateless = true}));
}

void queue(client& by) {
  auto thread = old_thread(by);
  auto first = *by.make_run(thread, held(by));
  auto rest = by.make_runs({thread, thread, thread}, {.hold = true});
  by.await_held(first);
  if (by.chance(50))
    by.cancel({rest[1], first, rest[0]}, any_action(by));
  else
    by.cancel({rest[1]}, any_action(by));
}

constexpr std::array scenes{
  cancel_running,    supersede,    cancel_many, cancel_pending, remove, stream,
  cancel_and_finish, small_things, queue,       remove_finished};

} // namespace

void play(client& by) {
  for (int i = 0; i < 3; ++i)
    scenes.at(by.below(scenes.size()))(by);
}

void play_all(client& by) {
  for (auto scene : scenes)
    scene(by);
  // Nothing is left over that the next client would meet.
  by.cancel_status({true, true}, rollback);
  // And something is remembered that no run has touched since.
  auto thread = by.make_thread();
  by.await_over(*by.make_run(thread, {.steps = 3}));
  by.remember(thread);
}

} // namespace heddle::crash
