#include "store/sqlite_tx.hpp"

#include <cstring>
#include <unordered_map>

// A copy holds what the original shows: of rows that cover each other, the one
// on top, now the server's own (run 0).

namespace heddle::sqlite {

namespace {

using renumbering = std::unordered_map<std::int64_t, std::int64_t>;

renumbering copy_values(connection& db, std::int64_t from, std::int64_t to) {
  renumbering out;
  for (auto n : numbers_of(
         db.select("SELECT n FROM value WHERE thread=? ORDER BY n", from))) {
    db.run("INSERT INTO value(thread,run,ns,channel,version,json,type,bytes) "
           "SELECT ?,0,ns,channel,version,json,type,bytes FROM value WHERE n=?",
           to, n);
    out.emplace(n, db.last_id());
  }
  return out;
}

std::string renumber(std::string_view chans, const renumbering& values) {
  std::string out{chans};
  for (std::size_t at = 0; at + 8 <= out.size(); at += 8) {
    std::int64_t n = 0;
    std::memcpy(&n, out.data() + at, sizeof n);
    n = values.at(n);
    std::memcpy(out.data() + at, &n, sizeof n);
  }
  return out;
}

void copy_writes(connection& db, std::int64_t from, std::int64_t to) {
  for (const auto* sql :
       {"INSERT OR IGNORE INTO write(thread,run,ns,checkpoint,task,path,idx,"
        "channel,json,type,bytes) SELECT ?,0,ns,checkpoint,task,path,idx,"
        "channel,json,type,bytes FROM write WHERE thread=? AND idx>=0 "
        "ORDER BY n",
        "INSERT OR REPLACE INTO write(thread,run,ns,checkpoint,task,path,idx,"
        "channel,json,type,bytes) SELECT ?,0,ns,checkpoint,task,path,idx,"
        "channel,json,type,bytes FROM write WHERE thread=? AND idx<0 "
        "ORDER BY n"})
    db.run(sql, to, from);
}

} // namespace

bool sqlite_tx::copy_thread(const thread_id& from, const thread_id& to,
                            timestamp now) {
  auto source = thread_number(from);
  if (source == 0)
    return false;
  thread_record copy;
  copy.id = to;
  copy.created = copy.updated = copy.state_updated = now;
  copy.config = json_text{"{}"};
  {
    auto rows
      = db_.select("SELECT metadata FROM thread_body WHERE n=?", source);
    if (rows.next())
      copy.metadata = rows.json(0);
  }
  if (!insert_thread(copy))
    return false;
  auto target = thread_number(to);
  auto values = copy_values(db_, source, target);
  auto latest = stand(source).checkpoint;
  std::int64_t copied = 0; // Of the latest root checkpoint.
  for (auto n : numbers_of(db_.select(
         "SELECT n FROM checkpoint c WHERE thread=? AND NOT EXISTS(SELECT 1 "
         "FROM checkpoint d WHERE d.thread=c.thread AND d.ns=c.ns "
         "AND d.id=c.id AND d.n>c.n) ORDER BY n",
         source))) {
    std::string chans;
    {
      auto rows = db_.select("SELECT chans FROM checkpoint WHERE n=?", n);
      if (rows.next())
        chans = renumber(rows.view(0), values);
    }
    db_.run("INSERT INTO checkpoint(n,thread,run,ns,id,parent,created,chans,"
            "metadata,head_type,head,view_next,view_tasks,view_shape,"
            "view_values) SELECT ?,?,0,ns,id,parent,created,?,metadata,"
            "head_type,head,view_next,view_tasks,view_shape,view_values "
            "FROM checkpoint WHERE n=?",
            ++env_.checkpoint_n, target, blob_view{chans}, n);
    if (n == latest)
      copied = env_.checkpoint_n;
  }
  copy_writes(db_, source, target);
  db_.run("INSERT INTO live(thread,run,at,next,tasks,interrupts,\"values\") "
          "SELECT ?,0,?,next,tasks,interrupts,\"values\" FROM live "
          "WHERE thread=? AND at>=? ORDER BY n DESC LIMIT 1",
          target, copied, source, latest);
  return true;
}

} // namespace heddle::sqlite
