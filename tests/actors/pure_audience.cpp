#include "actors/audience.hpp"

#include "tests/catch.hpp"
#include "tests/house/ports.hpp"

// The readers of one run: nothing lost, doubled or out of order.

using namespace heddle;
using actors::audience;
using test::kept_reader;

namespace {

using texts = std::vector<std::string>;
using arrival = audience::arrival;

event_ptr event(int n) {
  return make_event("values", json_text{std::to_string(n)},
                    "10-" + std::to_string(n));
}

follow_options with(bool wait, bool cancels) {
  follow_options how;
  how.wait = wait;
  how.cancel_on_disconnect = cancels;
  return how;
}

const auto waits = with(true, false);

struct room {
  audience all;
  std::shared_ptr<kept_reader> reader = std::make_shared<kept_reader>();

  std::uint64_t join(arrival came, follow_options how = {}) {
    return all.add(reader, std::move(how), came);
  }
  void publish(int n) {
    auto one = event(n);
    all.publish({&one, 1});
  }
};

} // namespace

TEST_CASE_METHOD(room, "what a replay has is not shown twice",
                 "[actors][audience]") {
  auto no = join(arrival::replay);
  publish(2);
  publish(3);
  CHECK(reader->events.empty());
  all.replay(no, {event(1), event(2)});
  publish(4);
  CHECK(reader->data("values") == texts{"1", "2", "3", "4"});
}

TEST_CASE_METHOD(room, "what a reader has that comes back is not shown again",
                 "[actors][audience]") {
  auto no = join(arrival::replay);
  publish(1); // Stored and seen; its writer hears of the commit only now.
  all.replay(no, {}, "10-2");
  publish(2);
  publish(3);
  CHECK(reader->data("values") == texts{"3"});
}

TEST_CASE_METHOD(room, "sequence numbers are compared as numbers",
                 "[actors][audience]") {
  auto no = join(arrival::replay);
  publish(10);
  all.replay(no, {event(9)});
  CHECK(reader->data("values") == texts{"9", "10"});
}

TEST_CASE_METHOD(room, "an end that comes before the replay waits for it",
                 "[actors][audience]") {
  auto no = join(arrival::replay);
  publish(2);
  all.end(end_reason::over, nullptr);
  CHECK(!reader->last);
  all.replay(no, {event(1)});
  CHECK(reader->data("values") == texts{"1", "2"});
  CHECK(reader->over());
  CHECK(!reader->after_end);
  CHECK(all.empty());
}

TEST_CASE_METHOD(room, "a server that stops waits for no replay",
                 "[actors][audience]") {
  join(arrival::replay);
  all.end(end_reason::unavailable, nullptr);
  REQUIRE(reader->last);
  CHECK(reader->last->why == end_reason::unavailable);
  CHECK(all.empty());
}

TEST_CASE_METHOD(room, "who has left is shown nothing", "[actors][audience]") {
  auto no = join(arrival::live, with(false, true));
  auto how = all.remove(no);
  REQUIRE(how);
  CHECK(how->cancel_on_disconnect);
  CHECK(!all.remove(no));
  publish(1);
  CHECK(reader->events.empty());
}

TEST_CASE_METHOD(room, "who waits sees only the document",
                 "[actors][audience]") {
  join(arrival::live, waits);
  CHECK(all.needs_thread());
  publish(1);
  publish(2);
  thread_record thread;
  thread.values = json_text{"9"};
  all.end(end_reason::over, &thread);
  CHECK(reader->events.empty());
  CHECK(reader->last->document.view() == "2"); // The last values it was shown.
}

TEST_CASE_METHOD(room, "who saw nothing gets the thread's values",
                 "[actors][audience]") {
  join(arrival::live, waits);
  thread_record thread;
  thread.values = json_text{"9"};
  all.end(end_reason::over, &thread);
  CHECK(reader->last->document.view() == "9");
}

TEST_CASE_METHOD(room, "a join of what is gone tells nothing of it",
                 "[actors][audience]") {
  join(arrival::live, waits);
  publish(1);
  all.end(end_reason::over, nullptr);
  CHECK(reader->last->document.view() == "{}");
}

TEST_CASE_METHOD(room, "who created what is gone is told what it saw",
                 "[actors][audience]") {
  join(arrival::with_run, waits);
  publish(1);
  all.end(end_reason::over, nullptr);
  CHECK(reader->last->document.view() == "1");
}
