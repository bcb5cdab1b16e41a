#include "actors/cancel_write.hpp"
#include "actors/house.hpp"
#include "actors/latch.hpp"
#include "actors/scheduler.hpp"
#include "actors/server_impl.hpp"
#include "core/cancel_texts.hpp"
#include "heddle/server.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

// POST /runs/cancel and its single sister: a few ids go to their thread's
// actor; many ids and a status are one mark for all.

namespace heddle {

namespace {

using entry = cancel_receipt::entry;
using outcome = cancel_receipt::outcome;
using done_callback = server::callback<cancel_receipt>;

/// Over this many ids, one mark is cheaper than a message with all of them.
constexpr std::size_t ids_by_message_max = 1000;
constexpr std::chrono::seconds wait_beyond_grace{10};

/// The receipt, or one of the two texts for "nothing to cancel".
result<cancel_receipt> receipt_of(std::vector<entry> entries) {
  cancel_receipt result;
  bool found = false;
  for (const auto& one : entries) {
    found |= one.what != outcome::not_found;
    if (one.what != outcome::not_found && one.what != outcome::finished)
      ++result.matched;
  }
  if (result.matched == 0)
    return found ? core::no_matching_runs() : core::no_runs_found();
  result.truncated = entries.size() > receipt_runs_max;
  if (result.truncated)
    entries.resize(receipt_runs_max);
  result.runs = std::move(entries);
  return result;
}

outcome would_be(run_status status, cancel_action action) {
  if (is_terminal(status))
    return outcome::finished;
  if (status == run_status::running)
    return outcome::stopping;
  return action == cancel_action::rollback ? outcome::rolled_back
                                           : outcome::interrupted;
}

entry entry_of(const thread_id& thread, const run_id& run,
               const std::optional<run_record>& record, cancel_action action) {
  if (!record)
    return {run, thread, std::nullopt, outcome::not_found};
  return {run, thread, record->status, would_be(record->status, action)};
}

/// Each id once, in the order given.
std::vector<run_id> distinct(const std::vector<run_id>& runs) {
  std::vector<run_id> result;
  std::set<run_id> seen;
  for (const auto& run : runs)
    if (seen.insert(run).second)
      result.push_back(run);
  return result;
}

bulk_selector selector_of(const cancel_selector& what) {
  if (const auto* ids = std::get_if<cancel_by_ids>(&what))
    return by_ids{ids->thread, distinct(ids->runs)};
  const auto& status = std::get<cancel_by_status>(what);
  return by_status{status.pending, status.running};
}

/// `first`, with what `then` says of the same runs.
std::vector<entry> merged(std::vector<entry> first,
                          const std::vector<entry>& then) {
  for (auto& one : first)
    for (const auto& later : then)
      if (later.run == one.run)
        one = later;
  return first;
}

/// How a run that was told to stop has ended.
outcome end_of(const std::optional<run_record>& record) {
  if (!record)
    return outcome::rolled_back;
  if (record->status == run_status::interrupted)
    return outcome::interrupted;
  return is_terminal(record->status) ? outcome::finished : outcome::stopping;
}

} // namespace

/// One cancel on its way. Holds what it needs until it is answered.
struct cancel_job : std::enable_shared_from_this<cancel_job> {
  cancel_job(actors::environment& e, actors::house& h, cancel_request r,
             done_callback d)
    : env(e), home(h), what(std::move(r)),
      reason(core::cancel_reason(what.cause, what.action)), done(std::move(d)),
      asked(e.clock.now()) {}

