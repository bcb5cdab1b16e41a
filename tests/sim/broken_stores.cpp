#include "tests/sim/broken_stores.hpp"

#include "store/sqlite_tx.hpp"

#include <utility>

namespace heddle::test {

namespace {

using sqlite::connection;
using sqlite::sqlite_tx;

/// Answers cancels with what they will do, and commits them later. The order
/// "signal first, write later" that Heddle exists to avoid.
class hasty final : public sim_gate {
public:
  using sim_gate::sim_gate;

  void write(lane where, std::function<void(write_tx&)> op,
             std::function<void(result<commit_number>)> done) override {
    if (where == lane::normal || shut_)
      return sim_gate::write(where, std::move(op), std::move(done));
    auto& db = rows_.database();
    sqlite::environment guess;
    sqlite_tx tx{db, guess};
    db.run("BEGIN");
    op(tx);
    db.run("ROLLBACK");
    done(commit_number{1});
    sim_gate::write(where, std::move(op), [](result<commit_number>) {});
  }
};

/// Never tells how some writes went.
class mute final : public sim_gate {
public:
  using sim_gate::sim_gate;

  void write(lane where, std::function<void(write_tx&)> op,
             std::function<void(result<commit_number>)> done) override {
    if (++writes_ % 16 == 0)
      done = [](result<commit_number>) {};
    sim_gate::write(where, std::move(op), std::move(done));
  }

private:
  int writes_ = 0;
};

/// Does what it does to rows unseen by the ghost log: as if a statement had a
/// guard less.
class bent_tx : public sqlite_tx {
public:
  bent_tx(connection& db, sqlite::environment& env)
    : sqlite_tx(db, env), db_(db) {}

protected:
  template <class... Args>
  void unseen(const char* sql, const Args&... args) {
    auto last = db_.number(0, "SELECT max(i) FROM ghost");
    db_.run(sql, args...);
    db_.run("DELETE FROM ghost WHERE i>?", last);
  }

  /// Runs `f` as if nobody had cancelled the run. What it makes of the run
  /// stays; if it leaves it as it was, so does the intent.
  template <class F>
  auto forgetting(const run_id& run, F f) {
    auto before = row(run);
    unseen("UPDATE run SET cancel=NULL WHERE id=?", run);
    auto out = f();
    if (before && before->cancel)
      unseen("UPDATE run SET cancel=? WHERE id=? AND status=?", *before->cancel,
             run, before->status);
    return out;
  }

  connection& db_;
};

struct finish_wins final : bent_tx {
  using bent_tx::bent_tx;
  leave_outcome finish_run(const run_ref& run, const run_end& end,
                           timestamp now) override {
    return forgetting(run.id,
                      [&] { return sqlite_tx::finish_run(run, end, now); });
  }
};

struct start_ignores_mark final : bent_tx {
  using bent_tx::bent_tx;
  std::optional<started_run> start_run(const run_id& run,
                                       timestamp now) override {
    return forgetting(run, [&] { return sqlite_tx::start_run(run, now); });
  }
};

struct keeps_late_checkpoints final : bent_tx {
  using bent_tx::bent_tx;
  fence put_checkpoint(const run_ref& run, const thread_id& thread,
                       const new_checkpoint& what) override {
    return forgetting(
      run.id, [&] { return sqlite_tx::put_checkpoint(run, thread, what); });
  }
};

struct keeps_late_events final : bent_tx {
  using bent_tx::bent_tx;
  fence append_events(const run_ref& run,
                      const std::vector<event_row>& events) override {
    return forgetting(run.id,
                      [&] { return sqlite_tx::append_events(run, events); });
  }
};

struct rollback_loses_nothing final : bent_tx {
  using bent_tx::bent_tx;
  leave_outcome apply_effect(const run_ref& run, timestamp now) override {
    auto n = db_.number(0, "SELECT n FROM run WHERE id=?", run.id);
    unseen("UPDATE checkpoint SET run=0 WHERE run=?", n);
    return sqlite_tx::apply_effect(run, now);
  }
};

struct bulk_misses_running final : bent_tx {
  using bent_tx::bent_tx;
  bulk_mark mark_runs(const bulk_selector& what, cancel_action action,
                      std::string_view reason, timestamp now,
                      bool receipt) override {
    auto which = what;
    if (auto* status = std::get_if<by_status>(&which))
      status->running = false;
    return sqlite_tx::mark_runs(which, action, reason, now, receipt);
  }
};

struct intent_sinks final : bent_tx {
  using bent_tx::bent_tx;
  cancel_outcome cancel_run(const thread_id& thread, const run_id& run,
                            cancel_action action, std::string_view reason,
                            timestamp now) override {
    auto out = sqlite_tx::cancel_run(thread, run, action, reason, now);
    if (out.what == cancel_outcome::kind::already)
      db_.run("UPDATE run SET cancel=? WHERE id=?", action, run);
    return out;
  }
};

struct forgets_strikes final : bent_tx {
  using bent_tx::bent_tx;
  leave_outcome requeue_run(const run_ref& run, bool, timestamp due,
                            timestamp now) override {
    return sqlite_tx::requeue_run(run, false, due, now);
  }
};

struct requeue_keeps_epoch final : bent_tx {
  using bent_tx::bent_tx;
  leave_outcome requeue_run(const run_ref& run, bool strike, timestamp due,
                            timestamp now) override {
    auto out = sqlite_tx::requeue_run(run, strike, due, now);
    if (out.what == leave_outcome::kind::left)
      db_.run("UPDATE run SET epoch=? WHERE id=?", run.epoch, run.id);
    return out;
  }
};

template <class Tx>
class bent final : public sim_gate {
public:
  using sim_gate::sim_gate;

  void write(lane where, std::function<void(write_tx&)> op,
             std::function<void(result<commit_number>)> done) override {
    sim_gate::write(
      where,
      [this, op = std::move(op)](write_tx&) {
        Tx tx{rows_.database(), rows_.shared()};
        op(tx);
      },
      std::move(done));
  }
};

template <class Gate>
sim_gate_maker make() {
  return [](stepped_store& rows, gate_faults& faults) {
    return std::make_unique<Gate>(rows, faults);
  };
}

} // namespace

sim_gate_maker intact_store() {
  return make<bent<bent_tx>>();
}

const std::vector<broken_store>& broken_stores() {
  static const std::vector<broken_store> all = {
    {"answers a cancel before its commit", make<hasty>()},
    {"does not say how a write went", make<mute>()},
    {"lets a finish override a cancel", make<bent<finish_wins>>()},
    {"starts what is marked", make<bent<start_ignores_mark>>()},
    {"keeps late checkpoints", make<bent<keeps_late_checkpoints>>()},
    {"keeps late events", make<bent<keeps_late_events>>()},
    {"keeps what a rollback undoes", make<bent<rollback_loses_nothing>>()},
    {"marks pending runs only", make<bent<bulk_misses_running>>()},
    {"lowers an intent", make<bent<intent_sinks>>()},
    {"forgets strikes", make<bent<forgets_strikes>>()},
    {"requeues without a new epoch", make<bent<requeue_keeps_epoch>>()},
  };
  return all;
}

} // namespace heddle::test
