#include "store/sqlite_tx.hpp"

namespace heddle::sqlite {

std::vector<event_row> sqlite_tx::events(const run_id& run, event_id after,
                                         std::size_t limit) {
  std::vector<event_row> out;
  auto rows = db_.select("SELECT ms,seq,name,data FROM event WHERE run=(SELECT "
                         "n FROM run WHERE id=?) AND (ms,seq)>(?,?) "
                         "ORDER BY ms,seq LIMIT ?",
                         run, after.ms, after.seq, limit);
  while (rows.next())
    out.push_back(
      {{rows.integer(0), rows.integer(1)}, rows.text(2), rows.json(3)});
  return out;
}

std::optional<std::pair<event_id, event_id>>
sqlite_tx::event_range(const run_id& run) {
  auto edge = [&](const char* sql) -> std::optional<event_id> {
    auto rows = db_.select(sql, run);
    if (!rows.next())
      return std::nullopt;
    return event_id{rows.integer(0), rows.integer(1)};
  };
  auto first = edge("SELECT ms,seq FROM event WHERE run=(SELECT n FROM run "
                    "WHERE id=?) ORDER BY ms,seq LIMIT 1");
  auto last = edge("SELECT ms,seq FROM event WHERE run=(SELECT n FROM run "
                   "WHERE id=?) ORDER BY ms DESC,seq DESC LIMIT 1");
  if (!first || !last)
    return std::nullopt;
  return std::pair{*first, *last};
}

fence sqlite_tx::append_events(const run_ref& run,
                               const std::vector<event_row>& events) {
  std::int64_t n = 0;
  {
    auto rows = db_.select("SELECT n,cancel IS NULL FROM run WHERE id=? "
                           "AND status=1 AND epoch=?",
                           run.id, run.epoch);
    if (!rows.next())
      return fence::fenced;
    if (rows.integer(1) == 0)
      return fence::stopping;
    n = rows.integer(0);
  }
  for (const auto& event : events)
    db_.run("INSERT INTO event(run,ms,seq,name,data) VALUES(?,?,?,?,?)", n,
            event.id.ms, event.id.seq, event.name, event.data);
  return fence::taken;
}

void sqlite_tx::trim_events(const run_id& run, event_id last) {
  db_.run("DELETE FROM event WHERE run=(SELECT n FROM run WHERE id=?) "
          "AND (ms,seq)<=(?,?)",
          run, last.ms, last.seq);
}

std::size_t sqlite_tx::expire_events(timestamp before, std::size_t limit) {
  std::vector<std::pair<std::int64_t, std::int64_t>> over;
  {
    auto rows = db_.select("SELECT at,run FROM event_end WHERE at<? "
                           "ORDER BY at LIMIT ?",
                           before, limit);
    while (rows.next())
      over.emplace_back(rows.integer(0), rows.integer(1));
  }
  for (auto [at, run] : over) {
    db_.run("DELETE FROM event WHERE run=?", run);
    db_.run("DELETE FROM event_end WHERE at=? AND run=?", at, run);
  }
  // Items beyond their TTL are absent already; here they make room.
  db_.run("DELETE FROM item WHERE n IN (SELECT n FROM item WHERE expires IS "
          "NOT NULL AND expires<=? ORDER BY expires LIMIT ?)",
          env_.clock(), limit);
  return over.size();
}

} // namespace heddle::sqlite