  void go() {
    const auto* ids = std::get_if<cancel_by_ids>(&what.what);
    if (what.dry_run)
      return look(ids);
    if (!ids || ids->runs.size() > ids_by_message_max)
      return mark();
    if (ids->runs.empty())
      return done.deliver(core::no_runs_found());
    tell(*ids);
  }

private:
  /// Acts on nothing.
  void look(const cancel_by_ids* ids) {
    auto self = shared_from_this();
    if (ids) {
      auto runs = distinct(ids->runs);
      return read(
        env.rows,
        [thread = ids->thread, runs, action = what.action](read_tx& tx) {
          std::vector<entry> result;
          for (const auto& run : runs)
            result.push_back(
              entry_of(thread, run, tx.run(thread, run), action));
          return result;
        },
        [self](result<std::vector<entry>> got) {
          self->done.deliver(got.has_error()
                               ? result<cancel_receipt>{got.error()}
                               : receipt_of(std::move(*got)));
        });
    }
    read(
      env.rows,
      [selector = std::get<by_status>(selector_of(what.what))](read_tx& tx) {
        return tx.live_by_status(selector, receipt_runs_max + 1);
      },
      [self](result<live_listing> got) {
        if (got.has_error())
          return self->done.deliver(got.error());
        std::vector<entry> entries;
        for (const auto& [row, status] : got->runs)
          entries.push_back(
            {row.id, row.thread, status, would_be(status, self->what.action)});
        auto answer = receipt_of(std::move(entries));
        if (answer.has_value())
          answer->matched = got->matched;
        self->done.deliver(std::move(answer));
      });
  }

  /// Where an actor lives, it is its to decide. Where none does, nothing of the
  /// thread is in motion, and the rows are asked right away.
  void tell(const cancel_by_ids& ids) {
    auto self = shared_from_this();
    thread = ids.thread;
    actors::cancel_runs msg{
      distinct(ids.runs), what.action, reason, what.after, {}};
    if (home.threads().lives(thread)) {
      ask_actor(std::move(msg), [self](std::vector<entry> entries) {
        self->met(std::move(entries));
      });
      return actors::drain_now(home.system());
    }
    write(
      env.rows, lane::urgent,
      [msg = std::move(msg), thread = thread, now = asked](write_tx& tx) {
        return actors::write_cancel(tx, thread, msg, now);
      },
      [self](result<actors::cancelled_runs> got) {
        self->written(std::move(got));
      });
  }

  void ask_actor(actors::cancel_runs msg,
                 std::function<void(std::vector<entry>)> then) {
    msg.done = actors::reply<std::vector<entry>>{
      [answer = done, then = std::move(then)](result<std::vector<entry>> got) {
        if (got.has_error())
          return answer.deliver(got.error());
        then(std::move(*got));
      }};
    home.threads().tell_urgent(thread, std::move(msg));
  }

  /// The rows have decided. Who follows what is over now, and what executes by
  /// now, is told by way of the thread's actor: it looks at the rows until it
  /// has seen them. To wait for the end, it is asked again.
  void written(result<actors::cancelled_runs> got) {
    if (got.has_error())
      return done.deliver(got.error());
    std::vector<entry> entries;
    std::vector<run_id> stopping;
    bool ended = false;
    bool outbox = false;
    for (const auto& [run, row] : got->outcomes) {
      outbox |= row.outbox;
      entries.push_back(
        {run, thread, row.was, actors::receipt_of(row, what.action)});
      if (actors::is_stopping(row))
        stopping.push_back(run);
      if (row.what == cancel_outcome::kind::ended) {
        ended = true;
        ++env.counters.intents;
      }
    }
    actors::follow_head(env, thread, got->head);
    if (outbox)
      env.on_outbox();
    if (!stopping.empty())
      home.threads().tell(thread, actors::recheck{});
    else if (ended)
      home.threads().tell_live(thread, actors::recheck{});
    if (stopping.empty() || what.after == answer_after::intent)
      return met(std::move(entries));
    auto self = shared_from_this();
    ask_actor(
      {std::move(stopping), what.action, reason, what.after, {}},
      [self, entries = std::move(entries)](const std::vector<entry>& told) {
        self->met(merged(entries, told));
      });
  }

  void met(std::vector<entry> entries) {
    count_accepted();
    done.deliver(receipt_of(std::move(entries)));
  }

  void mark() {
    auto self = shared_from_this();
    write(
      env.rows, lane::urgent,
      [selector = selector_of(what.what), action = what.action, reason = reason,
       now = asked, receipt = what.receipt](write_tx& tx) {
        return tx.mark_runs(selector, action, reason, now, receipt);
      },
      [self](result<bulk_mark> got) { self->marked(std::move(got)); });
  }

