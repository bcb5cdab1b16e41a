#include "worker/wire/decode_orders.hpp"

#include "worker/wire/bodies.hpp"
#include "worker/wire/decode.hpp"
#include "worker/wire/fields.hpp"

#include <utility>

namespace heddle::worker::wire {

namespace {

template <class Id>
Id read_id(unpacker& in) {
  auto id = Id::parse(in.text());
  if (!id)
    in.fail("not an id");
  return id.value_or(Id{});
}

constexpr field<start> start_fields[] = {
  {"run_id", needed,
   [](auto& in, start& out) { out.run = read_id<run_id>(in); }},
  {"thread_id", needed,
   [](auto& in, start& out) { out.thread = read_id<thread_id>(in); }},
  {"assistant_id", needed,
   [](auto& in, start& out) { out.assistant = read_id<assistant_id>(in); }},
  {"epoch", needed, [](auto& in, start& out) { out.epoch = in.natural(); }},
  {"attempt", needed, [](auto& in, start& out) { out.attempt = in.u32(); }},
  {"graph", needed, [](auto& in, start& out) { out.graph = in.text(); }},
  {"kwargs", needed, [](auto& in, start& out) { out.kwargs = in.json(); }},
  {"resume", needed, [](auto& in, start& out) { out.resume = in.boolean(); }},
  {"temporary", needed,
   [](auto& in, start& out) { out.temporary = in.boolean(); }},
};

constexpr std::string_view actions[] = {"interrupt", "rollback", "timeout"};

void read_action(unpacker& in, cancel& out) {
  out.action = static_cast<stop_action>(read_name(in, actions));
}

void read_deadline(unpacker& in, cancel& out) {
  out.deadline = std::chrono::milliseconds{in.natural()};
}

constexpr field<cancel> cancel_fields[] = {
  {"action", needed, read_action},
  {"reason", needed, [](auto& in, cancel& out) { out.reason = in.text(); }},
  {"deadline_ms", needed, read_deadline},
};

constexpr field<ask> ask_fields[] = {
  {"kind", needed, [](auto& in, ask& out) { out.kind = in.text(); }},
  {"graph", needed, [](auto& in, ask& out) { out.graph = in.text(); }},
  {"thread_id", needed,
   [](auto& in, ask& out) { out.thread = read_id<thread_id>(in); }},
  {"args", needed, [](auto& in, ask& out) { out.args = in.json(); }},
};

struct refused {
  std::uint32_t seq = 0;
  refusal code = refusal::store;
  std::string text;
};

constexpr std::string_view refusals[]
  = {"stopping", "fenced", "too_large", "store"};

void read_code(unpacker& in, refused& out) {
  out.code = static_cast<refusal>(read_name(in, refusals));
}

constexpr field<refused> refused_fields[] = {
  {"seq", needed, [](auto& in, refused& out) { out.seq = in.u32(); }},
  {"code", needed, read_code},
  {"text", needed, [](auto& in, refused& out) { out.text = in.text(); }},
};

// -- tuples -------------------------------------------------------------------

void read_value(unpacker& in, tuple::value& out) {
  in.array_of(4);
  out.channel = in.text();
  out.version = in.text();
  read_blob_parts(in, out.data);
}

void read_write(unpacker& in, tuple::write& out) {
  in.array_of(6);
  out.task = in.text();
  out.path = in.text();
  out.idx = in.i32();
  out.channel = in.text();
  read_blob_parts(in, out.data);
}

struct tuple_answer {
  std::uint32_t req = 0;
  bool found = false;
  tuple what;
};

void read_head(unpacker& in, tuple_answer& out) {
  read_blob(in, out.what.head);
}

void read_values(unpacker& in, tuple_answer& out) {
  read_items(in, out.what.values, read_value);
}

void read_writes(unpacker& in, tuple_answer& out) {
  read_items(in, out.what.writes, read_write);
}

constexpr field<tuple_answer> tuple_answer_fields[] = {
  {"req", optional, [](auto& in, tuple_answer& out) { out.req = in.u32(); }},
  {"found", optional,
   [](auto& in, tuple_answer& out) { out.found = in.boolean(); }},
  {"ns", optional,
   [](auto& in, tuple_answer& out) { out.what.ns = in.text(); }},
  {"id", optional,
   [](auto& in, tuple_answer& out) { out.what.id = in.text(); }},
  {"parent", optional,
   [](auto& in, tuple_answer& out) { out.what.parent = in.text(); }},
  {"head", optional, [](auto& in, tuple_answer& out) { read_head(in, out); }},
  {"metadata", optional,
   [](auto& in, tuple_answer& out) { out.what.metadata = in.json(); }},
  {"values", optional, read_values},
  {"writes", optional, read_writes},
  {"viewed", optional,
   [](auto& in, tuple_answer& out) { out.what.viewed = in.boolean(); }},
};

void read_item(unpacker& in, tuple& out) {
  tuple_answer one;
  read_fields(in, one, tuple_answer_fields);
  out = std::move(one.what);
}

struct tuples_answer {
  std::uint32_t req = 0;
  std::vector<tuple> items;
  bool last = false;
};

constexpr field<tuples_answer> tuples_answer_fields[] = {
  {"req", needed, [](auto& in, tuples_answer& out) { out.req = in.u32(); }},
  {"items", needed,
   [](auto& in, tuples_answer& out) { read_items(in, out.items, read_item); }},
  {"last", needed,
   [](auto& in, tuples_answer& out) { out.last = in.boolean(); }},
};

struct stored {
  std::uint32_t req = 0;
  json_text results;
};

constexpr field<stored> stored_fields[] = {
  {"req", needed, [](auto& in, stored& out) { out.req = in.u32(); }},
  {"results", needed, [](auto& in, stored& out) { out.results = in.json(); }},
};

void read_credit_run(unpacker& in, order_reader::welcome& out) {
  out.credit_run_bytes = in.natural();
}

constexpr field<order_reader::welcome> welcome_fields[] = {
  {"credit_run", needed, read_credit_run},
};

// -- one function per frame ---------------------------------------------------

template <std::size_t N, class T>
T body(unpacker& in, const field<T> (&table)[N]) {
  T out;
  read_fields(in, out, table);
  return out;
}

/// The one number of a body.
std::uint64_t the_number(unpacker& in) {
  if (in.map() != 1)
    in.fail("not one field");
  in.text_view();
  return in.natural();
}

void nothing(unpacker& in) {
  if (in.map() != 0)
    in.fail("not an empty map");
}

/// What to do once the whole frame is known to be right.
using call = std::function<void(channel&, run_no)>;

call read_start(unpacker& in) {
  return [what = body(in, start_fields)](channel& to, run_no run) {
    to.start(run, what);
  };
}

call read_cancel(unpacker& in) {
  return [what = body(in, cancel_fields)](channel& to, run_no run) {
    to.cancel(run, what);
  };
}

call read_ask(unpacker& in) {
  return [what = body(in, ask_fields)](channel& to, run_no run) {
    to.ask(run, what);
  };
}

call read_drain(unpacker& in) {
  nothing(in);
  return [](channel& to, run_no run) { to.drain(run); };
}

call read_raise(unpacker& in) {
  nothing(in);
  return [](channel& to, run_no run) { to.raise(run); };
}

call read_credit(unpacker& in) {
  return [bytes = the_number(in)](channel& to, run_no run) {
    to.credit(run, bytes);
  };
}

call read_done(unpacker& in) {
  auto seq = static_cast<std::uint32_t>(the_number(in));
  return [seq](channel& to, run_no run) { to.done(run, seq); };
}

call read_refused(unpacker& in) {
  return [what = body(in, refused_fields)](channel& to, run_no run) {
    to.refuse(run, what.seq, what.code, what.text);
  };
}

call read_tuple(unpacker& in) {
  return [what = body(in, tuple_answer_fields)](channel& to, run_no run) {
    to.answer_get(run, what.req,
                  what.found ? std::optional{what.what} : std::nullopt);
  };
}

call read_stored(unpacker& in) {
  return [what = body(in, stored_fields)](channel& to, run_no run) {
    to.answer_store(run, what.req, what.results);
  };
}

call read_ping(unpacker& in) {
  return [n = the_number(in)](channel& to, run_no) { to.ping(n); };
}

call read_exit(unpacker& in) {
  return [ms = the_number(in)](channel& to, run_no) {
    to.exit(std::chrono::milliseconds{ms});
  };
}

struct order_type {
  std::string_view name;
  call (*read)(unpacker& in);
};

constexpr order_type order_types[] = {
  {"credit", read_credit}, {"done", read_done},     {"tuple", read_tuple},
  {"start", read_start},   {"cancel", read_cancel}, {"drain", read_drain},
  {"raise", read_raise},   {"stored", read_stored}, {"ask", read_ask},
  {"ping", read_ping},     {"exit", read_exit},     {"refused", read_refused},
};

} // namespace

result<void>
order_reader::take(const std::shared_ptr<const std::string>& frame) {
  unpacker in{frame};
  in.array_of(3);
  auto type = in.text_view();
  auto run = in.u32();
  call then;
  if (in.ok() && type == "welcome") {
    auto what = body(in, welcome_fields);
    if (in.ok())
      to_ = greeted_(what);
  } else if (in.ok() && type == "tuples") {
    auto what = body(in, tuples_answer_fields);
    std::move(what.items.begin(), what.items.end(), std::back_inserter(items_));
    if (what.last)
      then = [this, req = what.req](channel& to, run_no which) {
        to.answer_list(which, req, std::exchange(items_, {}));
      };
  } else {
    for (const auto& known : order_types)
      if (in.ok() && known.name == type)
        then = known.read(in);
    if (!then)
      in.fail("unknown type");
  }
  if (!in.ok() || (then && !to_))
    return error{errc::bad_request,
                 in.ok() ? "not welcomed yet"
                         : std::string{type} + ": " + in.problem()};
  if (then)
    then(*to_, run);
  return {};
}

} // namespace heddle::worker::wire
