#include "tests/store/fixture.hpp"

#include <sys/wait.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

// The engine: lanes, batches, failures.

using namespace heddle;
using namespace heddle::test;

namespace {

/// Holds the writer's thread until it is let go.
class latch {
public:
  void wait() {
    std::unique_lock guard{mutex_};
    reached_ = true;
    changed_.notify_all();
    changed_.wait(guard, [this] { return open_; });
  }
  void reached() {
    std::unique_lock guard{mutex_};
    changed_.wait(guard, [this] { return reached_; });
  }
  void open() {
    std::unique_lock guard{mutex_};
    open_ = true;
    changed_.notify_all();
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool reached_ = false;
  bool open_ = false;
};

} // namespace

STORE_TEST("one failing operation fails alone, whatever shares its batch") {
  std::vector<int> done;
  std::vector<thread_id> threads;
  std::promise<void> all;
  for (int i = 0; i < 5; ++i) {
    thread_record made;
    made.id = next_id<thread_id>();
    threads.push_back(made.id);
    this->rows().write(
      lane::normal,
      [made, i](write_tx& tx) {
        tx.insert_thread(made);
        if (i == 2)
          throw std::runtime_error{"a bug"};
      },
      [&, i](result<store::commit_number> at) {
        done.push_back(at.has_value() ? i : -i);
        if (i == 2)
          CHECK(at.error() == error{errc::internal, "a bug"});
        if (i == 4)
          all.set_value();
      });
  }
  kind_of_store().step(5); // In memory: one batch, as far as it gets.
  kind_of_store().settle();
  all.get_future().get();
  CHECK(done == std::vector{0, 1, -2, 3, 4});
  for (int i = 0; i < 5; ++i)
    CHECK(thread(threads[static_cast<std::size_t>(i)]).has_value() == (i != 2));
}

STORE_TEST("outcomes do not depend on how writes are batched") {
  std::string expected;
  for (std::size_t batch : {1U, 3U, 100U}) {
    stepped_store rows{quiet()};
    std::string out;
    for (int i = 0; i < 30; ++i) {
      uuid_bytes bytes{};
      bytes[0] = static_cast<std::uint8_t>(i % 7);
      thread_record made;
      made.id = thread_id{bytes};
      heddle::write(
        rows, i % 5 == 0 ? lane::urgent : lane::normal,
        [made](write_tx& tx) { return tx.insert_thread(made); },
        [&](result<bool> inserted) { out += *inserted ? '1' : '0'; });
    }
    while (rows.commit_batch(batch) > 0) {}
    CHECK(out.size() == 30);
    if (expected.empty())
      expected = out;
    CHECK(out == expected);
  }
}

TEST_CASE("urgent writes overtake all that are not under way", "[store]") {
  on_disk disk;
  latch hold;
  std::string order;
  std::vector<store::commit_number> commits;
  auto add = [&](lane where, char name, auto op) {
    disk.rows().write(where, op, [&order, &commits, name](auto at) {
      order += name;
      commits.push_back(*at);
    });
  };
  add(lane::normal, 'h', [&](write_tx&) { hold.wait(); });
  hold.reached();
  for (char c : {'a', 'b', 'c'})
    add(lane::normal, c, [](write_tx&) {});
  for (char c : {'1', '2'})
    add(lane::urgent, c, [](write_tx&) {});
  hold.open();
  disk.rows().stop();
  CHECK(order == "h12abc");
  CHECK(std::is_sorted(commits.begin(), commits.end()));
  CHECK(commits.back() >= 1);
}

TEST_CASE("a read sees every commit that was reported before it", "[store]") {
  fixture on{std::make_unique<on_disk>()};
  std::atomic<int> missed{0};
  std::atomic<int> left{200};
  std::promise<void> all;
  for (int i = 0; i < 200; ++i) {
    thread_record made;
    made.id = on.next_id<thread_id>();
    heddle::write(
      on.rows(), lane::normal,
      [made](write_tx& tx) { return tx.insert_thread(made); },
      [&, id = made.id](result<bool>) {
        heddle::read(
          on.rows(), [id](read_tx& tx) { return tx.thread(id).has_value(); },
          [&](result<bool> seen) {
            missed += *seen ? 0 : 1;
            if (--left == 0)
              all.set_value();
          });
      });
  }
  all.get_future().get();
  CHECK(missed == 0);
}

TEST_CASE("a store that stopped writes what was queued, then refuses",
          "[store]") {
  on_disk disk;
  int done = 0;
  for (int i = 0; i < 100; ++i)
    disk.rows().write(
      lane::normal, [](write_tx&) {}, [&](auto at) { done += at ? 1 : 0; });
  disk.rows().stop();
  disk.rows().stop();
  CHECK(done == 100);
  std::optional<errc> why;
  disk.rows().write(
    lane::urgent, [](write_tx&) {}, [&](auto at) { why = at.error().code; });
  CHECK(why == errc::unavailable);
  disk.rows().read([&](auto tx) { why = tx.error().code; });
  CHECK(why == errc::unavailable);
}

TEST_CASE("a full queue refuses at once", "[store]") {
  stepped_store rows{quiet()};
  int refused = 0;
  auto add = [&] {
    rows.write(
      lane::normal, [](write_tx&) {}, [&](auto at) { refused += at ? 0 : 1; });
  };
  for (std::size_t i = 0; i < store::queued_writes_max; ++i)
    add();
  CHECK(refused == 0);
  add();
  CHECK(refused == 1);
}

TEST_CASE("a crash forgets what was not committed", "[store]") {
  stepped_store rows{quiet()};
  thread_record a;
  a.id = thread_id{uuid_bytes{1}};
  int answered = 0;
  heddle::write(
    rows, lane::normal, [&](write_tx& tx) { return tx.insert_thread(a); },
    [&](auto) { ++answered; });
  rows.crash();
  CHECK_FALSE(rows.commit_one());
  CHECK(answered == 0);
  CHECK(rows.database().number(0, "SELECT count(*) FROM thread") == 0);
}

TEST_CASE("a full disk: clear error, intents and reads go on", "[store]") {
  temp_directory dir;
  auto options = quiet();
  options.pages_max = 80;
  auto opened = open_sqlite(dir.path() / "d", options);
  REQUIRE(opened.has_value());
  auto& rows = **opened;
  auto write = [&](auto op, lane where = lane::normal) {
    using value = decltype(op(std::declval<write_tx&>()));
    std::promise<result<value>> got;
    heddle::write(rows, where, op,
                  [&](result<value> out) { got.set_value(std::move(out)); });
    return got.get_future().get();
  };
  thread_record t;
  t.id = thread_id{uuid_bytes{1}};
  new_run r;
  r.id = run_id{uuid_bytes{2}};
  r.thread = t.id;
  r.graph = "g";
  timestamp now{};
  auto ready = write([&](write_tx& tx) {
    tx.insert_thread(t);
    tx.insert_run(r);
    return tx.start_run(r.id, now)->row.epoch;
  });
  REQUIRE(ready.has_value());
  run_ref ref{r.id, *ready};
  std::optional<errc> why;
  for (int i = 0; i < 200 && !why; ++i) {
    new_checkpoint big;
    big.id = "c" + std::to_string(i);
    big.head = {"t", json_text{std::string(8000, 'x')}};
    auto put
      = write([&](write_tx& tx) { return tx.put_checkpoint(ref, t.id, big); });
    if (put.has_error())
      why = put.error().code;
  }
  REQUIRE(why == errc::no_space);
  auto cancelled = write(
    [&](write_tx& tx) {
      return tx.cancel_run(t.id, r.id, cancel_action::rollback, "because", now)
        .what;
    },
    lane::urgent);
  REQUIRE(cancelled.has_value());
  CHECK(*cancelled == cancel_outcome::kind::raised);
  auto left
    = write([&](write_tx& tx) { return tx.apply_effect(ref, now).what; });
  REQUIRE(left.has_value());
  CHECK(*left == leave_outcome::kind::left);
  // The rollback made room.
  thread_record other;
  other.id = thread_id{uuid_bytes{3}};
  CHECK(
    write([&](write_tx& tx) { return tx.insert_thread(other); }).has_value());
}

TEST_CASE("what was acknowledged is there after a kill", "[store]") {
  temp_directory dir;
  std::array<int, 2> pipe{};
  REQUIRE(::pipe(pipe.data()) == 0);
  auto child = ::fork();
  if (child == 0) {
    auto opened = open_sqlite(dir.path() / "d", quiet());
    for (std::uint8_t i = 1; i < 250; ++i) {
      thread_record made;
      made.id = thread_id{uuid_bytes{i}};
      std::promise<void> done;
      (*opened)->write(
        lane::normal, [&](write_tx& tx) { tx.insert_thread(made); },
        [&](auto) { done.set_value(); });
      done.get_future().get();
      if (::write(pipe[1], &i, 1) != 1)
        break;
    }
    ::pause();
  }
  ::close(pipe[1]);
  std::uint8_t acknowledged = 0;
  while (acknowledged < 100 && ::read(pipe[0], &acknowledged, 1) == 1) {}
  ::kill(child, SIGKILL);
  while (::read(pipe[0], &acknowledged, 1) == 1) {}
  ::close(pipe[0]);
  ::waitpid(child, nullptr, 0);
  REQUIRE(acknowledged >= 100);
  auto opened = open_sqlite(dir.path() / "d", quiet());
  REQUIRE(opened.has_value());
  std::promise<std::uint64_t> count;
  heddle::read(
    **opened, [](read_tx& tx) { return tx.count_threads({}); },
    [&](result<std::uint64_t> got) { count.set_value(*got); });
  CHECK(count.get_future().get() >= acknowledged);
  opened->reset();
  sqlite::connection db{(dir.path() / "d" / "heddle.db").string(),
                        SQLITE_OPEN_READWRITE};
  auto rows = db.select("PRAGMA integrity_check");
  REQUIRE(rows.next());
  CHECK(rows.text(0) == "ok");
}

TEST_CASE("the ghosts abort what the life cycle forbids", "[store]") {
  fixture on{std::make_unique<in_memory>()};
  auto t = on.make_thread();
  auto ref = on.run_on(t);
  on.cancel(t, ref.id, cancel_action::interrupt);
  auto& db = on.database();
  for (const auto* sql :
       {"UPDATE run SET status=2", "UPDATE run SET cancel=NULL",
        "UPDATE run SET status=0,epoch=epoch+1", "UPDATE run SET epoch=0",
        "INSERT INTO checkpoint(thread,run,ns,id,parent,created,chans,"
        "head_type,head) VALUES(1,99,'','x','',0,'','','')"})
    CHECK_THROWS_WITH(db.run(sql), Contains("ghost"));
  on.effect(ref);
  CHECK_THROWS_WITH(db.run("UPDATE run SET status=2"), Contains("ghost"));
  CHECK_THROWS_WITH(db.run("UPDATE run SET cancel=2"), Contains("ghost"));
}

TEST_CASE("what runs often never scans a table", "[store]") {
  fixture on{std::make_unique<in_memory>()};
  auto& db = on.database();
  for (const auto* sql :
       {"SELECT n FROM run WHERE thread=? AND status=1",
        "SELECT n,head,due,attempt FROM run WHERE thread=? AND status=0 "
        "AND cancel IS NULL ORDER BY (attempt=0),due,n LIMIT 1",
        "SELECT r.due FROM run r WHERE r.status=0 AND r.head=1 AND r.cancel "
        "IS NULL AND r.due<=? AND (r.due,r.n)>(?,?) ORDER BY r.due,r.n LIMIT ?",
        "SELECT n,view_next FROM checkpoint WHERE thread=? AND ns='' "
        "ORDER BY n DESC LIMIT 1",
        "DELETE FROM write WHERE thread=? AND run=?",
        "DELETE FROM value WHERE thread=? AND run=?",
        "DELETE FROM checkpoint WHERE thread=? AND run=?",
        "DELETE FROM live WHERE thread=? AND run=?",
        "DELETE FROM early_view WHERE thread=? AND run=?",
        "SELECT n FROM run WHERE assistant=?1 AND status<2 AND status=0 "
        "AND cancel IS NULL LIMIT ?2"}) {
    auto plan = std::string{"EXPLAIN QUERY PLAN "} + sql;
    sqlite3_stmt* raw = nullptr;
    REQUIRE(sqlite3_prepare_v2(db.raw(), plan.c_str(), -1, &raw, nullptr)
            == SQLITE_OK);
    while (sqlite3_step(raw) == SQLITE_ROW) {
      std::string detail
        = reinterpret_cast<const char*>(sqlite3_column_text(raw, 3));
      INFO(sql << "\n" << detail);
      CHECK_THAT(detail, StartsWith("SEARCH"));
      CHECK_THAT(detail, !Contains("TEMP B-TREE"));
    }
    sqlite3_finalize(raw);
  }
}
