#include "worker/wire/decode.hpp"

#include "worker/wire/bodies.hpp"
#include "worker/wire/fields.hpp"

namespace heddle::worker::wire {

namespace {

template <class T>
report body(unpacker& in) {
  T out;
  read(in, out);
  return out;
}

/// A frame that says all by its type. Its body is a map all the same.
template <class T>
report no_body(unpacker& in) {
  if (in.map() != 0)
    in.fail("not an empty map");
  return T{};
}

struct report_type {
  std::string_view name;
  report (*read)(unpacker& in);
};

// Those that runs send most come first.
constexpr report_type report_types[] = {
  {"events", body<events>},
  {"put", body<put>},
  {"writes", body<writes>},
  {"view", body<view>},
  {"started", no_body<started>},
  {"end", body<end>},
  {"clean", no_body<clean>},
  {"get", body<get>},
  {"cancelling", no_body<cancelling>},
  {"store", body<store_ops>},
  {"pong", body<pong>},
  {"state", body<latest_state>},
  {"list", body<list>},
  {"answer", body<answer>},
  {"beat", body<beat>},
  {"log", body<log>},
  {"hello", body<hello>},
};

report read_body(unpacker& in, std::string_view type) {
  constexpr std::size_t shown_bytes_max = 40;
  for (const auto& known : report_types) {
    if (known.name != type)
      continue;
    auto what = known.read(in);
    if (!in.ok())
      in.blame(type);
    return what;
  }
  in.fail("unknown type '" + printable(type, shown_bytes_max) + "'");
  return started{};
}

} // namespace

result<std::pair<run_no, report>>
decode(const std::shared_ptr<const std::string>& frame) {
  unpacker in{frame};
  in.array_of(3);
  auto type = in.text_view();
  auto run = in.u32();
  if (!in.ok())
    return error{errc::bad_request, in.problem()};
  auto what = read_body(in, type);
  if (in.ok() && !in.at_end())
    in.fail("bytes after the frame's value");
  if (!in.ok())
    return error{errc::bad_request, in.problem()};
  if (auto* emitted = std::get_if<events>(&what))
    emitted->cost = frame->size();
  return std::pair{run, std::move(what)};
}

} // namespace heddle::worker::wire
