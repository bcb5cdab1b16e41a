// Cancel of everything that is pending: `POST /runs/cancel` by status.
//
// Measured, for 10 000, 100 000 and a million pending runs (each on a thread of
// its own):
// the time to the answer, which is durable; the longest that another write (a
// connection that creates threads all the time) waits from then to the end;
// the time until every run's row is written; the length the WAL has then.
// As a million runs are a store of 1 GB, here is also how soon the program
// listens on that. Not measured: running runs, rollback.

#include "bench/lib/child.hpp"
#include "bench/lib/disk.hpp"
#include "bench/lib/feed.hpp"
#include "bench/lib/options.hpp"
#include "bench/lib/report.hpp"
#include "bench/lib/whole_server.hpp"

#include <sqlite3.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <stdexcept>
#include <thread>

using namespace heddle;
using namespace heddle::bench;

namespace {

using clock_type = std::chrono::steady_clock;

double ms_since(clock_type::time_point begun) {
  return std::chrono::duration<double, std::milli>(clock_type::now() - begun)
    .count();
}

/// A look at the file of a server that runs.
class onlooker {
public:
  explicit onlooker(const std::string& file) {
    if (sqlite3_open_v2(file.c_str(), &db_, SQLITE_OPEN_READONLY, nullptr)
        != SQLITE_OK)
      throw std::runtime_error{"cannot open " + file};
  }
  ~onlooker() { sqlite3_close(db_); }
  onlooker(const onlooker&) = delete;
  onlooker& operator=(const onlooker&) = delete;

  bool finds(const char* query) {
    sqlite3_stmt* rows = nullptr;
    sqlite3_prepare_v2(db_, query, -1, &rows, nullptr);
    auto code = sqlite3_step(rows);
    sqlite3_finalize(rows);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
      throw std::runtime_error{sqlite3_errmsg(db_)};
    return code == SQLITE_ROW;
  }

private:
  sqlite3* db_ = nullptr;
};

void wait_until_applied(const std::string& file) {
  onlooker rows{file};
  std::promise<void> never;
  auto pause = never.get_future();
  while (rows.finds("SELECT 1 FROM bulk LIMIT 1"))
    pause.wait_for(std::chrono::milliseconds{2});
}

double mib(const std::string& file) {
  return static_cast<double>(std::filesystem::file_size(file)) / (1 << 20);
}

void measure(report& out, const std::string& name, const std::string& data) {
  auto server = serve_in_child(data);
  std::atomic<bool> done = false;
  measured others;
  std::thread other{[&] {
    auto next
      = [&, text = request_text("POST /threads", "{}")](std::string& to) {
          to += text;
          return !done;
        };
    others = bench::run({server.port, 1, next, 200, {}}, *server.process);
  }};
  auto begun = clock_type::now();
  ask(server.port, "POST /runs/cancel", R"({"status":"pending"})");
  auto answered = ms_since(begun);
  wait_until_applied(data + "/heddle.db");
  auto applied = ms_since(begun);
  done = true;
  other.join();
  out.put(name + "_answered_ms", answered);
  out.put(name + "_stall_max_ms", others.percentile(1) / 1000);
  out.put(name + "_others_p50_ms", others.p50() / 1000);
  out.put(name + "_applied_ms", applied);
  out.put(name + "_wal_mib", mib(data + "/heddle.db-wal"));
}

} // namespace

int main(int argc, char** argv) {
  auto opts = read_options(argc, argv);
  report out{"bulk_cancel"};
  auto filled = [&](const scratch& dir, std::size_t full, std::size_t small) {
    fill(dir.at("data"), opts.amount(full, small), 1);
    return dir.at("data");
  };
  {
    scratch dir{opts.data};
    measure(out, "n10k", filled(dir, 10'000, 100));
  }
  {
    scratch dir{opts.data};
    measure(out, "n100k", filled(dir, 100'000, 500));
  }
  scratch dir{opts.data};
  auto data = filled(dir, 1'000'000, 1000);
  out.put("n1m_mib", mib(data + "/heddle.db"));
  if (has_python(opts))
    put_starts(out, "start_1gb_ms", opts, data);
  measure(out, "n1m", data);
  out.print();
}