  void marked(result<bulk_mark> got) {
    if (got.has_error())
      return done.deliver(got.error());
    if (got->matched == 0)
      return done.deliver(got->found > 0 ? core::no_matching_runs()
                                         : core::no_runs_found());
    count_accepted();
    if (!got->advanced.empty())
      env.dispatchers.tell_all(actors::refill{});
    receipt.matched = got->matched;
    for (const auto& [row, status] : got->receipt)
      receipt.runs.push_back(
        {row.id, row.thread, status, would_be(status, what.action)});
    receipt.truncated = got->matched > receipt.runs.size();
    if (what.after == answer_after::intent) {
      done.deliver(receipt);
      return home.after_mark(nullptr);
    }
    wait_for_all(got->running);
  }

  /// Answers when every run that was told to stop is over and every slice done,
  /// or with 503 when that takes too long: the intents stand.
  void wait_for_all(const std::vector<run_row>& running) {
    auto self = shared_from_this();
    auto timer
      = env.timers.after(env.opts.stop_grace + wait_beyond_grace, [self] {
          self->done.deliver(error{errc::unavailable,
                                   "The runs are marked, but not all of "
                                   "them have stopped yet."});
        });
    auto latch = actors::make_latch([self, timer] {
      self->env.timers.cancel(timer);
      self->tell_ends();
    });
    std::map<thread_id, std::vector<run_id>> by_thread;
    for (const auto& row : running)
      by_thread[row.thread].push_back(row.id);
    for (auto& [thread, runs] : by_thread)
      home.threads().tell(
        thread,
        actors::await_over{std::move(runs),
                           actors::reply<void>{[latch](result<void>) {}}});
    home.after_mark(latch);
  }

  void tell_ends() {
    auto self = shared_from_this();
    read(
      env.rows,
      [entries = receipt.runs](read_tx& tx) {
        auto result = entries;
        for (auto& one : result)
          if (one.what == outcome::stopping)
            one.what = end_of(tx.run(one.thread, one.run));
        return result;
      },
      [self](result<std::vector<entry>> got) {
        if (got.has_error())
          return self->done.deliver(got.error());
        self->receipt.runs = std::move(*got);
        self->done.deliver(self->receipt);
      });
  }

  void count_accepted() {
    env.counters.accepted(what.action, env.clock.now() - asked);
  }

  actors::environment& env;
  actors::house& home;
  cancel_request what;
  std::string reason;
  actors::reply<cancel_receipt> done;
  timestamp asked;
  thread_id thread; ///< By ids.
  cancel_receipt receipt;
};

future<cancel_receipt> server::cancel(cancel_request what,
                                      callback<cancel_receipt> done) {
  future later{done};
  std::make_shared<cancel_job>(impl_->env, impl_->home, std::move(what),
                               std::move(done))
    ->go();
  return later;
}

future<void> server::delete_assistant(const assistant_id& id, bool threads,
                                      callback<void> done) {
  future later{done};
  using deleted = std::optional<std::vector<thread_id>>;
  auto& env = impl_->env;
  write(
    env.rows, lane::normal,
    [id, threads, now = env.clock.now()](write_tx& tx) -> deleted {
      if (!tx.assistant(id))
        return std::nullopt;
      tx.mark_runs(by_assistant{id}, cancel_action::interrupt,
                   core::assistant_deleted_reason(), now);
      std::vector<thread_id> gone;
      if (threads) {
        thread_query query;
        query.metadata = json_text{R"({"assistant_id":")" + id.str() + R"("})"};
        query.limit = 1'000'000;
        for (const auto& thread : tx.search_threads(query)) {
          tx.delete_thread(thread.id, core::thread_deleted_reason(), now);
          gone.push_back(thread.id);
        }
      }
      tx.remove_assistant(id);
      return gone;
    },
    [id, &home = impl_->home, done = std::move(done)](result<deleted> got) {
      if (got.has_error())
        return done(got.error());
      if (!*got)
        return done(error{errc::not_found,
                          "Assistant with ID " + id.str() + " not found"});
      done({});
      home.after_mark(nullptr);
    });
  return later;
}

} // namespace heddle
