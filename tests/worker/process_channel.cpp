#include "tests/worker/processes.hpp"

#include <algorithm>
#include <cstdlib>
#include <future>
#include <set>

using namespace heddle;
using namespace heddle::worker;
using namespace std::chrono_literals;
using test::process_pool;

namespace {

worker::start a_run(const std::string& kwargs = "{}") {
  worker::start what;
  what.graph = "agent";
  what.kwargs = json_text{kwargs};
  return what;
}

} // namespace

TEST_CASE_METHOD(process_pool, "a process says hello, is welcomed, and runs",
                 "[worker][process]") {
  auto way = launch("echo");
  auto first = seen.first<hello>();
  CHECK(first.language == "test");
  CHECK(first.graphs.at(0).id == "agent");
  CHECK(first.pid > 1); // The real one, not what it claims.
  CHECK(test::is_alive(first.pid));
  CHECK_THAT(seen.first<worker::log>().text,
             StartsWith("[\"welcome\"") && Contains("\"frame\": 67108864"));

  way->start(5, a_run(R"({"input":[1,2]})"));
  seen.first<clean>();
  auto emitted = seen.first<events>();
  CHECK(emitted.items.at(0).data.view() == R"({"input":[1,2]})");
  CHECK(emitted.cost > 0);
  CHECK(seen.first<end>().outcome == end_outcome::success);

  way->ping(17);
  CHECK(seen.first<pong>().n == 17);
  way->exit(1s);
  CHECK(seen.end() == "exited with 0");
  CHECK_FALSE(test::is_alive(first.pid));
  way->start(6, a_run()); // Ignored.
  way->kill();
}

TEST_CASE_METHOD(process_pool, "every call reaches the process, in order",
                 "[worker][process]") {
  auto way = launch("echo");
  seen.first<hello>();
  way->cancel(3, {stop_action::rollback, "why", 5s});
  way->drain(3);
  way->raise(3);
  way->credit(3, 1000);
  way->done(3, 1);
  way->refuse(3, 2, refusal::fenced, "late");
  way->answer_get(3, 4, std::nullopt);
  way->answer_list(3, 5, {});
  way->answer_store(3, 6, json_text{"[null]"});
  way->ask(4, {"draw", "agent", thread_id{}, json_text{"{}"}});
  std::vector<std::string> kinds{"cancel",  "drain", "raise",  "credit", "done",
                                 "refused", "tuple", "tuples", "stored", "ask"};
  seen.wait([&] { return seen.all_.size() >= kinds.size() + 2; });
  auto logs = seen.each<worker::log>();
  for (std::size_t i = 0; i < kinds.size(); ++i)
    CHECK_THAT(logs.at(i + 1).text, StartsWith("[\"" + kinds[i] + "\""));
}

TEST_CASE_METHOD(process_pool, "a killed process is dead when gone is reported",
                 "[worker][process]") {
  auto way = launch("echo");
  auto pid = seen.first<hello>().pid;
  way->kill();
  way->kill();
  CHECK(seen.end() == "killed");
  CHECK_FALSE(test::is_alive(pid));
}

TEST_CASE_METHOD(process_pool, "a process can be killed before it has begun",
                 "[worker][process]") {
  for (int i = 0; i < 20; ++i) {
    auto way = launch("echo");
    way->kill();
  }
  seen.wait([this] { return seen.all_.size() >= 20; });
  for (const auto& last : seen.each<gone>())
    CHECK(last.why == "killed");
}

TEST_CASE_METHOD(process_pool, "what a process sent before its death counts",
                 "[worker][process]") {
  auto way = launch("burst_then_dies");
  CHECK(seen.end() == "killed by SIGKILL");
  auto bursts = seen.each<events>();
  REQUIRE(bursts.size() == 2000);
  for (std::size_t n = 0; n < bursts.size(); ++n)
    CHECK_THAT(bursts[n].items.at(0).data.str(),
               StartsWith("[" + std::to_string(n) + ","));
}

TEST_CASE_METHOD(process_pool,
                 "a flood is read in order and ends with the kill",
                 "[worker][process]") {
  auto way = launch("floods");
  seen.wait([this] { return seen.all_.size() > 3000; });
  way->kill();
  CHECK(seen.end() == "killed");
  auto bursts = seen.each<events>();
  for (std::size_t n = 0; n < bursts.size(); ++n)
    REQUIRE(std::atoll(bursts[n].items.at(0).data.str().c_str() + 1)
            == static_cast<long long>(n));
}

