#include "worker/wire/encode.hpp"

#include "worker/wire/decode.hpp"
#include "worker/wire/frame.hpp"

namespace heddle::worker::wire {

namespace {

/// `tuples` goes in frames of about this size, so that other frames come in
/// between and neither side holds a whole history twice.
constexpr std::size_t tuples_bytes = 4U << 20U;

std::uint64_t count_of(std::chrono::milliseconds span) {
  return span.count() < 0 ? 0 : static_cast<std::uint64_t>(span.count());
}

std::string_view name_of(stop_action action) {
  switch (action) {
    case stop_action::interrupt: return "interrupt";
    case stop_action::rollback: return "rollback";
    case stop_action::timeout: return "timeout";
  }
  return "interrupt";
}

std::string_view name_of(refusal why) {
  switch (why) {
    case refusal::stopping: return "stopping";
    case refusal::fenced: return "fenced";
    case refusal::too_large: return "too_large";
    case refusal::store: return "store";
  }
  return "store";
}

/// About what `t` takes, payloads exactly.
std::size_t size_of(const tuple& t) {
  constexpr std::size_t heads_bytes = 64;
  std::size_t size = heads_bytes + t.ns.size() + t.head.bytes.view().size()
                     + t.metadata.view().size();
  for (const auto& v : t.values)
    size += heads_bytes + v.channel.size() + v.data.bytes.view().size();
  for (const auto& w : t.writes)
    size += heads_bytes + w.path.size() + w.data.bytes.view().size();
  return size;
}

void pack_values(packer& out, const std::vector<tuple::value>& values) {
  out.text("values").array(values.size());
  for (const auto& v : values)
    out.array(4)
      .text(v.channel)
      .text(v.version)
      .text(v.data.type)
      .bytes(v.data.bytes.view());
}

void pack_writes(packer& out, const std::vector<tuple::write>& writes) {
  out.text("writes").array(writes.size());
  for (const auto& w : writes)
    out.array(6)
      .text(w.task)
      .text(w.path)
      .integer(w.idx)
      .text(w.channel)
      .text(w.data.type)
      .bytes(w.data.bytes.view());
}

constexpr std::size_t tuple_fields = 8;

/// The fields of a tuple: what `tuple_fields` counts.
void pack_tuple(packer& out, const tuple& t) {
  out.text("ns").text(t.ns);
  out.text("id").text(t.id);
  out.text("parent");
  if (t.parent.empty())
    out.nil();
  else
    out.text(t.parent);
  out.text("head").array(2).text(t.head.type).bytes(t.head.bytes.view());
  out.text("metadata").bytes(t.metadata.or_else("{}"));
  pack_values(out, t.values);
  pack_writes(out, t.writes);
  out.text("viewed").boolean(t.viewed);
}

/// The tuples from `first` to `last`; `is_last`: no frame follows.
std::string pack_tuples(run_no run, std::uint32_t req, const tuple* first,
                        const tuple* last, bool is_last) {
  frame_packer out{"tuples", run};
  std::size_t size = 0;
  for (const auto* t = first; t != last; ++t)
    size += size_of(*t);
  out.reserve(size);
  out.map(3).text("req").natural(req);
  out.text("items").array(static_cast<std::size_t>(last - first));
  for (const auto* t = first; t != last; ++t) {
    out.map(tuple_fields);
    pack_tuple(out, *t);
  }
  out.text("last").boolean(is_last);
  return out.finish();
}

std::string only(std::string_view type, run_no run) {
  frame_packer out{type, run};
  out.map(0);
  return out.finish();
}

std::string with_number(std::string_view type, run_no run,
                        std::string_view field, std::uint64_t value) {
  frame_packer out{type, run};
  out.map(1).text(field).natural(value);
  return out.finish();
}

} // namespace

std::string encode_welcome(const worker_limits& limits) {
  frame_packer out{"welcome", 0};
  out.map(4).text("protocol").natural(protocol_version);
  out.text("limits").map(3);
  out.text("frame").natural(limits.frame_bytes_max);
  out.text("value").natural(limits.value_bytes_max);
  out.text("checkpoint").natural(limits.checkpoint_bytes_max);
  out.text("credit_process").natural(limits.credit_process_bytes);
  out.text("credit_run").natural(limits.credit_run_bytes);
  return out.finish();
}

std::string encode(run_no run, const start& what) {
  frame_packer out{"start", run};
  out.reserve(what.kwargs.view().size() + what.graph.size());
  out.map(9);
  out.text("run_id").text(what.run.str());
  out.text("thread_id").text(what.thread.str());
  out.text("assistant_id").text(what.assistant.str());
  out.text("epoch").natural(what.epoch);
  out.text("attempt").natural(what.attempt);
  out.text("graph").text(what.graph);
  out.text("kwargs").bytes(what.kwargs.or_else("{}"));
  out.text("resume").boolean(what.resume);
  out.text("temporary").boolean(what.temporary);
  return out.finish();
}

std::string encode(run_no run, const cancel& what) {
  frame_packer out{"cancel", run};
  out.map(3).text("action").text(name_of(what.action));
  out.text("reason").text(what.reason);
  out.text("deadline_ms").natural(count_of(what.deadline));
  return out.finish();
}

std::string encode(run_no run, const ask& what) {
  frame_packer out{"ask", run};
  out.reserve(what.args.view().size() + what.graph.size());
  out.map(4).text("kind").text(what.kind);
  out.text("graph").text(what.graph);
  out.text("thread_id").text(what.thread.str());
  out.text("args").bytes(what.args.or_else("{}"));
  return out.finish();
}

std::string encode_drain(run_no run) {
  return only("drain", run);
}

std::string encode_raise(run_no run) {
  return only("raise", run);
}

std::string encode_credit(run_no run, std::size_t bytes) {
  return with_number("credit", run, "bytes", bytes);
}

std::string encode_done(run_no run, std::uint32_t seq) {
  return with_number("done", run, "seq", seq);
}

std::string encode_refused(run_no run, std::uint32_t seq, refusal why,
                           std::string_view text) {
  frame_packer out{"refused", run};
  out.map(3).text("seq").natural(seq);
  out.text("code").text(name_of(why));
  out.text("text").text(text);
  return out.finish();
}

std::string encode_tuple(run_no run, std::uint32_t req,
                         const std::optional<tuple>& found) {
  frame_packer out{"tuple", run};
  if (found)
    out.reserve(size_of(*found));
  out.map(2 + (found ? tuple_fields : 0));
  out.text("req").natural(req);
  out.text("found").boolean(found.has_value());
  if (found)
    pack_tuple(out, *found);
  return out.finish();
}

std::vector<std::string> encode_tuples(run_no run, std::uint32_t req,
                                       const std::vector<tuple>& found) {
  std::vector<std::string> frames;
  const auto* first = found.data();
  const auto* end = found.data() + found.size();
  std::size_t size = 0;
  for (const auto* t = first; t != end; ++t) {
    auto more = size_of(*t);
    if (t != first && size + more > tuples_bytes) {
      frames.push_back(pack_tuples(run, req, first, t, false));
      first = t;
      size = 0;
    }
    size += more;
  }
  frames.push_back(pack_tuples(run, req, first, end, true));
  return frames;
}

std::string encode_stored(run_no run, std::uint32_t req,
                          const json_text& results) {
  frame_packer out{"stored", run};
  out.reserve(results.view().size());
  out.map(2).text("req").natural(req);
  out.text("results").bytes(results.or_else("[]"));
  return out.finish();
}

std::string encode_ping(std::uint64_t n) {
  return with_number("ping", 0, "n", n);
}

std::string encode_exit(std::chrono::milliseconds deadline) {
  return with_number("exit", 0, "deadline_ms", count_of(deadline));
}

} // namespace heddle::worker::wire
