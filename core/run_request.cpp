#include "core/run_request.hpp"

#include "core/json_object.hpp"
#include "core/settings.hpp"

namespace heddle::core {

namespace {

/// The parts that are merged.
struct sources {
  const run_create& what;
  const assistant_record& assistant;
  const std::optional<thread_record>& thread;
  const run_place& place;
  settings given; ///< The request's config and context, mirrored.

  std::string_view thread_config() const {
    return thread ? thread->config.view() : std::string_view{};
  }
};

/// What is configurable by the assistant and, above it, by the thread. What a
/// run brings along is its own, and not for those after it.
json_object lasting_configurable(const sources& from) {
  json_object merged{member_of(from.assistant.config.view(), "configurable")};
  merged.merge(member_of(from.thread_config(), "configurable"));
  return merged;
}

/// Seconds as a JSON number, without a fraction if there is none.
std::string seconds_text(std::chrono::microseconds time) {
  auto text = std::to_string(time.count() / 1'000'000);
  auto fraction = std::to_string(time.count() % 1'000'000);
  if (fraction == "0")
    return text;
  fraction.insert(0, 6 - fraction.size(), '0');
  fraction.erase(fraction.find_last_not_of('0') + 1);
  return text + '.' + fraction;
}

void set_checkpoint(json_object& configurable, const run_create& what) {
  if (what.checkpoint_id)
    configurable.set("checkpoint_id", json_quote(*what.checkpoint_id));
  configurable.merge(what.checkpoint.view());
}

void set_tracer(json_object& configurable, const run_create& what) {
  auto project = member_of(what.langsmith_tracer.view(), "project_name");
  if (!project.empty())
    configurable.set("__langsmith_project__", std::string{project});
  auto example = member_of(what.langsmith_tracer.view(), "example_id");
  if (!example.empty())
    configurable.set("__langsmith_example_id__", std::string{example});
}

/// What the server says of a run, in the API's order.
void set_server_keys(json_object& configurable, const sources& from,
                     timestamp now) {
  const auto& place = from.place;
  configurable.set("langgraph_auth_user", "null");
  configurable.set("langgraph_auth_user_id", "\"\"");
  configurable.set("langgraph_auth_permissions", "[]");
  configurable.set("langgraph_request_id",
                   place.request.empty() ? "null" : json_quote(place.request));
  configurable.set("__request_start_time_ms__",
                   std::to_string(to_micros(now) / 1000));
  configurable.set("__after_seconds__", seconds_text(from.what.after));
  configurable.set("run_id", json_quote(place.run.str()));
  configurable.set("thread_id", json_quote(place.thread.str()));
  configurable.set("graph_id", json_quote(from.assistant.graph));
  configurable.set("assistant_id", json_quote(from.assistant.id.str()));
  configurable.set("user_id", "\"\"");
}

json_text run_metadata(const sources& from) {
  json_object merged{from.assistant.metadata.view()};
  if (from.thread)
    merged.merge(from.thread->metadata.view());
  // It may have run another graph before.
  if (from.thread)
    merged.set("graph_id", json_quote(from.assistant.graph));
  merged.merge(member_of(from.what.config.view(), "metadata"));
  merged.merge(from.what.metadata.view());
  merged.set("assistant_id", json_quote(from.assistant.id.str()));
  return json_text{merged.str()};
}

std::string run_config(const sources& from, const json_text& metadata,
                       timestamp now) {
  auto configurable = lasting_configurable(from);
  configurable.merge(member_of(from.given.config.view(), "configurable"));
  set_checkpoint(configurable, from.what);
  set_tracer(configurable, from.what);
  set_server_keys(configurable, from, now);
  json_object config{from.assistant.config.view()};
  config.merge(from.given.config.view());
  config.set("configurable", configurable.str());
  config.set("metadata", metadata.str());
  return config.str();
}

/// Writes `"name":value` pairs.
class kwargs_writer {
public:
  kwargs_writer& raw(std::string_view name, std::string_view value) {
    out_ += out_.size() > 1 ? ",\"" : "\"";
    out_ += name;
    out_ += "\":";
    out_ += value;
    return *this;
  }

