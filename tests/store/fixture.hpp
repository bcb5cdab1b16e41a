#pragma once

#include "store/sqlite_db.hpp"
#include "store/sqlite_store.hpp"

#include "tests/catch.hpp"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

// Both stores behind one face: `write` and `read` return when it is done.

namespace heddle::test {

inline sqlite_options quiet(std::size_t slice_rows_max = 0) {
  sqlite_options options;
  options.slice_rows_max = slice_rows_max;
  options.ghosts = true;
  options.log = [](std::string_view) {};
  return options;
}

/// A directory that goes with the test.
class temp_directory {
public:
  temp_directory() {
    auto pattern
      = (std::filesystem::temp_directory_path() / "heddle-store-XXXXXX")
          .string();
    if (::mkdtemp(pattern.data()) == nullptr)
      throw std::runtime_error{"mkdtemp"};
    path_ = pattern;
  }
  ~temp_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  temp_directory(const temp_directory&) = delete;
  temp_directory& operator=(const temp_directory&) = delete;

  const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

class kind {
public:
  virtual ~kind() = default;
  virtual store& rows() = 0;
  virtual sqlite::connection& database() = 0;
  virtual void settle() = 0;
  /// Commits so many queued writes in one batch, where that can be chosen.
  virtual void step(std::size_t batch) = 0;
  /// What a crash and a new start leave.
  virtual void restart() = 0;
};

/// The stepped store in memory.
class in_memory final : public kind {
public:
  in_memory() : rows_(quiet(7)) {}

  store& rows() override { return rows_; }
  sqlite::connection& database() override { return rows_.database(); }
  void settle() override {
    while (rows_.commit_one() || rows_.run_reads() > 0) {}
  }
  void step(std::size_t batch) override { rows_.commit_batch(batch); }
  void restart() override { rows_.crash(); }

private:
  stepped_store rows_;
};

/// The durable store.
class on_disk final : public kind {
public:
  on_disk() { open(); }

  store& rows() override { return *rows_; }
  sqlite::connection& database() override { return *database_; }
  void settle() override {}
  void step(std::size_t) override {}
  void restart() override {
    rows_.reset();
    open();
  }

private:
  void open() {
    auto opened = open_sqlite(dir_.path() / "data", quiet(7));
    REQUIRE(opened.has_value());
    rows_ = std::move(*opened);
    database_ = std::make_unique<sqlite::connection>(
      (dir_.path() / "data" / "heddle.db").string(),
      SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX);
  }

  temp_directory dir_;
  std::unique_ptr<store> rows_;
  std::unique_ptr<sqlite::connection> database_;
};

struct how {
  bool temporary = false;
  bool resumable = false;
  std::chrono::seconds after{0};
  std::string webhook = "http://hook";
  assistant_id assistant{};
};

class fixture {
public:
  explicit fixture(std::unique_ptr<kind> what) : kind_(std::move(what)) {}

  store& rows() { return kind_->rows(); }
  sqlite::connection& database() { return kind_->database(); }
  void restart() { kind_->restart(); }
  kind& kind_of_store() { return *kind_; }

