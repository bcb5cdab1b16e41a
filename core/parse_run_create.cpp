#include "core/enum_words.hpp"
#include "core/object_reader.hpp"
#include "core/settings.hpp"
#include "heddle/requests.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace heddle::inline v0 {

namespace {

using namespace core;

constexpr std::string_view known_fields[] = {
  "assistant_id",
  "checkpoint",
  "checkpoint_id",
  "input",
  "command",
  "metadata",
  "config",
  "context",
  "webhook",
  "interrupt_before",
  "interrupt_after",
  "stream_mode",
  "stream_subgraphs",
  "stream_resumable",
  "feedback_keys",
  "if_not_exists",
  "multitask_strategy",
  "after_seconds",
  "durability",
  "checkpoint_during",
  "langsmith_tracer",
  "on_completion",
  "on_disconnect",
};

constexpr std::string_view stream_modes[]
  = {"values",  "messages", "messages-tuple", "tasks", "checkpoints",
     "updates", "events",   "debug",          "custom"};

constexpr double after_seconds_max = 3'153'600'000; // A hundred years.

bool is_true(std::string_view value) {
  if (value == "null" || value == "false" || value == "\"\"")
    return false;
  switch (kind_of(value)) {
    case json_kind::object: return !slice_object(value)->empty();
    case json_kind::array: return !slice_array(value).empty();
    case json_kind::number:
      return value.find_first_of("123456789") < value.find_first_of("eE");
    default: return true;
  }
}

json_text unless_null(json_text value) {
  return value.view() == "null" ? json_text{} : value;
}

void read_assistant(object_reader& from, run_create& run) {
  auto value = from.raw("assistant_id");
  if (!value)
    return;
  if (kind_of(*value) == json_kind::string) {
    run.assistant = unquote(*value);
  } else {
    from.fail(matches_none("anyOf", from.at("assistant_id"), *value));
  }
}

bool is_followed(run_kind kind) {
  return kind == run_kind::stateful_followed
         || kind == run_kind::stateless_followed;
}

/// The name of a node, or a node with what it is to be given.
bool is_target(std::string_view value) {
  if (kind_of(value) == json_kind::string)
    return true;
  auto send = slice_object(value);
  return send && send->find("input")
         && kind_of(send->find("node").value_or("null")) == json_kind::string;
}

bool is_goto(std::string_view value) {
  auto all = slice_array(value);
  if (kind_of(value) == json_kind::array)
    return std::all_of(all.begin(), all.end(), is_target);
  return value == "null" || is_target(value);
}

/// A command is an object or null.
void read_command(object_reader& from, run_create& run, run_kind kind) {
  run.command = unless_null(from.any("command"));
  if (run.command.empty())
    return;
  if (kind_of(run.command.view()) != json_kind::object) {
    from.fail(matches_none("anyOf", from.at("command"), run.command.view()));
    return;
  }
  auto parts = slice_object(run.command.view());
  auto update = parts->find("update").value_or("null");
  auto update_kind = kind_of(update);
  if (update_kind != json_kind::null && update_kind != json_kind::object
      && update_kind != json_kind::array)
    from.fail(matches_none("anyOf", from.at("command"), run.command.view()));
  if (!is_goto(parts->find("goto").value_or("null")))
    from.fail(matches_none("anyOf", from.at("command"), run.command.view()));
  if (is_stateless(kind) && is_true(parts->find("resume").value_or("null")))
    from.fail(
      error{errc::bad_request, "You must provide a thread_id when resuming."});
}

/// Where a run pauses: `"*"` or an array of nodes. The schema of a stateless
/// run does not know of it, so there what is wrong is as good as nothing.
json_text read_nodes(object_reader& from, std::string_view name,
                     run_kind kind) {
  auto value = from.any(name);
  if (value.empty() || value.view() == "\"*\"")
    return value;
  auto elements = slice_array(value.view());
  bool strings = std::all_of(elements.begin(), elements.end(), [](auto one) {
    return kind_of(one) == json_kind::string;
  });
  if (kind_of(value.view()) == json_kind::array && strings)
    return value;
  if (!is_stateless(kind))
    from.fail(matches_none("anyOf", from.at(name), value.view()));
  return {};
}

bool is_v2_mode(std::string_view mode) {
  return mode == "tools" || mode == "lifecycle";
}

void read_stream_modes(object_reader& from, run_create& run) {
  auto value = from.raw("stream_mode");
  if (!value)
    return;
  std::vector<std::string_view> given = {*value};
  if (kind_of(*value) == json_kind::array)
    given = slice_array(*value);
  std::vector<std::string> modes;
  for (auto one : given) {
    auto mode = kind_of(one) == json_kind::string ? unquote(one) : "";
    if (is_v2_mode(mode))
      return from.fail(
        {errc::invalid_argument,
         "Stream mode '" + mode
           + "' is only supported on the v2 event streaming endpoints."});
    if (std::find(std::begin(stream_modes), std::end(stream_modes), mode)
        == std::end(stream_modes))
      return from.fail(matches_none("anyOf", from.at("stream_mode"), *value));
    modes.push_back(std::move(mode));
  }
  if (!modes.empty())
    run.stream_modes = std::move(modes);
}

void read_webhook(object_reader& from, run_create& run) {
  constexpr std::size_t size_max = 65'536;
  run.webhook = from.string("webhook").value_or("");
  auto shown = from.raw("webhook").value_or("");
  if (shown == "\"\"")
    from.fail(too_short(1, from.at("webhook"), shown));
  if (run.webhook.size() > size_max)
    from.fail(too_long(size_max, from.at("webhook"), shown));
}

void read_durability(object_reader& from, run_create& run) {
  constexpr durability all[]
    = {durability::sync, durability::async, durability::exit};
  bool during = from.boolean("checkpoint_during").value_or(true);
  auto named = from.choice("durability", durability_words);
  if (named) {
    run.durability = all[*named];
  } else {
    run.durability = during ? durability::async : durability::exit;
  }
}

void read_after(object_reader& from, run_create& run) {
  auto seconds = from.number("after_seconds").value_or(0);
  if (seconds > after_seconds_max) {
    from.fail(above_maximum(static_cast<std::int64_t>(after_seconds_max),
                            from.at("after_seconds"),
                            *from.raw("after_seconds")));
  } else if (seconds > 0) { // In the past is now.
    run.after = std::chrono::microseconds{std::llround(seconds * 1e6)};
  }
}

void read_choices(object_reader& from, run_create& run, run_kind kind) {
  constexpr multitask_strategy strategies[]
    = {multitask_strategy::reject, multitask_strategy::rollback,
       multitask_strategy::interrupt, multitask_strategy::enqueue};
  if (is_stateless(kind)) {
    run.keep = from.choice("on_completion", on_completion_words) == 1;
    return;
  }
  if (auto which = from.choice("multitask_strategy", multitask_words))
    run.multitask = strategies[*which];
  run.create_thread = from.choice("if_not_exists", if_not_exists_words) == 0;
}

void read_checkpoint(object_reader& from, run_create& run, run_kind kind) {
  auto at = from.at("checkpoint").by("CheckpointConfig");
  auto part = is_stateless(kind) ? std::nullopt : from.part("checkpoint", at);
  if (part) {
    run.checkpoint = from.any("checkpoint");
    part->string("thread_id");
    part->string("checkpoint_ns");
    part->string("checkpoint_id");
    part->object("checkpoint_map");
    from.take_problem(*part);
  }
  run.checkpoint_id = from.string("checkpoint_id");
  if (run.checkpoint_id && !parse_uuid(*run.checkpoint_id))
    from.fail({errc::invalid_argument, "Invalid checkpoint ID"});
}

std::vector<std::string> unknown_fields(const object_reader& from) {
  std::vector<std::string> unknown;
  for (const auto& member : from.members()) {
    if (std::find(std::begin(known_fields), std::end(known_fields), member.name)
        == std::end(known_fields))
      unknown.push_back(member.name);
  }
  return unknown;
}

/// What only who stays can say; that schema is the second of two.
void read_on_disconnect(object_reader& from, run_create& run) {
  place at{"[\"allOf\"][1][\"properties\"][\"on_disconnect\"]",
           from.at("on_disconnect").instance};
  auto value = from.raw("on_disconnect").value_or("\"continue\"");
  if (kind_of(value) != json_kind::string)
    return from.fail(not_of_type(schema_type::string, at, value));
  run.cancel_on_disconnect = unquote(value) == on_disconnect_words[0];
  if (!run.cancel_on_disconnect && unquote(value) != on_disconnect_words[1])
    from.fail(not_in_enum(on_disconnect_words, at, value));
}

void read_what_streams(object_reader& from, run_create& run) {
  read_stream_modes(from, run);
  run.subgraphs = from.boolean("stream_subgraphs").value_or(false);
  run.resumable = from.boolean("stream_resumable").value_or(false);
  from.strings("feedback_keys");
  run.feedback_keys = from.array("feedback_keys");
  run.langsmith_tracer = unless_null(from.any("langsmith_tracer"));
}

result<run_create> read_run(const request_body& body, run_kind kind, place at) {
  object_reader from{body, std::move(at)};
  run_create run;
  read_assistant(from, run);
  run.input = unless_null(from.any("input"));
  run.metadata = read_metadata(from);
  run.config = read_config(from, from.at("config"));
  run.context = read_context(from);
  read_webhook(from, run);
  run.interrupt_before = read_nodes(from, "interrupt_before", kind);
  run.interrupt_after = read_nodes(from, "interrupt_after", kind);
  read_what_streams(from, run);
  read_choices(from, run, kind);
  read_after(from, run);
  read_durability(from, run);
  from.require("assistant_id");
  if (is_followed(kind))
    read_on_disconnect(from, run);
  // What the handler checks once the schema holds.
  read_checkpoint(from, run, kind);
  read_command(from, run, kind);
  if (auto problem = check_settings(run.config, run.context))
    from.fail(std::move(*problem));
  run.unknown = unknown_fields(from);
  if (from.problem())
    return *from.problem();
  return run;
}

/// The schema of who stays is made of that of who does not, by name.
place root_of(run_kind kind) {
  if (!is_followed(kind))
    return {};
  return place{}.by(is_stateless(kind) ? "RunCreateStateless"
                                       : "RunCreateStateful");
}

} // namespace

result<run_create> parse_run_create(const body_text& body, run_kind kind) {
  auto opened = open_body(body);
  if (!opened)
    return opened.error();
  return read_run(*opened, kind, root_of(kind));
}

result<std::vector<run_create>> parse_run_batch(const body_text& body) {
  auto opened = open_body(body);
  if (!opened)
    return opened.error();
  if (kind_of(opened->root) != json_kind::array)
    return not_of_type(schema_type::array, {}, opened->root);
  auto elements = slice_array(opened->root);
  if (elements.empty())
    return too_few_items(1, {}, opened->root);
  std::vector<run_create> runs;
  for (auto element : elements) {
    auto run = read_run({opened->text, element}, run_kind::stateless,
                        place{}.element(runs.size()).by("RunCreateStateless"));
    if (!run)
      return run.error();
    runs.push_back(std::move(*run));
  }
  return runs;
}

} // namespace heddle::inline v0