  kwargs_writer& flag(std::string_view name, bool value) {
    return raw(name, value ? "true" : "false");
  }

  json_text finish() {
    out_ += '}';
    return json_text{std::move(out_)};
  }

private:
  std::string out_ = "{";
};

json_text run_kwargs(const sources& from, std::string_view config,
                     bool temporary) {
  const auto& what = from.what;
  auto context = merge_objects({from.assistant.context, from.given.context});
  auto webhook = what.webhook.empty() ? "null" : json_quote(what.webhook);
  return kwargs_writer{}
    .raw("input", what.input.or_else("null"))
    .raw("command", what.command.or_else("null"))
    .raw("config", config)
    .raw("context", context.view())
    .raw("stream_mode", json_array(what.stream_modes))
    .raw("interrupt_before", what.interrupt_before.or_else("null"))
    .raw("interrupt_after", what.interrupt_after.or_else("null"))
    .raw("webhook", webhook)
    .raw("feedback_keys", what.feedback_keys.or_else("null"))
    .flag("temporary", temporary)
    .flag("subgraphs", what.subgraphs)
    .flag("resumable", what.resumable)
    .flag("checkpoint_during", what.durability != durability::exit)
    .raw("durability", json_quote(to_string(what.durability)))
    .finish();
}

void set_graph(json_object& metadata, const assistant_record& assistant) {
  metadata.set("graph_id", json_quote(assistant.graph));
  metadata.set("assistant_id", json_quote(assistant.id.str()));
}

json_text new_thread_metadata(const sources& from) {
  json_object metadata;
  set_graph(metadata, from.assistant);
  metadata.merge(member_of(from.what.config.view(), "metadata"));
  metadata.merge(from.what.metadata.view());
  return json_text{metadata.str()};
}

json_text old_thread_metadata(const sources& from) {
  json_object metadata{from.thread->metadata.view()};
  set_graph(metadata, from.assistant);
  return json_text{metadata.str()};
}

json_text thread_config(const sources& from) {
  json_object config{from.assistant.config.view()};
  config.merge(from.thread_config());
  config.merge(from.given.config.view());
  config.set("configurable", lasting_configurable(from).str());
  return json_text{config.str()};
}

void settle_thread(prepared_run& run, const sources& from) {
  if (!from.thread) {
    run.thread_metadata = new_thread_metadata(from);
    run.thread_config = thread_config(from);
    return;
  }
  run.thread_metadata = from.thread->metadata;
  run.thread_config = from.thread->config;
  if (from.thread->status == thread_status::busy)
    return;
  run.thread_metadata = old_thread_metadata(from);
  run.thread_config = thread_config(from);
  run.updates_thread = run.thread_metadata != from.thread->metadata
                       || run.thread_config != from.thread->config;
}

} // namespace

prepared_run prepare_run(const run_create& what,
                         const assistant_record& assistant,
                         const std::optional<thread_record>& thread,
                         const run_place& place, timestamp now) {
  sources from{what, assistant, thread, place,
               mirror({what.config, what.context})};
  prepared_run run;
  run.temporary = place.stateless && !what.keep;
  run.resumable = what.resumable;
  run.metadata = run_metadata(from);
  run.kwargs
    = run_kwargs(from, run_config(from, run.metadata, now), run.temporary);
  settle_thread(run, from);
  run.due = now + what.after;
  run.created = run.due;
  return run;
}

std::string graph_of(const json_text& metadata) {
  auto graph = json_object{metadata.or_else("{}")}.find("graph_id");
  bool named = graph && kind_of(*graph) == json_kind::string;
  return named ? unquote(*graph) : std::string{};
}

} // namespace heddle::core
