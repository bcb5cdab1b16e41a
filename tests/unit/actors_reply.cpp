#include "actors/latch.hpp"
#include "actors/reply.hpp"

#include "tests/catch.hpp"

#include <optional>

// One answer, owed: delivered once, whatever becomes of the question.

using namespace heddle;
using actors::reply;

namespace {

struct asker {
  int answers = 0;
  std::optional<result<int>> got;

  reply<int> ask() {
    return reply<int>{[this](result<int> what) {
      ++answers;
      got.emplace(std::move(what));
    }};
  }
};

} // namespace

TEST_CASE("an answer arrives once", "[actors][reply]") {
  asker it;
  {
    auto debt = it.ask();
    auto copy = debt;
    debt.deliver(1);
    copy.deliver(2);
    debt.deliver(error{errc::internal, ""});
  }
  CHECK(it.answers == 1);
  CHECK(it.got->value() == 1);
}

TEST_CASE("a question that is dropped is answered", "[actors][reply]") {
  asker it;
  {
    auto debt = it.ask();
    auto copy = std::make_unique<reply<int>>(debt);
    debt = {};
    CHECK(it.answers == 0); // Somebody still owes it.
  }
  CHECK(it.answers == 1);
  CHECK(it.got->error().code == errc::unavailable);
}

TEST_CASE("a reply that is owed to nobody does nothing", "[actors][reply]") {
  reply<int> nobody;
  nobody.deliver(1);
  CHECK_NOTHROW(nobody.deliver(2));
}

TEST_CASE("an answer may let go of the last reply", "[actors][reply]") {
  auto debt = std::make_shared<std::optional<reply<int>>>();
  int answers = 0;
  debt->emplace([&answers, debt](result<int>) {
    ++answers;
    debt->reset();
  });
  auto copy = **debt;
  copy.deliver(1);
  copy = {};
  CHECK(answers == 1);
}

TEST_CASE("a latch is let go of by its last holder", "[actors][latch]") {
  int done = 0;
  auto first = actors::make_latch([&done] { ++done; });
  auto second = first;
  first.reset();
  CHECK(done == 0);
  second.reset();
  CHECK(done == 1);
}
