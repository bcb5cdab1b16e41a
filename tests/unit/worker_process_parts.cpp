#include "worker/leftovers.hpp"
#include "worker/process/environment.hpp"
#include "worker/process/orders.hpp"
#include "worker/process/output_lines.hpp"

#include "tests/catch.hpp"

using namespace heddle::worker;
using namespace std::chrono_literals;

namespace {

struct logged {
  std::vector<std::string> lines;
  output_lines out{
    [this](std::string line) { lines.push_back(std::move(line)); }};
  output_lines::clock::time_point now{1h};
};

} // namespace

TEST_CASE_METHOD(logged, "output becomes lines, however it is cut",
                 "[worker][output]") {
  out.feed("one\ntw", now);
  out.feed("o\r\n\nthree", now);
  CHECK(lines == std::vector<std::string>{"one", "two", ""});
  out.finish();
  CHECK(lines.back() == "three");
}

TEST_CASE_METHOD(logged, "a line without end takes bounded memory",
                 "[worker][output]") {
  for (int i = 0; i < 1000; ++i)
    out.feed(std::string(1000, 'x'), now);
  out.feed("\nnext\n", now);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == std::string(output_lines::line_bytes_max, 'x') + "…");
  CHECK(lines[1] == "next");
}

TEST_CASE_METHOD(logged, "too many lines in a second are counted instead",
                 "[worker][output]") {
  for (int i = 0; i < 1500; ++i)
    out.feed("x\n", now);
  CHECK(lines.size() == output_lines::lines_per_second_max);
  out.feed("later\n", now + 1s);
  REQUIRE(lines.size() == output_lines::lines_per_second_max + 2);
  CHECK(lines[lines.size() - 2] == "(500 lines left out)");
  CHECK(lines.back() == "later");
}

TEST_CASE("a process's entry is read whatever the process is called",
          "[worker][leftovers]") {
  auto stat = parse_stat("12 (a) b (c) R 7 12 12 0 -1 4194304 1 2 3 4 5 6 7 8 "
                         "20 0 1 0 987654 1000 1");
  REQUIRE(stat.has_value());
  CHECK(stat->state == 'R');
  CHECK(stat->parent == 7);
  CHECK(stat->group == 12);
  CHECK(stat->started == 987654);
  for (auto bad : {"", "12", "12 (a) ", "12 (a) R x 1 1", "12 (a) R 1 1 1 0"})
    CHECK_FALSE(parse_stat(bad).has_value());
}

TEST_CASE("only a whole stamp is one", "[worker][leftovers]") {
  process_stamp stamp{12, 345, "boot-id"};
  CHECK(to_string(stamp) == "12:345:boot-id");
  CHECK(parse_stamp("12:345:boot-id") == stamp);
  for (auto bad : {"", "12", "12:345", "12:345:", "x:345:b", "12:3x:b"})
    CHECK_FALSE(parse_stamp(bad).has_value());
  CHECK_FALSE(kill_if_same({1, 0, ""}));
  CHECK_FALSE(kill_if_same({-1, 0, ""}));
}

TEST_CASE("the environment keeps our own names to us", "[worker][process]") {
  const char* inherited[] = {"HEDDLE_API_KEY=s",   "A=1",  "B=2=3", "broken",
                             "HEDDLE_WORKER_FD=9", nullptr};
  process_options options;
  options.env = {{"B", "4"}, {"HEDDLE_WORKER_FD", "8"}};
  CHECK(worker_environment(inherited, options)
        == std::vector<std::string>{"A=1", "B=4", "HEDDLE_WORKER_FD=3"});
  options.worker_env = std::vector<std::string>{"C"};
  CHECK(worker_environment(inherited, options)
        == std::vector<std::string>{"B=4", "HEDDLE_WORKER_FD=3"});
}

TEST_CASE("orders to the launcher arrive as they were given",
          "[worker][process]") {
  auto frame_of = [](const std::string& bytes) {
    return std::make_shared<const std::string>(bytes.substr(4));
  };
  start_order what{7, {"py", "x y"}, {"A=\xFF"}, "/tmp", 99};
  auto got = decode_order(frame_of(encode_order(what)));
  const auto& start = std::get<start_order>(got);
  CHECK(start.token == 7);
  CHECK(start.argv == what.argv);
  CHECK(start.env == what.env);
  CHECK(start.cwd == "/tmp");
  CHECK(start.open_files_max == 99);
  auto kill = decode_order(frame_of(encode_order(kill_order{8})));
  CHECK(std::get<kill_order>(kill).token == 8);
  auto begun = decode_launch_report(
    frame_of(encode_launch_report(process_started{9, 4711})));
  CHECK(std::get<process_started>(begun).pid == 4711);
  auto over = decode_launch_report(
    frame_of(encode_launch_report(process_ended{9, "exited with 3"})));
  CHECK(std::get<process_ended>(over).how == "exited with 3");
}
