#include "tests/fuzz/property.hpp"
#include "worker/wire/decode.hpp"
#include "worker/wire/encode.hpp"
#include "worker/wire/frame.hpp"
#include "worker/wire/frame_reader.hpp"

#include <algorithm>
#include <cstring>

// Frames of a worker, cut out of bytes in pieces of a size that the first byte
// says; and what we send to one, which must read as it was written.

using namespace heddle;
using namespace heddle::fuzz;
using namespace heddle::worker;

namespace {

using frame = std::shared_ptr<const std::string>;

std::vector<frame> cut(std::string_view bytes, std::size_t step) {
  wire::frame_reader reader{1U << 16U};
  std::vector<frame> frames;
  while (!bytes.empty()) {
    auto space = reader.space();
    require(!space.empty(), "there is room for more");
    auto take = std::min({step, bytes.size(), space.size()});
    std::memcpy(space.data(), bytes.data(), take);
    bytes.remove_prefix(take);
    if (!reader.received(take, frames))
      break;
  }
  return frames;
}

void read(const frame& one) {
  auto report = wire::decode(one);
  if (!report)
    require(!report.error().detail.empty(), "a refusal says why");
}

/// One value, and nothing behind it.
void require_whole(const std::string& sent) {
  auto length = wire::get_length(sent.data());
  require(length == sent.size() - wire::length_bytes, "a length is right");
  auto body = sent.substr(wire::length_bytes);
  wire::unpacker in{std::make_shared<const std::string>(std::move(body))};
  in.skip();
  require(in.ok() && in.at_end(), "a frame is one value");
}

void send(std::string_view text) {
  std::string some{text}; // What we say is UTF-8; what we pass on, anything.
  for (auto& c : some)
    c = static_cast<char>(c & 0x7f);
  start begin;
  begin.graph = some;
  begin.kwargs = json_text{json_quote("x")};
  require_whole(wire::encode(7, begin));
  cancel stop;
  stop.reason = some;
  require_whole(wire::encode(7, stop));
  tuple found;
  found.ns = some;
  found.id = some;
  found.head = {"msgpack", json_text{std::string{text}}};
  found.values.push_back({some, some, {"json", json_text{some}}});
  found.writes.push_back({some, some, -1, some, {"x", json_text{some}}});
  require_whole(wire::encode_tuple(1, 2, found));
  for (const auto& one : wire::encode_tuples(1, 2, {found, found}))
    require_whole(one);
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto text = text_of(data, size);
  auto step = choose(text, 64) + 1;
  auto pieces = cut(text, step);
  auto whole = cut(text, text.size());
  require(pieces.size() == whole.size(), "frames do not depend on pieces");
  for (std::size_t i = 0; i < whole.size(); ++i)
    require(*pieces[i] == *whole[i], "frames do not depend on pieces");
  for (const auto& one : whole)
    read(one);
  read(std::make_shared<const std::string>(text));
  send(text.substr(0, 256));
  return 0;
}
