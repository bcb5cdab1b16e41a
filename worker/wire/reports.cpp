// What a worker says about itself and about how a run fares; the bodies that
// carry checkpoints are in bodies.cpp.

#include "worker/wire/bodies.hpp"
#include "worker/wire/decode.hpp"
#include "worker/wire/fields.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace heddle::worker::wire {

namespace {

constexpr std::size_t log_bytes_max = 16 * 1024;
constexpr std::size_t where_bytes_max = 1024;

/// Where a graph failed to load.
struct load_error {
  std::string text;
  std::string file;
  std::uint64_t line = 0;
};

constexpr field<load_error> load_error_fields[] = {
  {"text", needed, [](auto& in, load_error& out) { out.text = in.text(); }},
  {"file", optional, [](auto& in, load_error& out) { out.file = in.text(); }},
  {"line", optional,
   [](auto& in, load_error& out) { out.line = in.natural(); }},
};

void read_load_error(unpacker& in, std::string& out) {
  load_error why;
  read_fields(in, why, load_error_fields);
  if (!why.file.empty()) {
    out = why.file;
    if (why.line > 0)
      out += ":" + std::to_string(why.line);
    out += ": ";
  }
  out += why.text.empty() ? "could not be loaded" : why.text;
}

constexpr field<graph_info> graph_fields[] = {
  {"id", needed, [](auto& in, graph_info& out) { out.id = in.text(); }},
  {"description", optional,
   [](auto& in, graph_info& out) { out.description = in.text(); }},
  {"schemas", optional,
   [](auto& in, graph_info& out) { out.schemas = in.json(); }},
  {"error", optional,
   [](auto& in, graph_info& out) { read_load_error(in, out.error); }},
};

void read_graph(unpacker& in, graph_info& out) {
  read_fields(in, out, graph_fields);
}

void read_protocol(unpacker& in) {
  auto spoken = in.natural();
  if (in.ok() && spoken != protocol_version)
    in.fail("version " + std::to_string(spoken) + " is not spoken here, only "
            + std::to_string(protocol_version));
}

/// A map of texts as a JSON object: one form of it is enough for all readers.
void read_versions(unpacker& in, json_text& out) {
  std::string object = "{";
  auto count = in.map();
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    object += i == 0 ? "" : ",";
    object += json_quote(in.text_view());
    object += ':';
    object += json_quote(in.text_view());
  }
  out = json_text{object + "}"};
}

void read_features(unpacker& in) {
  std::vector<std::string> ignored;
  read_items(in, ignored, read_text);
}

constexpr field<hello> hello_fields[] = {
  {"protocol", needed, [](auto& in, hello&) { read_protocol(in); }},
  {"language", needed, [](auto& in, hello& out) { out.language = in.text(); }},
  {"pid", needed, [](auto& in, hello& out) { out.pid = in.integer(); }},
  {"versions", needed,
   [](auto& in, hello& out) { read_versions(in, out.versions); }},
  {"features", needed, [](auto& in, hello&) { read_features(in); }},
  {"graphs", needed,
   [](auto& in, hello& out) { read_items(in, out.graphs, read_graph); }},
};

constexpr std::string_view outcomes[]
  = {"success", "error", "cancelled", "drained"};

struct end_error {
  std::string name;
  std::string message;
};

constexpr field<end_error> end_error_fields[] = {
  {"error", needed, [](auto& in, end_error& out) { out.name = in.text(); }},
  {"message", needed,
   [](auto& in, end_error& out) { out.message = in.text(); }},
};

void read_end_error(unpacker& in, end& out) {
  end_error why;
  read_fields(in, why, end_error_fields);
  out.error_name = std::move(why.name);
  out.error_message = std::move(why.message);
}

constexpr field<end> end_fields[] = {
  {"outcome", needed,
   [](auto& in, end& out) {
     out.outcome = static_cast<end_outcome>(read_name(in, outcomes));
   }},
  {"error", optional, [](auto& in, end& out) { read_end_error(in, out); }},
  {"events", needed, [](auto& in, end& out) { out.events = in.natural(); }},
};

