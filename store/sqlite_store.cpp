#include "store/sqlite_store.hpp"

#include "store/sqlite_open.hpp"
#include "store/sqlite_readers.hpp"
#include "store/sqlite_schema.hpp"
#include "store/sqlite_writer.hpp"

#include <cstdio>
#include <mutex>

namespace heddle {

namespace {

using namespace sqlite;

void log_to_stderr(std::string_view line) {
  std::fprintf(stderr, "heddle store: %.*s\n", static_cast<int>(line.size()),
               line.data());
}

timestamp system_time() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(
    std::chrono::system_clock::now());
}

void fill_in(sqlite_options& options) {
  if (!options.clock)
    options.clock = system_time;
  if (!options.log)
    options.log = log_to_stderr;
  static std::once_flag once;
  // Statistics of memory cost a lock for every allocation. Refused, without
  // harm, if the process has used SQLite before.
  std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}

void prepare(connection& db, environment& env, const sqlite_options& options,
             bool memory) {
  configure_writer(db, memory);
  migrate(db);
  if (options.ghosts)
    add_ghosts(db);
  if (options.pages_max != 0) {
    auto limit = "PRAGMA max_page_count=" + std::to_string(options.pages_max);
    db.script(limit.c_str());
  }
  env.clock = options.clock;
  env.slice_rows_max = options.slice_rows_max;
  env.run_n = db.number(0, "SELECT max(ifnull((SELECT max(n) FROM run),0),"
                           "ifnull((SELECT max(upto) FROM bulk),0))");
  env.checkpoint_n
    = db.number(0, "SELECT max(ifnull((SELECT max(n) FROM checkpoint),0),"
                   "ifnull((SELECT max(at) FROM live),0))");
}

/// The durable one.
class sqlite_store final : public store {
public:
  sqlite_store(std::unique_ptr<data_directory> dir,
               const sqlite_options& options)
    : dir_(std::move(dir)), db_(dir_->database().string(),
                                SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX) {
    auto id = db_.number(0, "PRAGMA application_id");
    if (id != application_id
        && db_.number(0, "SELECT count(*) FROM sqlite_schema") != 0)
      throw std::runtime_error{"holds a database that is not heddle's"};
    prepare(db_, env_, options, false);
    readers_.emplace(dir_->database().string(), env_, options.readers,
                     options.log);
    writer_.emplace(db_, env_, options.log);
  }

  ~sqlite_store() override { stop(); }

  void write(lane where, std::function<void(write_tx&)> op,
             std::function<void(result<commit_number>)> done) override {
    write_request request{std::move(op), std::move(done)};
    if (!writer_->push(where, request))
      request.done(store_unavailable());
  }

  void read(std::function<void(result<read_tx*>)> job) override {
    if (!readers_->push(job))
      job(store_unavailable());
  }

  std::uint64_t marks_begun() const noexcept override { return env_.marks; }

  void stop() override {
    if (writer_)
      writer_->stop();
    if (readers_)
      readers_->stop();
  }

private:
  std::unique_ptr<data_directory> dir_; // Released last.
  environment env_;
  connection db_;
  std::optional<sqlite::readers> readers_;
  std::optional<sqlite::writer> writer_;
};

} // namespace

error store_unavailable() {
  return {errc::unavailable, "The store is not available."};
}

result<std::unique_ptr<store>> open_sqlite(const std::filesystem::path& dir,
                                           sqlite_options options) {
  fill_in(options);
  auto claimed = data_directory::claim(dir);
  if (claimed.has_error())
    return claimed.error();
  auto refuse = [&](errc code, const std::string& why) {
    return error{code, "data directory " + dir.string() + ": " + why};
  };
  try {
    return std::unique_ptr<store>{
      std::make_unique<sqlite_store>(std::move(*claimed), options)};
  } catch (const failure& why) {
    return refuse(errc::internal,
                  std::string{"the database cannot be used: "} + why.what());
  } catch (const std::runtime_error& why) {
    return refuse(errc::invalid_argument, why.what());
  }
}

struct stepped_store::impl {
  explicit impl(const sqlite_options& options)
    : db(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                       | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX),
      commits(db, env, options.log) {
    prepare(db, env, options, true);
  }

  environment env;
  connection db;
  committer commits;
  write_queue writes;
  std::deque<std::function<void(result<read_tx*>)>> reads;
  bool stopped = false;
};

stepped_store::stepped_store(sqlite_options options) {
  fill_in(options);
  impl_ = std::make_unique<impl>(options);
}

stepped_store::~stepped_store() = default;

void stepped_store::write(lane where, std::function<void(write_tx&)> op,
                          std::function<void(result<commit_number>)> done) {
  write_request request{std::move(op), std::move(done)};
  if (impl_->stopped || !impl_->writes.push(where, request))
    request.done(store_unavailable());
}

void stepped_store::read(std::function<void(result<read_tx*>)> job) {
  if (impl_->stopped || impl_->reads.size() >= queued_reads_max)
    job(store_unavailable());
  else
    impl_->reads.push_back(std::move(job));
}

std::uint64_t stepped_store::marks_begun() const noexcept {
  return impl_->env.marks;
}

void stepped_store::stop() {
  while (commit_batch(committer::batch_ops_max) + run_reads() > 0) {}
  impl_->stopped = true;
}

bool stepped_store::commit_one() {
  return commit_batch(1) == 1;
}

std::size_t stepped_store::commit_batch(std::size_t limit) {
  if (impl_->writes.empty() || limit == 0)
    return 0;
  // No limit of time: a simulation must repeat.
  return impl_->commits.commit([this] { return impl_->writes.pop(); }, limit,
                               std::chrono::hours{1});
}

std::size_t stepped_store::run_reads() {
  auto jobs = std::exchange(impl_->reads, {});
  sqlite_tx tx{impl_->db, impl_->env};
  for (auto& job : jobs)
    job(&tx);
  return jobs.size();
}

std::size_t stepped_store::queued_writes() const noexcept {
  return impl_->writes.size();
}

std::size_t stepped_store::queued_reads() const noexcept {
  return impl_->reads.size();
}

sqlite::environment& stepped_store::shared() noexcept {
  return impl_->env;
}

sqlite::connection& stepped_store::database() noexcept {
  return impl_->db;
}

void stepped_store::crash() {
  impl_->writes.clear();
  impl_->reads.clear();
}

} // namespace heddle