TEST_CASE_METHOD(process_pool,
                 "a broken protocol is told, and ends the process",
                 "[worker][process]") {
  auto why_of = [this](const std::string& name) {
    auto way = launch(name);
    auto why = seen.end();
    return why;
  };
  SECTION("no frame") {
    CHECK_THAT(why_of("garbage"), StartsWith("protocol error: not an array"));
    CHECK(seen.each<events>().size() == 1); // That before, not that after.
  }
  SECTION("too large a frame") {
    CHECK_THAT(why_of("huge_frame"), StartsWith("protocol error: a frame"));
  }
  SECTION("another version") {
    CHECK_THAT(why_of("wrong_version"), Contains("version 2"));
    CHECK(seen.each<hello>().empty());
  }
  SECTION("not hello first") {
    CHECK(why_of("no_hello") == "protocol error: the first frame is not hello");
  }
  SECTION("hello again") {
    CHECK(why_of("second_hello") == "protocol error: a second hello");
  }
}

TEST_CASE_METHOD(process_pool, "a process may log before it says hello",
                 "[worker][process]") {
  auto way = launch("logs_first");
  CHECK(seen.first<hello>().graphs.size() == 1);
  CHECK(seen.first<worker::log>().text == "\"early\"");
}

TEST_CASE_METHOD(process_pool,
                 "a process that dies amid a frame ends by its own exit",
                 "[worker][process]") {
  auto way = launch("half_frame");
  CHECK(seen.end() == "exited with 4");
  CHECK(seen.each<events>().size() == 1);
}

TEST_CASE_METHOD(process_pool, "a process that exits at once says with what",
                 "[worker][process]") {
  auto way = launch("exits_at_once");
  CHECK(seen.end() == "exited with 3");
}

TEST_CASE_METHOD(process_pool, "a process that closes its socket must leave",
                 "[worker][process]") {
  auto way = launch("closes_and_stays");
  CHECK(seen.end() == "closed its socket, but did not exit");
}

TEST_CASE_METHOD(process_pool, "without hello in time a process is killed",
                 "[worker][process]") {
  auto way = launch("silent", [](process_options& options) {
    options.startup_deadline = 150ms;
  });
  CHECK(seen.end() == "no hello within 150 ms");
}

TEST_CASE_METHOD(process_pool, "the deadline ends with hello",
                 "[worker][process]") {
  auto way = launch(
    "deaf", [](process_options& options) { options.startup_deadline = 1s; });
  seen.first<hello>();
  std::promise<void> later;
  rt.after(1500ms, [&later] { later.set_value(); });
  later.get_future().wait();
  CHECK(seen.each<gone>().empty());
  way->kill();
  CHECK(seen.end() == "killed");
}

TEST_CASE_METHOD(process_pool,
                 "a process that does not read is killed in the end",
                 "[worker][process]") {
  auto way = launch("deaf");
  seen.first<hello>();
  worker::start large = a_run("\"" + std::string(16U << 20U, 'x') + "\"");
  for (run_no run = 1; run <= 9; ++run)
    way->start(run, large);
  CHECK(seen.end() == "does not read what it is sent");
}

TEST_CASE_METHOD(process_pool,
                 "a program that is not there is told by its name",
                 "[worker][process]") {
  SECTION("the interpreter") {
    auto way = launch("echo", [](process_options& options) {
      options.command[0] = "/nowhere/python";
    });
    CHECK(seen.end()
          == "could not be started: exec: No such file or directory");
  }
  SECTION("the directory") {
    auto way = launch(
      "echo", [](process_options& options) { options.cwd = "/nowhere"; });
    CHECK(seen.end()
          == "could not be started: chdir: No such file or directory");
  }
}

TEST_CASE_METHOD(process_pool, "what a process prints becomes log lines",
                 "[worker][process]") {
  auto way = launch("prints");
  CHECK(seen.end() == "exited with 0");
  std::lock_guard guard{log_mutex};
  auto logged = [this](const std::string& line) {
    return std::find(log.begin(), log.end(), line) != log.end();
  };
  CHECK(logged("plain"));
  CHECK(logged("\\x1b[31mred\\x1b[0m"));
  CHECK(logged("no end"));
  CHECK(logged(std::string(8192, 'y') + "…"));
}

TEST_CASE_METHOD(process_pool,
                 "several processes at once, each with its own end",
                 "[worker][process]") {
  test::journal of[4];
  std::vector<std::shared_ptr<channel>> ways;
  auto keeper = launch("echo");
  for (auto& one : of)
    ways.push_back(
      launcher->launch([&one](auto batch) { one.add(std::move(batch)); }));
  std::set<std::int64_t> pids;
  for (auto& one : of)
    pids.insert(one.first<hello>().pid);
  CHECK(pids.size() == 4);
  ways[2]->kill();
  CHECK(of[2].end() == "killed");
  for (int i : {0, 1, 3}) {
    ways[i]->start(1, a_run());
    of[i].first<clean>();
  }
  close();
  for (auto& one : of)
    CHECK(one.end() == "killed");
}
