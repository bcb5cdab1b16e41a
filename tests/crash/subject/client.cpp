#include "tests/crash/subject/client.hpp"

#include <utility>

namespace heddle::crash {

using nlohmann::json;

namespace {

std::vector<std::string> texts(const std::vector<run_id>& runs) {
  std::vector<std::string> result;
  for (const auto& run : runs)
    result.push_back(run.str());
  return result;
}

/// Keeps in the ledger what it was shown with an id. The run is told by the
/// first event that has been shown.
class noting_reader final : public run_reader {
public:
  noting_reader(ledger& book, std::uint64_t op) : book_(book), op_(op) {}

  void push(std::span<const event_ptr> events) override {
    for (const auto& one : events)
      if (!one->id.empty())
        book_.add({{"t", "event"},
                   {"op", op_},
                   {"id", one->id},
                   {"name", one->name},
                   {"data", one->data.str()}});
  }
  void end(stream_end) override {}

private:
  ledger& book_;
  std::uint64_t op_;
};

/// Only waits for the end.
class end_reader final : public run_reader {
public:
  void push(std::span<const event_ptr>) override {}
  void end(stream_end) override { over_.set_value(); }
  bool wait() {
    return over_.get_future().wait_for(patience) == std::future_status::ready;
  }

private:
  std::promise<void> over_;
};

[[noreturn]] void unexpected(const char* what, const error& why) {
  std::fprintf(stderr, "refused: %s: %s\n", what, why.detail.c_str());
  std::_Exit(6);
}

} // namespace

thread_id client::make_thread() {
  uuid_bytes bytes;
  for (auto& byte : bytes)
    byte = static_cast<std::uint8_t>(dice_());
  thread_create what;
  what.id = thread_id{bytes};
  auto id = what.id->str();
  book_.add({{"t", "thread?"}, {"id", id}});
  if (how_ == defect::hasty)
    book_.add({{"t", "thread!"}, {"id", id}});
  auto made = await<thread_record>("create_thread", [&](auto done) {
    home_.api().create_thread(what, std::move(done));
  });
  if (made.has_error())
    unexpected("create_thread", made.error());
  book_.add({{"t", "thread!"}, {"id", id}});
  return *what.id;
}

json client::describe(std::uint64_t op, const std::optional<thread_id>& thread,
                      const run_wish& how) {
  return {{"t", "run?"},
          {"op", op},
          {"thread", thread ? thread->str() : ""},
          {"hold", how.hold},
          {"fail", how.fail},
          {"deferred", how.deferred},
          {"stateless", how.stateless},
          {"webhook", how.webhook},
          {"action", how.multitask == multitask_strategy::rollback ? 2 : 1},
          {"cancels", texts(superseded(thread, how))}};
}

/// The runs that a new one will cancel.
std::vector<run_id> client::superseded(const std::optional<thread_id>& thread,
                                       const run_wish& how) {
  std::vector<run_id> result;
  if (thread
      && (how.multitask == multitask_strategy::interrupt
          || how.multitask == multitask_strategy::rollback))
    for (const auto& [id, run] : runs_)
      if (!run.over && run.thread == *thread)
        result.push_back(id);
  return result;
}

namespace {

run_create to_request(const run_wish& how, std::uint64_t op) {
  run_create what;
  what.assistant = "graph";
  json plan{{"steps", how.steps}, {"hold", how.hold}, {"fail", how.fail}};
  if (!how.item.empty())
    plan["item"] = how.item;
  what.input = json_text{plan.dump()};
  what.multitask = how.multitask;
  what.durability = how.durability;
  what.resumable = how.resumable;
  if (how.deferred)
    what.after = std::chrono::hours{1};
  if (how.webhook)
    what.webhook = "http://127.0.0.1:9/" + std::to_string(op);
  return what;
}

} // namespace

std::optional<run_id> client::make_run(const std::optional<thread_id>& thread,
                                       run_wish how) {
  auto op = ++ops_;
  auto old = superseded(thread, how);
  book_.add(describe(op, thread, how));
  auto reader
    = how.resumable ? std::make_shared<noting_reader>(book_, op) : nullptr;
  auto made = await<server::created_run>("create_run", [&](auto done) {
    home_.api().create_run(thread, to_request(how, op), reader, {},
                           std::move(done));
  });
  if (made.has_error()) {
    if (made.error().code != errc::conflict)
      unexpected("create_run", made.error());
    book_.add({{"t", "run-"}, {"op", op}});
    return std::nullopt;
  }
  const auto& run = made->run;
  book_.add({{"t", "run!"},
             {"op", op},
             {"id", run.id.str()},
             {"thread", run.thread.str()}});
  runs_[run.id] = {run.id, run.thread};
  forget(old);
  return run.id;
}

std::vector<run_id> client::make_runs(const std::vector<thread_id>& threads,
                                      const run_wish& how) {
  using slot = std::promise<result<server::created_run>>;
  std::vector<std::pair<std::uint64_t, std::shared_ptr<slot>>> asked;
  for (const auto& thread : threads) {
    auto op = ++ops_;
    book_.add(describe(op, thread, how));
    auto to = std::make_shared<slot>();
    asked.emplace_back(op, to);
    home_.api().create_run(
      thread, to_request(how, op), nullptr, {},
      [to](result<server::created_run> got) { to->set_value(std::move(got)); });
  }
  std::vector<run_id> result;
  for (auto& [op, to] : asked) {
    auto got = to->get_future().get();
    if (got.has_error())
      unexpected("create_run", got.error());
    const auto& run = got->run;
    book_.add({{"t", "run!"},
               {"op", op},
               {"id", run.id.str()},
               {"thread", run.thread.str()}});
    runs_[run.id] = {run.id, run.thread};
    result.push_back(run.id);
  }
  return result;
}

void client::await_held(const run_id& run) {
  if (!home_.workers().await_held(run)) {
    std::fprintf(stderr, "the run never holds: %s\n", run.str().c_str());
    std::_Exit(6);
  }
}

void client::await_over(const run_id& run) {
  auto& made = runs_.at(run);
  auto reader = std::make_shared<end_reader>();
  follow_options how;
  how.wait = true;
  await<follower>("follow_run", [&](auto done) {
    home_.api().follow_run(made.thread, run, reader, how, std::move(done));
  });
  if (!reader->wait()) {
    std::fprintf(stderr, "the run never ends: %s\n", run.str().c_str());
    std::_Exit(6);
  }
  auto got = await<run_record>("get_run", [&](auto done) {
    home_.api().get_run(made.thread, run, std::move(done));
  });
  made.over = true;
  made.stopping = false;
  if (got.has_value())
    book_.add({{"t", "seen"},
               {"run", run.str()},
               {"status", std::string{to_string(got->status)}}});
}

void client::finish(const run_id& run) {
  book_.add({{"t", "finish"}, {"run", run.str()}});
  home_.workers().let_go(run);
  await_over(run);
}

void client::forget(const std::vector<run_id>& runs) {
  for (const auto& run : runs)
    runs_.at(run).over = runs_.at(run).stopping = true;
}

std::vector<run_id> client::those(bool over, bool stopping) const {
  std::vector<run_id> result;
  for (const auto& [id, run] : runs_)
    if (run.over == over && run.stopping == stopping)
      result.push_back(id);
  return result;
}

/// Notes which runs an answered cancel holds for: those the receipt says, or,
/// without one, all of them. The caller knows that none of them can end
/// otherwise, unless it asked for one alone.
void client::hit(std::uint64_t op, const std::vector<run_id>& runs, bool all,
                 const result<cancel_receipt>& got) {
  if (got.has_error()) {
    if (got.error().code != errc::not_found)
      unexpected("cancel", got.error());
    return book_.add({{"t", "cancel-"}, {"op", op}});
  }
  std::vector<std::string> held;
  if (all)
    held = texts(runs);
  for (const auto& one : got->runs)
    if (!all && one.what != cancel_receipt::outcome::finished
        && one.what != cancel_receipt::outcome::not_found)
      held.push_back(one.run.str());
  book_.add({{"t", "cancel!"}, {"op", op}, {"runs", held}});
}

void client::cancel(const std::vector<run_id>& runs, cancel_action action,
                    answer_after after) {
  auto op = ++ops_;
  book_.add({{"t", "cancel?"},
             {"op", op},
             {"runs", texts(runs)},
             {"action", static_cast<int>(action)}});
  if (how_ == defect::hasty)
    book_.add({{"t", "cancel!"}, {"op", op}, {"runs", texts(runs)}});
  bool receipt = runs.size() > 1 && chance(50);
  auto got = await<cancel_receipt>("cancel", [&](auto done) {
    home_.api().cancel({cancel_by_ids{runs_.at(runs.front()).thread, runs},
                        action,
                        after,
                        {},
                        receipt,
                        false},
                       std::move(done));
  });
  hit(op, runs, !receipt, got);
  if (got.has_value())
    forget(runs);
}

void client::cancel_status(cancel_by_status which, cancel_action action) {
  auto op = ++ops_;
  auto live = those(false, false);
  // Of those that stop already nobody can say whether this one comes too late.
  book_.add({{"t", "cancel?"},
             {"op", op},
             {"runs", texts(live)},
             {"maybe", texts(those(true, true))},
             {"action", static_cast<int>(action)}});
  bool receipt = chance(50);
  auto got = await<cancel_receipt>("cancel by status", [&](auto done) {
    home_.api().cancel({which,
                        action,
                        answer_after::intent,
                        {cancel_cause::kind::bulk_route, false},
                        receipt,
                        false},
                       std::move(done));
  });
  hit(op, live, !receipt, got);
  forget(live);
}

void client::delete_run(const run_id& run) {
  book_.add({{"t", "rundel?"}, {"run", run.str()}});
  remembered_.erase(runs_.at(run).thread);
  auto got = await<void>("delete_run", [&](auto done) {
    home_.api().delete_run(runs_.at(run).thread, run, std::move(done));
  });
  if (got.has_error())
    unexpected("delete_run", got.error());
  book_.add({{"t", "rundel!"}, {"run", run.str()}});
  runs_.at(run).over = true;
}

void client::delete_thread(const thread_id& thread) {
  book_.add({{"t", "threaddel?"}, {"id", thread.str()}});
  auto got = await<void>("delete_thread", [&](auto done) {
    home_.api().delete_thread(thread, std::move(done));
  });
  if (got.has_error())
    unexpected("delete_thread", got.error());
  book_.add({{"t", "threaddel!"}, {"id", thread.str()}});
  for (auto& [id, run] : runs_)
    if (run.thread == thread)
      run.over = true;
}

void client::update_state(const thread_id& thread) {
  book_.add({{"t", "update?"}, {"thread", thread.str()}});
  remembered_.erase(thread);
  state_update what;
  what.values = json_text{R"({"ch":"updated"})"};
  auto got = await<json_text>("update_state", [&](auto done) {
    home_.api().update_state(thread, what, std::move(done));
  });
  if (got.has_error())
    unexpected("update_state", got.error());
  auto id = json::parse(got->view()).at("checkpoint").at("checkpoint_id");
  book_.add({{"t", "update!"}, {"thread", thread.str()}, {"id", id}});
}

void client::patch(const thread_id& thread) {
  auto key = "k" + std::to_string(++ops_);
  thread_patch what{json_text{json{{key, true}}.dump()}};
  auto got = await<thread_record>("patch_thread", [&](auto done) {
    home_.api().patch_thread(thread, what, std::move(done));
  });
  if (got.has_error())
    unexpected("patch_thread", got.error());
  book_.add({{"t", "patch!"}, {"thread", thread.str()}, {"key", key}});
}

void client::copy(const thread_id& thread) {
  auto got = await<thread_record>("copy_thread", [&](auto done) {
    home_.api().copy_thread(thread, std::move(done));
  });
  if (got.has_error())
    unexpected("copy_thread", got.error());
  book_.add({{"t", "thread!"}, {"id", got->id.str()}});
}

void client::make_assistant() {
  assistant_create what;
  what.graph = "graph";
  auto got = await<assistant_record>("create_assistant", [&](auto done) {
    home_.api().create_assistant(what, std::move(done));
  });
  if (got.has_error())
    unexpected("create_assistant", got.error());
  book_.add({{"t", "assistant!"}, {"id", got->id.str()}});
}

void client::remember(const thread_id& thread) {
  auto shot = take_picture(home_.api(), rows_, thread);
  auto& before = remembered_[thread];
  if (before.runs == shot.runs && !before.text.empty()
      && before.text != shot.text) {
    std::fprintf(stderr, "a rollback does not lead back to\n%s--- but to\n%s",
                 before.text.c_str(), shot.text.c_str());
    std::_Exit(6);
  }
  before = shot;
  book_.add({{"t", "picture"},
             {"thread", thread.str()},
             {"runs", shot.runs},
             {"text", shot.text}});
}

} // namespace heddle::crash