/// JSON that is an array of strings.
void read_json_texts(unpacker& in, std::vector<std::string>& out) {
  auto text = in.json();
  if (!in.ok())
    return;
  boost::json::error_code failed;
  auto value = boost::json::parse(text.view(), failed);
  const auto* items = failed ? nullptr : value.if_array();
  if (!items)
    return in.fail("not an array of strings");
  for (const auto& item : *items) {
    if (!item.is_string())
      return in.fail("not an array of strings");
    out.emplace_back(item.get_string().data(), item.get_string().size());
  }
}

constexpr field<latest_state> state_fields[] = {
  {"values", needed,
   [](auto& in, latest_state& out) { out.values = in.json(); }},
  {"next", needed,
   [](auto& in, latest_state& out) { read_json_texts(in, out.next); }},
  {"tasks", needed, [](auto& in, latest_state& out) { out.tasks = in.json(); }},
  {"interrupts", needed,
   [](auto& in, latest_state& out) { out.interrupts = in.json(); }},
};

constexpr std::string_view answer_codes[]
  = {"bad_request", "invalid", "not_found", "internal"};
constexpr errc answer_errors[] = {errc::bad_request, errc::invalid_argument,
                                  errc::not_found, errc::internal};

constexpr field<error> answer_error_fields[] = {
  {"code", needed,
   [](auto& in, error& out) {
     out.code = answer_errors[read_name(in, answer_codes)];
   }},
  {"text", needed, [](auto& in, error& out) { out.detail = in.text(); }},
};

/// An answer as it arrives: `ok` says which of the others counts.
struct raw_answer {
  bool ok = false;
  json_text value;
  error why{errc::internal, ""};
  bool explained = false;
};

constexpr field<raw_answer> answer_fields[] = {
  {"ok", needed, [](auto& in, raw_answer& out) { out.ok = in.boolean(); }},
  {"result", optional,
   [](auto& in, raw_answer& out) { out.value = in.json(); }},
  {"error", optional,
   [](auto& in, raw_answer& out) {
     read_fields(in, out.why, answer_error_fields);
     out.explained = true;
   }},
};

constexpr field<pong> pong_fields[] = {
  {"n", needed, [](auto& in, pong& out) { out.n = in.natural(); }},
  {"lag_ms", needed, [](auto& in, pong& out) { out.lag_ms = in.u32(); }},
  {"busy_threads", needed,
   [](auto& in, pong& out) { out.busy_threads = in.u32(); }},
};

constexpr field<beat> beat_fields[] = {
  {"where", needed,
   [](auto& in, beat& out) {
     out.where = printable(in.text_view(), where_bytes_max);
   }},
};

constexpr field<log> log_fields[] = {
  {"level", needed,
   [](auto& in, log& out) {
     out.level = printable(in.text_view(), where_bytes_max);
   }},
  {"text", needed,
   [](auto& in, log& out) {
     // Whoever shows it escapes what must not reach a terminal.
     out.text = std::string{in.text_view().substr(0, log_bytes_max)};
   }},
};

} // namespace

void read(unpacker& in, hello& out) {
  read_fields(in, out, hello_fields);
}

void read(unpacker& in, latest_state& out) {
  read_fields(in, out, state_fields);
}

void read(unpacker& in, end& out) {
  read_fields(in, out, end_fields);
  bool failed = out.outcome == end_outcome::error;
  if (failed && out.error_name.empty())
    in.fail("no field 'error', although the outcome is one");
}

void read(unpacker& in, answer& out) {
  raw_answer raw;
  read_fields(in, raw, answer_fields);
  if (raw.ok && raw.value.empty())
    in.fail("no field 'result', although it is ok");
  if (!raw.ok && !raw.explained)
    in.fail("no field 'error', although it is not ok");
  if (raw.ok)
    out.value = std::move(raw.value);
  else
    out.value = std::move(raw.why);
}

void read(unpacker& in, pong& out) {
  read_fields(in, out, pong_fields);
}

void read(unpacker& in, beat& out) {
  read_fields(in, out, beat_fields);
}

void read(unpacker& in, log& out) {
  read_fields(in, out, log_fields);
}

} // namespace heddle::worker::wire
