#include "store/sqlite_tx.hpp"

#include "core/json_object.hpp"
#include "heddle/render.hpp"

// Webhooks wait in the outbox, written by the transaction that ends the run,
// with the whole body: the run may be gone when they are sent.

namespace heddle::sqlite {

bool sqlite_tx::notify(const placed_run& run, std::string_view status,
                       std::string_view error, bool values, timestamp now) {
  if (!run.webhook)
    return false;
  auto rows = db_.select("SELECT webhook,metadata,kwargs,multitask,"
                         "cancel_reason FROM run_body WHERE n=?",
                         run.row.n);
  if (!rows.next())
    return false;
  run_record record{run.row.id,
                    run.row.thread,
                    run.row.assistant,
                    run.row.created,
                    run.row.updated,
                    run.row.status,
                    rows.json(1),
                    rows.json(2),
                    static_cast<multitask_strategy>(rows.integer(3)),
                    rows.text(4)};
  auto fields = to_json(record);
  core::json_object body{fields};
  body.set("status", json_quote(status));
  body.set("run_started_at",
           json_quote(format_time(run.started.value_or(now))));
  body.set("run_ended_at", json_quote(format_time(now)));
  body.set("webhook_sent_at", json_quote(format_time(now)));
  json_text state;
  if (values)
    state = values_of(run.thread, stand(run.thread));
  body.set("values", std::string{state.or_else("null")});
  if (error != "null")
    body.set("error", std::string{error});
  db_.run("INSERT INTO outbox(run,url,at,body) VALUES(?,?,?,?)", run.row.id,
          rows.view(0), now, body.str());
  return true;
}

std::vector<outbox_row> sqlite_tx::outbox(timestamp now, std::size_t limit) {
  std::vector<outbox_row> out;
  auto rows = db_.select("SELECT n,run,url,body,tries FROM outbox WHERE at<=? "
                         "ORDER BY at,n LIMIT ?",
                         now, limit);
  while (rows.next())
    out.push_back({rows.integer(0), rows.id<run_id>(1), rows.text(2),
                   rows.json(3), static_cast<std::uint32_t>(rows.integer(4))});
  return out;
}

std::optional<timestamp> sqlite_tx::next_outbox(timestamp now) {
  auto rows
    = db_.select("SELECT at FROM outbox WHERE at>? ORDER BY at LIMIT 1", now);
  if (!rows.next())
    return std::nullopt;
  return rows.time(0);
}

void sqlite_tx::outbox_done(std::int64_t n) {
  db_.run("DELETE FROM outbox WHERE n=?", n);
}

void sqlite_tx::outbox_retry(std::int64_t n, timestamp at) {
  db_.run("UPDATE outbox SET tries=tries+1,at=? WHERE n=?", at, n);
}

std::string sqlite_tx::meta(std::string_view key) {
  auto rows = db_.select("SELECT value FROM meta WHERE key=?", key);
  return rows.next() ? rows.text(0) : std::string{};
}

void sqlite_tx::set_meta(std::string_view key, std::string_view value) {
  db_.run("INSERT INTO meta(key,value) VALUES(?1,?2) "
          "ON CONFLICT(key) DO UPDATE SET value=?2",
          key, value);
}

} // namespace heddle::sqlite