  timestamp now = from_micros(1'800'000'000'000'000);

  template <class Op>
  auto write(Op op, lane where = lane::normal) {
    auto got = try_write(std::move(op), where);
    if (got.has_error())
      throw std::runtime_error{got.error().detail};
    return std::move(*got);
  }

  template <class Op>
  auto try_write(Op op, lane where = lane::normal) {
    using value = decltype(op(std::declval<write_tx&>()));
    std::promise<result<value>> got;
    heddle::write(rows(), where, std::move(op),
                  [&](result<value> out) { got.set_value(std::move(out)); });
    kind_->settle();
    return got.get_future().get();
  }

  template <class Query>
  auto read(Query query) {
    using value = decltype(query(std::declval<read_tx&>()));
    std::promise<result<value>> got;
    heddle::read(rows(), std::move(query),
                 [&](result<value> out) { got.set_value(std::move(out)); });
    kind_->settle();
    auto out = got.get_future().get();
    if (out.has_error())
      throw std::runtime_error{out.error().detail};
    return std::move(*out);
  }

  /// Time goes on.
  timestamp tick() { return now += std::chrono::milliseconds{1}; }

  template <class Id>
  Id next_id() {
    uuid_bytes bytes{};
    auto n = ++ids_;
    for (std::size_t i = 0; i < 8; ++i)
      bytes[15 - i] = static_cast<std::uint8_t>(n >> (8 * i));
    return Id{bytes};
  }

  thread_id make_thread(std::string metadata = "{}") {
    thread_record made;
    made.id = next_id<thread_id>();
    made.created = made.updated = made.state_updated = tick();
    made.metadata = json_text{std::move(metadata)};
    made.config = json_text{"{}"};
    write([&](write_tx& tx) { return tx.insert_thread(made); });
    return made.id;
  }

  new_run make_run(const thread_id& thread, how what = {}) {
    new_run run;
    run.id = next_id<run_id>();
    run.thread = thread;
    run.assistant = what.assistant;
    run.graph = "graph";
    run.kwargs = json_text{R"({"input":{"n":1}})"};
    run.metadata = json_text{R"({"m":1})"};
    run.webhook = what.webhook;
    run.flags.temporary = what.temporary;
    run.flags.resumable = what.resumable;
    run.due = run.created = tick() + what.after;
    return run;
  }

  run_row create(const thread_id& thread, how what = {}) {
    auto run = make_run(thread, what);
    return write([&](write_tx& tx) { return tx.insert_run(run); });
  }

  std::optional<started_run> start(const run_id& run) {
    tick();
    return write([&](write_tx& tx) { return tx.start_run(run, now); });
  }

  /// Creates and starts.
  run_ref run_on(const thread_id& thread, how what = {}) {
    auto run = create(thread, what);
    auto started = start(run.id);
    REQUIRE(started.has_value());
    return {run.id, started->row.epoch};
  }

  /// A root checkpoint with one new value of channel `ch`, shown or not.
  new_checkpoint make_checkpoint(const std::string& id, const std::string& json,
                                 const std::string& ns = "") {
    new_checkpoint out;
    out.ns = ns;
    out.id = id;
    out.head = {"msgpack", json_text{"head of " + id}};
    out.metadata = json_text{R"({"source":"loop","step":1})"};
    auto version = std::to_string(++versions_) + ".x";
    out.values = {{"ch",
                   version,
                   {"msgpack", json_text{"bytes:" + json}},
                   json_text{json}}};
    out.versions = {{"ch", version}, {"empty", "0"}};
    out.created = tick();
    return out;
  }

  fence put(const run_ref& run, const thread_id& thread, const std::string& id,
            const std::string& json, std::vector<std::string> next = {},
            const std::string& tasks = "[]", const std::string& ns = "") {
    auto checkpoint = make_checkpoint(id, json, ns);
    checkpoint_view view{ns,
                         id,
                         std::vector<std::string>{"ch", "empty"},
                         {},
                         std::move(next),
                         json_text{tasks}};
    return write([&](write_tx& tx) {
      auto got = tx.put_checkpoint(run, thread, checkpoint);
      if (got == fence::taken)
        tx.put_view(run, thread, view);
      return got;
    });
  }

  fence put_write(const run_ref& run, const thread_id& thread,
                  const std::string& checkpoint, std::int32_t idx,
                  const std::string& json) {
    new_writes writes{"",
                      checkpoint,
                      {{"task",
                        "path",
                        idx,
                        "ch",
                        {"msgpack", json_text{"w:" + json}},
                        json_text{json}}}};
    return write(
      [&](write_tx& tx) { return tx.put_writes(run, thread, writes); });
  }

  cancel_outcome cancel(const thread_id& thread, const run_id& run,
                        cancel_action action) {
    tick();
    return write(
      [&](write_tx& tx) {
        return tx.cancel_run(thread, run, action, "because", now);
      },
      lane::urgent);
  }

  leave_outcome finish(const run_ref& run,
                       run_status status = run_status::success,
                       const std::string& error = "") {
    tick();
    run_end end{status, error.empty() ? json_text{} : json_text{error}};
    return write([&](write_tx& tx) { return tx.finish_run(run, end, now); });
  }

  leave_outcome effect(const run_ref& run) {
    tick();
    return write([&](write_tx& tx) { return tx.apply_effect(run, now); });
  }

  leave_outcome requeue(const run_ref& run, bool strike = false,
                        std::chrono::seconds after = {}) {
    tick();
    return write([&](write_tx& tx) {
      return tx.requeue_run(run, strike, now + after, now);
    });
  }

  std::optional<thread_record> thread(const thread_id& id) {
    return read([&](read_tx& tx) { return tx.thread(id); });
  }
  std::optional<run_record> run(const thread_id& thread, const run_id& id) {
    return read([&](read_tx& tx) { return tx.run(thread, id); });
  }
  std::optional<run_status> status(const thread_id& thread, const run_id& id) {
    auto found = run(thread, id);
    return found ? std::optional{found->status} : std::nullopt;
  }
  std::vector<outbox_row> hooks() {
    return read([&](read_tx& tx) { return tx.outbox(now, 1000); });
  }
  std::vector<run_id> ready() {
    return read([&](read_tx& tx) {
      std::vector<run_id> out;
      for (auto& run : tx.ready_runs(now, {}, 1000, {}))
        out.push_back(run.run);
      return out;
    });
  }

  /// Every row of every table, except the tables named.
  std::string dump(const std::vector<std::string>& without = {}) {
    auto& db = database();
    std::vector<std::string> tables;
    {
      auto rows = db.select("SELECT name FROM sqlite_schema WHERE type='table' "
                            "AND name NOT LIKE 'sqlite_%' ORDER BY name");
      while (rows.next())
        tables.push_back(rows.text(0));
    }
    std::string out;
    for (const auto& table : tables)
      if (std::find(without.begin(), without.end(), table) == without.end())
        out += dump_table(db, table);
    return out;
  }

private:
  static std::string dump_table(sqlite::connection& db,
                                const std::string& table) {
    auto sql = "SELECT * FROM \"" + table + "\" ORDER BY 1,2";
    sqlite3_stmt* raw = nullptr;
    REQUIRE(sqlite3_prepare_v2(db.raw(), sql.c_str(), -1, &raw, nullptr)
            == SQLITE_OK);
    std::string out = "# " + table + "\n";
    while (sqlite3_step(raw) == SQLITE_ROW) {
      for (int i = 0; i < sqlite3_column_count(raw); ++i) {
        const auto* text
          = static_cast<const char*>(sqlite3_column_blob(raw, i));
        auto size = sqlite3_column_bytes(raw, i);
        if (sqlite3_column_type(raw, i) == SQLITE_NULL)
          out += "NULL";
        for (int at = 0; at < size; ++at)
          out += std::isprint(static_cast<unsigned char>(text[at])) != 0
                   ? std::string(1, text[at])
                   : "\\" + std::to_string(static_cast<std::uint8_t>(text[at]));
        out += '|';
      }
      out += '\n';
    }
    sqlite3_finalize(raw);
    return out;
  }

  std::unique_ptr<kind> kind_;
  std::uint64_t ids_ = 0;
  std::uint64_t versions_ = 0;
};

} // namespace heddle::test

#define STORE_TEST_NAMED(type, name)                                           \
  namespace {                                                                  \
  struct type : heddle::test::fixture {                                        \
    using fixture::fixture;                                                    \
    void body();                                                               \
  };                                                                           \
  }                                                                            \
  TEST_CASE("in memory: " name, "[store]") {                                   \
    type{std::make_unique<heddle::test::in_memory>()}.body();                  \
  }                                                                            \
  TEST_CASE("on disk: " name, "[store]") {                                     \
    type{std::make_unique<heddle::test::on_disk>()}.body();                    \
  }                                                                            \
  void type::body()
#define STORE_TEST_JOINED(number, name)                                        \
  STORE_TEST_NAMED(store_test_##number, name)
#define STORE_TEST_AT(number, name) STORE_TEST_JOINED(number, name)
/// A test that both stores pass.
#define STORE_TEST(name) STORE_TEST_AT(__COUNTER__, name)
