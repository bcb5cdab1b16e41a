#include "worker/process/orders.hpp"

#include "worker/wire/frame.hpp"

#include <stdexcept>

namespace heddle::worker {

namespace {

void pack_list(wire::packer& out, const std::vector<std::string>& list) {
  out.array(list.size());
  for (const auto& item : list)
    out.bytes(item); // Paths and environment need not be UTF-8.
}

std::vector<std::string> read_list(wire::unpacker& in) {
  std::vector<std::string> list(in.array());
  for (auto& item : list)
    item = in.bytes().str();
  return list;
}

/// Reads the head that `frame_packer` writes; its number is not used here.
std::string read_head(wire::unpacker& in) {
  in.array_of(3);
  auto type = in.text();
  in.u32();
  return type;
}

void expect_end(const wire::unpacker& in) {
  if (!in.ok())
    throw std::runtime_error{"launcher: " + in.problem()};
}

} // namespace

std::string encode_order(const order& what) {
  if (const auto* kill = std::get_if<kill_order>(&what)) {
    wire::frame_packer out{"kill", 0};
    out.array(1).natural(kill->token);
    return out.finish();
  }
  const auto& start = std::get<start_order>(what);
  wire::frame_packer out{"start", 0};
  out.array(5).natural(start.token);
  pack_list(out, start.argv);
  pack_list(out, start.env);
  out.bytes(start.cwd).natural(start.open_files_max);
  return out.finish();
}

order decode_order(const frame_bytes& frame) {
  wire::unpacker in{frame};
  auto type = read_head(in);
  order out;
  if (type == "kill") {
    in.array_of(1);
    out = kill_order{in.natural()};
  } else {
    in.array_of(5);
    start_order start;
    start.token = in.natural();
    start.argv = read_list(in);
    start.env = read_list(in);
    start.cwd = in.bytes().str();
    start.open_files_max = in.natural();
    out = std::move(start);
  }
  expect_end(in);
  return out;
}

std::string encode_launch_report(const launch_report& what) {
  if (const auto* started = std::get_if<process_started>(&what)) {
    wire::frame_packer out{"started", 0};
    out.array(2).natural(started->token).integer(started->pid);
    return out.finish();
  }
  const auto& ended = std::get<process_ended>(what);
  wire::frame_packer out{"ended", 0};
  out.array(2).natural(ended.token).bytes(ended.how);
  return out.finish();
}

launch_report decode_launch_report(const frame_bytes& frame) {
  wire::unpacker in{frame};
  auto type = read_head(in);
  in.array_of(2);
  auto token = in.natural();
  launch_report out;
  if (type == "started")
    out = process_started{token, in.integer()};
  else
    out = process_ended{token, in.bytes().str()};
  expect_end(in);
  return out;
}

} // namespace heddle::worker
