#include "worker/wire/encode_reports.hpp"

#include "worker/wire/decode.hpp"
#include "worker/wire/frame.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <array>

// The frames of a worker that is this same program. Those of Python are read
// back by the same reader (reports.cpp, bodies.cpp).

namespace heddle::worker::wire {

namespace {

void json_or_nil(packer& out, const json_text& value) {
  if (value.empty())
    out.nil();
  else
    out.bytes(value.view());
}

void text_or_nil(packer& out, const std::string& value) {
  if (value.empty())
    out.nil();
  else
    out.text(value);
}

template <class T>
void optional_text(packer& out, const std::optional<T>& value) {
  if (value)
    out.text(*value);
  else
    out.nil();
}

/// Frames that say all by their type.
template <class T>
constexpr std::string_view bare_name = {};
template <>
constexpr std::string_view bare_name<started> = "started";
template <>
constexpr std::string_view bare_name<cancelling> = "cancelling";
template <>
constexpr std::string_view bare_name<clean> = "clean";

template <class T>
std::string encode(run_no run, const T&) {
  static_assert(!bare_name<T>.empty());
  frame_packer out{bare_name<T>, run};
  out.map(0);
  return out.finish();
}

std::string encode(run_no run, const events& what) {
  frame_packer out{"events", run};
  out.reserve(what.cost);
  out.array(what.items.size());
  for (const auto& item : what.items)
    out.array(2).text(item.name).bytes(item.data.view());
  return out.finish();
}

std::string encode(run_no run, const put& what) {
  frame_packer out{"put", run};
  out.map(8).text("seq").natural(what.seq);
  out.text("ns").text(what.ns);
  out.text("id").text(what.id);
  out.text("parent");
  text_or_nil(out, what.parent);
  out.text("head").array(2).text(what.head.type);
  out.bytes(what.head.bytes.view());
  out.text("metadata").bytes(what.metadata.or_else("{}"));
  out.text("values").array(what.values.size());
  for (const auto& value : what.values) {
    out.array(5).text(value.channel).text(value.version);
    out.text(value.data.type).bytes(value.data.bytes.view());
    json_or_nil(out, value.json);
  }
  out.text("versions").array(what.versions.size());
  for (const auto& [channel, version] : what.versions)
    out.array(2).text(channel).text(version);
  return out.finish();
}

std::string encode(run_no run, const writes& what) {
  frame_packer out{"writes", run};
  out.map(6).text("seq").natural(what.seq);
  out.text("ns").text(what.ns);
  out.text("id").text(what.id);
  out.text("task").text(what.task);
  out.text("path").text(what.path);
  out.text("items").array(what.items.size());
  for (const auto& item : what.items) {
    out.array(5).integer(item.idx).text(item.channel);
    out.text(item.data.type).bytes(item.data.bytes.view());
    json_or_nil(out, item.json);
  }
  return out.finish();
}

std::string encode(run_no run, const view& what) {
  frame_packer out{"view", run};
  out.map(6).text("ns").text(what.ns);
  out.text("id").text(what.id);
  out.text("shape");
  if (what.shape) {
    out.array(what.shape->size());
    for (const auto& channel : *what.shape)
      out.text(channel);
  } else {
    out.nil();
  }
  out.text("values");
  json_or_nil(out, what.values);
  out.text("next").array(what.next.size());
  for (const auto& node : what.next)
    out.text(node);
  out.text("tasks").bytes(what.tasks.or_else("[]"));
  return out.finish();
}

std::string encode(run_no run, const get& what) {
  frame_packer out{"get", run};
  out.map(3).text("req").natural(what.req);
  out.text("ns").text(what.ns);
  out.text("id");
  optional_text(out, what.id);
  return out.finish();
}

std::string encode(run_no run, const list& what) {
  frame_packer out{"list", run};
  out.map(5).text("req").natural(what.req);
  out.text("ns");
  optional_text(out, what.ns);
  out.text("before");
  optional_text(out, what.before);
  out.text("limit");
  if (what.limit)
    out.natural(*what.limit);
  else
    out.nil();
  out.text("filter");
  json_or_nil(out, what.filter);
  return out.finish();
}

std::string encode(run_no run, const store_ops& what) {
  frame_packer out{"store", run};
  out.map(2).text("req").natural(what.req);
  out.text("ops").bytes(what.ops.or_else("[]"));
  return out.finish();
}

std::string array_of(const std::vector<std::string>& texts) {
  std::string result = "[";
  for (const auto& text : texts)
    result += (result.size() > 1 ? "," : "") + json_quote(text);
  return result + "]";
}

std::string encode(run_no run, const latest_state& what) {
  frame_packer out{"state", run};
  out.map(4).text("values").bytes(what.values.or_else("{}"));
  out.text("next").bytes(array_of(what.next));
  out.text("tasks").bytes(what.tasks.or_else("[]"));
  out.text("interrupts").bytes(what.interrupts.or_else("{}"));
  return out.finish();
}

std::string encode(run_no run, const end& what) {
  constexpr std::array<std::string_view, 4> outcomes
    = {"success", "error", "cancelled", "drained"};
  bool failed = what.outcome == end_outcome::error;
  frame_packer out{"end", run};
  out.map(failed ? 3 : 2).text("outcome");
  out.text(outcomes[static_cast<std::size_t>(what.outcome)]);
  if (failed) {
    out.text("error").map(2).text("error").text(
      what.error_name.empty() ? "Error" : what.error_name);
    out.text("message").text(what.error_message);
  }
  out.text("events").natural(what.events);
  return out.finish();
}

std::string_view code_of(errc code) {
  switch (code) {
    case errc::bad_request: return "bad_request";
    case errc::invalid_argument: return "invalid";
    case errc::not_found: return "not_found";
    default: return "internal";
  }
}

std::string encode(run_no run, const answer& what) {
  frame_packer out{"answer", run};
  out.map(2).text("ok").boolean(what.value.has_value());
  if (what.value.has_value()) {
    out.text("result").bytes(what.value->or_else("null"));
    return out.finish();
  }
  const auto& why = what.value.error();
  out.text("error").map(2).text("code").text(code_of(why.code));
  out.text("text").text(why.detail);
  return out.finish();
}

void pack_versions(packer& out, const json_text& versions) {
  boost::json::error_code failed;
  auto value = boost::json::parse(versions.or_else("{}"), failed);
  const auto* all = failed ? nullptr : value.if_object();
  out.map(all ? all->size() : 0);
  if (!all)
    return;
  for (const auto& [name, version] : *all) {
    out.text(name);
    out.text(version.is_string() ? std::string_view{version.get_string()}
                                 : std::string_view{});
  }
}

std::string encode(run_no run, const hello& what) {
  frame_packer out{"hello", run};
  out.map(6).text("protocol").natural(protocol_version);
  out.text("language").text(what.language);
  out.text("pid").integer(what.pid);
  out.text("versions");
  pack_versions(out, what.versions);
  out.text("features").array(0);
  out.text("graphs").array(what.graphs.size());
  for (const auto& graph : what.graphs) {
    out.map(4).text("id").text(graph.id);
    out.text("description");
    text_or_nil(out, graph.description);
    out.text("schemas");
    json_or_nil(out, graph.schemas);
    out.text("error");
    if (graph.error.empty())
      out.nil();
    else
      out.map(1).text("text").text(graph.error);
  }
  return out.finish();
}

std::string encode(run_no run, const pong& what) {
  frame_packer out{"pong", run};
  out.map(3).text("n").natural(what.n);
  out.text("lag_ms").natural(what.lag_ms);
  out.text("busy_threads").natural(what.busy_threads);
  return out.finish();
}

std::string encode(run_no run, const beat& what) {
  frame_packer out{"beat", run};
  out.map(1).text("where").text(what.where);
  return out.finish();
}

std::string encode(run_no run, const log& what) {
  frame_packer out{"log", run};
  out.map(2).text("level").text(what.level);
  out.text("text").text(what.text);
  return out.finish();
}

std::string encode(run_no, const gone&) {
  return {};
}

} // namespace

std::string encode_report(run_no run, const report& what) {
  return std::visit([run](const auto& one) { return encode(run, one); }, what);
}

} // namespace heddle::worker::wire
