#include "tests/worker/processes.hpp"

#include "worker/leftovers.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>

using namespace heddle;
using namespace heddle::worker;
using namespace std::chrono_literals;
using test::process_pool;

namespace {

/// The processes of the peer `has_children`.
struct family {
  std::int64_t leader = 0;
  std::int64_t child = 0;
  std::int64_t orphan = 0; ///< In the group, its parent is dead.
  std::int64_t away = 0;   ///< In a session of its own.
};

family family_of(test::journal& seen) {
  auto text = seen.first<worker::log>().text;
  family out;
  out.leader = test::number_after(text, "\"group\": [");
  out.child = test::number_after(text, std::to_string(out.leader) + ", ");
  out.orphan = test::number_after(text, std::to_string(out.child) + ", ");
  out.away = test::number_after(text, "\"away\": ");
  return out;
}

/// A server in a process of its own: prints its workers' pids, then waits.
[[noreturn]] void be_server(int out) {
  {
    process_pool server;
    auto way = server.launch("has_children");
    auto pids = family_of(server.seen);
    [[maybe_unused]] auto written = ::write(out, &pids, sizeof pids);
    ::pause();
  }
  ::_exit(0);
}

} // namespace

TEST_CASE_METHOD(process_pool, "a kill takes the whole group",
                 "[worker][launcher]") {
  auto way = launch("has_children");
  auto pids = family_of(seen);
  REQUIRE(test::is_alive(pids.child));
  REQUIRE(test::is_alive(pids.orphan));
  way->kill();
  CHECK(seen.end() == "killed");
  for (auto pid : {pids.leader, pids.child, pids.orphan})
    CHECK_FALSE(test::is_alive(pid)); // At once: gone means gone.
}

TEST_CASE_METHOD(process_pool,
                 "what a process leaves in its group dies with it",
                 "[worker][launcher]") {
  auto way = launch("has_children");
  auto pids = family_of(seen);
  way->exit(1s);
  CHECK(seen.end() == "exited with 0");
  CHECK_FALSE(test::is_alive(pids.child));
  CHECK_FALSE(test::is_alive(pids.orphan));
}

TEST_CASE_METHOD(process_pool,
                 "the end of the pool is the end of every descendant",
                 "[worker][launcher]") {
  auto way = launch("has_children");
  auto pids = family_of(seen);
  close();
  for (auto pid : {pids.leader, pids.child, pids.orphan, pids.away})
    CHECK_FALSE(test::is_alive(pid));
  CHECK(seen.end() == "killed");
}

TEST_CASE("no descendant outlives a server that is killed",
          "[worker][launcher]") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  auto server = ::fork();
  if (server == 0)
    be_server(ends[1]);
  ::close(ends[1]);
  family pids;
  REQUIRE(::read(ends[0], &pids, sizeof pids) == sizeof pids);
  ::close(ends[0]);
  REQUIRE(test::is_alive(pids.leader));
  REQUIRE(test::is_alive(pids.away));
  ::kill(server, SIGKILL);
  ::waitpid(server, nullptr, 0);
  for (auto pid : {pids.leader, pids.child, pids.orphan, pids.away})
    CHECK(test::eventually([pid] { return !test::is_alive(pid); }));
}

TEST_CASE_METHOD(process_pool,
                 "without a launcher every process is gone, and none "
                 "can be started",
                 "[worker][launcher]") {
  auto launcher_pid = handle.pid();
  auto way = launch("echo");
  auto pid = seen.first<hello>().pid;
  ::kill(launcher_pid, SIGKILL);
  CHECK(seen.end() == "the launcher process is gone");
  CHECK(test::eventually([pid] { return !test::is_alive(pid); }));
  test::journal second;
  auto other
    = launcher->launch([&](auto batch) { second.add(std::move(batch)); });
  CHECK(second.end() == "the launcher process is gone");
}

TEST_CASE_METHOD(process_pool, "a process finds only what is meant for it",
                 "[worker][launcher]") {
  ::setenv("HEDDLE_SECRET", "1", 1);
  ::setenv("TEST_KEPT", "2", 1);
  ::setenv("TEST_CHANGED", "3", 1);
  auto way = launch("tells_surroundings", [](process_options& options) {
    options.env = {{"TEST_CHANGED", "4"}, {"TEST_NEW", "ü=;"}};
    options.open_files_max = 512;
  });
  seen.first<hello>();
  auto text = seen.first<worker::log>().text;
  CHECK_THAT(text, !Contains("HEDDLE_SECRET"));
  CHECK_THAT(text, Contains("\"HEDDLE_WORKER_FD\": \"3\""));
  CHECK_THAT(text, Contains("\"TEST_KEPT\": \"2\""));
  CHECK_THAT(text, Contains("\"TEST_CHANGED\": \"4\""));
  CHECK_THAT(text, Contains("\"TEST_NEW\": \"\\u00fc=;\""));
  CHECK_THAT(text, Contains("\"cwd\": \"/tmp\""));
  CHECK_THAT(text, Contains("[\"--config\", \"tells_surroundings\"]"));
  CHECK_THAT(text, Contains("\"stdin\": \"/dev/null\""));
  CHECK_THAT(text, Contains("\"core\": [0, 0]"));
  CHECK_THAT(text, Contains("\"files\": 512"));
  CHECK_THAT(text, Contains("\"leads\": true"));
  // 4 is the listing itself.
  CHECK_THAT(text, Contains("\"fds\": [0, 1, 2, 3, 4]"));
  // Python itself ignores SIGPIPE and SIGXFSZ.
  CHECK_THAT(text, Contains("[\"0000000000000000\", \"0000000001001000\"]"));
}

TEST_CASE_METHOD(process_pool, "an allow-list keeps everything else away",
                 "[worker][launcher]") {
  ::setenv("TEST_KEPT", "2", 1);
  ::setenv("TEST_OTHER", "3", 1);
  auto way = launch("tells_surroundings", [](process_options& options) {
    options.worker_env = {{"TEST_KEPT", "HEDDLE_SECRET"}};
  });
  auto text = seen.first<worker::log>().text;
  CHECK_THAT(text, Contains("TEST_KEPT"));
  CHECK_THAT(text, !Contains("TEST_OTHER"));
  CHECK_THAT(text, !Contains("HEDDLE_SECRET"));
}

TEST_CASE_METHOD(process_pool,
                 "a leftover is killed by its stamp, a stranger is not",
                 "[worker][launcher]") {
  auto way = launch("has_children");
  auto pids = family_of(seen);
  auto stamp = stamp_of(pids.leader);
  REQUIRE(stamp.has_value());
  CHECK(parse_stamp(to_string(*stamp)) == stamp);

  auto other = *stamp;
  ++other.started;
  CHECK_FALSE(kill_if_same(other));
  other = *stamp;
  other.boot = "another";
  CHECK_FALSE(kill_if_same(other));
  CHECK_FALSE(kill_if_same(*stamp_of(pids.child))); // Leads no group.
  CHECK(test::is_alive(pids.leader));

  CHECK(kill_if_same(*stamp));
  CHECK(seen.end() == "killed by SIGKILL");
  CHECK_FALSE(test::is_alive(pids.child));
  CHECK_FALSE(kill_if_same(*stamp));
}
