#include "store/sqlite_tx.hpp"

#include "core/json_object.hpp"

#include <unordered_map>

// What a running graph writes. Every row carries its run. A nil run means the
// server itself (a state update): it may write while no run has begun and not
// ended, for a rollback of that run would not know its rows.

namespace heddle::sqlite {

namespace {

json_text shape_of(const checkpoint_view& view) {
  return view.shape ? json_text{core::json_array(*view.shape)} : json_text{};
}

} // namespace

/// Where a write may go.
struct sqlite_tx::gate {
  fence verdict = fence::fenced;
  std::int64_t thread = 0;
  std::int64_t run = 0;
};

sqlite_tx::gate sqlite_tx::pass(const run_ref& run, const thread_id& thread) {
  gate out;
  if (run.id == run_id{}) {
    out.thread = thread_number(thread);
    auto begun = db_.number(0,
                            "SELECT EXISTS(SELECT 1 FROM run WHERE thread=?1 "
                            "AND status=1) OR EXISTS(SELECT 1 FROM run WHERE "
                            "thread=?1 AND status=0 AND (attempt=0)=0)",
                            out.thread);
    if (out.thread != 0 && begun == 0)
      out.verdict = fence::taken;
    return out;
  }
  auto rows = db_.select("SELECT r.n,r.thread,ifnull(r.cancel,0) FROM run r "
                         "JOIN thread t ON t.n=r.thread WHERE r.id=? "
                         "AND r.status=1 AND r.epoch=? AND t.id=?",
                         run.id, run.epoch, thread);
  if (!rows.next())
    return out;
  out.run = rows.integer(0);
  out.thread = rows.integer(1);
  out.verdict = rows.integer(2) < 2 ? fence::taken : fence::stopping;
  return out;
}

std::string sqlite_tx::put_values(const gate& at,
                                  const new_checkpoint& checkpoint) {
  for (const auto& value : checkpoint.values)
    db_.run("INSERT OR IGNORE INTO value(thread,run,ns,channel,version,json,"
            "type,bytes) VALUES(?,?,?,?,?,?,?,?)",
            at.thread, at.run, checkpoint.ns, value.channel, value.version,
            value.json, value.data.type, blob_view{value.data.bytes.view()});
  std::string chans;
  for (const auto& [channel, version] : checkpoint.versions) {
    auto n = db_.number(0,
                        "SELECT n FROM value WHERE thread=? AND ns=? "
                        "AND channel=? AND version=?",
                        at.thread, checkpoint.ns, channel, version);
    if (n != 0)
      chans.append(reinterpret_cast<const char*>(&n), sizeof n);
  }
  return chans;
}

fence sqlite_tx::put_checkpoint(const run_ref& run, const thread_id& thread,
                                const new_checkpoint& checkpoint) {
  auto at = pass(run, thread);
  if (at.verdict != fence::taken)
    return at.verdict;
  auto chans = put_values(at, checkpoint);
  db_.run("INSERT INTO checkpoint(n,thread,run,ns,id,parent,created,chans,"
          "metadata,head_type,head) VALUES(?,?,?,?,?,?,?,?,?,?,?) "
          "ON CONFLICT(thread,ns,id,run) DO UPDATE SET parent=excluded.parent,"
          "chans=excluded.chans,metadata=excluded.metadata,"
          "head_type=excluded.head_type,head=excluded.head",
          ++env_.checkpoint_n, at.thread, at.run, checkpoint.ns, checkpoint.id,
          checkpoint.parent, checkpoint.created, blob_view{chans},
          checkpoint.metadata, checkpoint.head.type,
          blob_view{checkpoint.head.bytes.view()});
  auto early
    = db_.run("UPDATE checkpoint SET (view_next,view_tasks,view_shape,"
              "view_values)=(SELECT view_next,view_tasks,view_shape,"
              "view_values FROM early_view WHERE thread=?1 AND run=?2 "
              "AND ns=?3 AND id=?4) WHERE thread=?1 AND ns=?3 AND id=?4 "
              "AND run=?2 AND EXISTS(SELECT 1 FROM early_view WHERE thread=?1 "
              "AND run=?2 AND ns=?3 AND id=?4)",
              at.thread, at.run, checkpoint.ns, checkpoint.id);
  if (early > 0)
    db_.run("DELETE FROM early_view WHERE thread=? AND run=? AND ns=? "
            "AND id=?",
            at.thread, at.run, checkpoint.ns, checkpoint.id);
  return at.verdict;
}

fence sqlite_tx::put_writes(const run_ref& run, const thread_id& thread,
                            const new_writes& writes) {
  static constexpr const char* first_wins
    = "INSERT OR IGNORE INTO write(thread,run,ns,checkpoint,task,path,idx,"
      "channel,json,type,bytes) VALUES(?,?,?,?,?,?,?,?,?,?,?)";
  static constexpr const char* last_wins
    = "INSERT OR REPLACE INTO write(thread,run,ns,checkpoint,task,path,idx,"
      "channel,json,type,bytes) VALUES(?,?,?,?,?,?,?,?,?,?,?)";
  auto at = pass(run, thread);
  if (at.verdict != fence::taken)
    return at.verdict;
  for (const auto& write : writes.items)
    db_.run(write.idx >= 0 ? first_wins : last_wins, at.thread, at.run,
            writes.ns, writes.id, write.task, write.path, write.idx,
            write.channel, write.json, write.data.type,
            blob_view{write.data.bytes.view()});
  return at.verdict;
}

fence sqlite_tx::put_view(const run_ref& run, const thread_id& thread,
                          const checkpoint_view& view) {
  auto next = core::json_array(view.next);
  auto shape = shape_of(view);
  auto at = pass(run, thread);
  if (at.verdict != fence::taken)
    return at.verdict;
  auto put = db_.run(
    "UPDATE checkpoint SET view_next=?5,view_tasks=?6,view_shape=?7,"
    "view_values=?8 WHERE thread=?1 AND run=?2 AND ns=?3 AND id=?4",
    at.thread, at.run, view.ns, view.id, next, view.tasks, shape, view.values);
  if (put == 0 && at.run != 0)
    db_.run("INSERT OR REPLACE INTO early_view(thread,run,ns,id,view_next,"
            "view_tasks,view_shape,view_values) VALUES(?,?,?,?,?,?,?,?)",
            at.thread, at.run, view.ns, view.id, next, view.tasks, shape,
            view.values);
  return at.verdict;
}

void sqlite_tx::fill_view(const thread_id& thread,
                          const checkpoint_view& view) {
  db_.run("UPDATE checkpoint SET view_next=?4,view_tasks=?5,view_shape=?6,"
          "view_values=?7 WHERE view_next IS NULL AND n=(SELECT max(c.n) FROM "
          "checkpoint c JOIN thread t ON t.n=c.thread WHERE t.id=?1 AND "
          "t.deleted=0 AND c.ns=?2 AND c.id=?3 AND NOT EXISTS(SELECT 1 FROM "
          "run r WHERE r.thread=t.n AND r.status=1))",
          thread, view.ns, view.id, core::json_array(view.next), view.tasks,
          shape_of(view), view.values);
}

fence sqlite_tx::put_live_state(const run_ref& run, const thread_id& thread,
                                const live_state_row& state) {
  auto at = pass(run, thread);
  if (at.verdict != fence::taken)
    return at.verdict;
  db_.run("DELETE FROM live WHERE thread=? AND run=?", at.thread, at.run);
  db_.run("INSERT INTO live(thread,run,at,next,tasks,interrupts,\"values\") "
          "VALUES(?1,?2,ifnull((SELECT max(n) FROM checkpoint WHERE thread=?1 "
          "AND ns=''),0),?3,?4,?5,?6)",
          at.thread, at.run, core::json_array(state.next), state.tasks,
          state.interrupts, state.values);
  return at.verdict;
}

} // namespace heddle::sqlite
