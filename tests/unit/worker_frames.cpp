#include "worker/wire/frame.hpp"
#include "worker/wire/frame_reader.hpp"

#include "tests/catch.hpp"

#include <algorithm>
#include <cstring>
#include <random>

using namespace heddle::worker::wire;

namespace {

using frames = std::vector<std::shared_ptr<const std::string>>;

std::string framed(const std::string& payload) {
  std::string out(length_bytes, '\0');
  put_length(out.data(), payload.size());
  return out + payload;
}

/// Feeds `bytes`, at most `step` at once.
bool feed(frame_reader& reader, std::string_view bytes, std::size_t step,
          frames& out) {
  while (!bytes.empty()) {
    auto space = reader.space();
    if (space.empty())
      return false;
    auto take = std::min({step, bytes.size(), space.size()});
    std::memcpy(space.data(), bytes.data(), take);
    bytes.remove_prefix(take);
    if (!reader.received(take, out))
      return false;
  }
  return true;
}

} // namespace

TEST_CASE("frames are the same, however they arrive", "[worker][frames]") {
  std::mt19937 random{7};
  std::vector<std::string> sent;
  std::string bytes;
  for (std::size_t size :
       {1U, 3U, 65535U, 65536U, 65537U, 200'000U, 5U, 3'000'000U, 17U}) {
    std::string payload(size, '\0');
    for (auto& c : payload)
      c = static_cast<char>(random());
    bytes += framed(payload);
    sent.push_back(payload);
  }
  for (std::size_t step : {1U, 7U, 4096U, 65536U, 10'000'000U}) {
    frame_reader reader{4U << 20U};
    frames got;
    REQUIRE(feed(reader, bytes, step, got));
    REQUIRE(got.size() == sent.size());
    for (std::size_t i = 0; i < sent.size(); ++i)
      CHECK((*got[i] == sent[i]));
  }
}

TEST_CASE("a frame that is empty or too large ends the reading",
          "[worker][frames]") {
  frames got;
  frame_reader empty{100};
  CHECK_FALSE(feed(empty, framed(""), 64, got));
  frame_reader exact{100};
  CHECK(feed(exact, framed(std::string(100, 'x')), 64, got));
  CHECK(got.size() == 1);
  frame_reader large{100};
  CHECK_FALSE(feed(large, framed(std::string(101, 'x')), 64, got));
  CHECK(got.size() == 1);
}

TEST_CASE("a long claimed frame takes memory only as it arrives",
          "[worker][frames]") {
  frame_reader reader{64U << 20U};
  frames got;
  std::string head(length_bytes, '\0');
  put_length(head.data(), 64U << 20U);
  REQUIRE(feed(reader, head + "abc", 64, got));
  CHECK(reader.space().size() <= 1U << 20U);
  CHECK(got.empty());
}
