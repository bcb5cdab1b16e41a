#include "heddle/render.hpp"

#include "core/json_path.hpp"

#include <algorithm>

namespace heddle::inline v0 {

namespace {

/// Writes an object key by key, leaving out what was not selected.
class object_writer {
public:
  explicit object_writer(const std::vector<std::string>& select)
    : select_(select) {}

  object_writer& raw(std::string_view name, std::string_view value) {
    if (!wanted(name))
      return *this;
    out_ += out_.size() > 1 ? ",\"" : "\"";
    out_ += name;
    out_ += "\":";
    out_ += value;
    return *this;
  }

  object_writer& text(std::string_view name, std::string_view value) {
    return wanted(name) ? raw(name, json_quote(value)) : *this;
  }

  object_writer& time(std::string_view name, timestamp when) {
    return wanted(name) ? raw(name, '"' + format_time(when) + '"') : *this;
  }

  std::string finish() {
    out_ += '}';
    return std::move(out_);
  }

private:
  bool wanted(std::string_view name) const {
    return select_.empty()
           || std::find(select_.begin(), select_.end(), name) != select_.end();
  }

  const std::vector<std::string>& select_;
  std::string out_ = "{";
};

std::string_view root_of(const thread_record& thread, std::string_view name) {
  if (name == "values")
    return thread.values.view();
  if (name == "metadata")
    return thread.metadata.view();
  if (name == "config")
    return thread.config.view();
  return name == "interrupts" ? thread.interrupts.view() : "";
}

std::string
extracted(const thread_record& thread,
          const std::vector<std::pair<std::string, std::string>>& extract) {
  std::string out = "{";
  for (const auto& [alias, text] : extract) {
    out += out.size() > 1 ? "," : "";
    out += json_quote(alias);
    out += ':';
    auto path = core::parse_path(text);
    std::string_view found;
    if (path)
      found = core::find_path(
        root_of(thread, std::get<std::string>(path->front())), *path, 1);
    out += found.empty() ? "null" : found;
  }
  out += '}';
  return out;
}

const std::vector<std::string> everything;

} // namespace

std::string to_json(const run_record& run,
                    const std::vector<std::string>& select) {
  object_writer out{select};
  out.text("run_id", run.id.str())
    .text("thread_id", run.thread.str())
    .text("assistant_id", run.assistant.str())
    .raw("metadata", run.metadata.or_else("{}"))
    .text("status", to_string(run.status))
    .raw("kwargs", run.kwargs.or_else("{}"))
    .text("multitask_strategy", to_string(run.multitask))
    .time("created_at", run.created)
    .time("updated_at", run.updated)
    .raw("langsmith_session_name", "null");
  // Ours alone: there once it says something, or if it was asked for.
  if (!run.cancel_reason.empty())
    out.text("cancel_reason", run.cancel_reason);
  else if (!select.empty())
    out.raw("cancel_reason", "null");
  return out.finish();
}

std::string to_json(const assistant_record& assistant,
                    const std::vector<std::string>& select) {
  object_writer out{select};
  out.text("assistant_id", assistant.id.str())
    .text("graph_id", assistant.graph)
    .raw("config", assistant.config.or_else("{}"))
    .raw("context", assistant.context.or_else("{}"))
    .raw("metadata", assistant.metadata.or_else("{}"))
    .text("name", assistant.name)
    .time("created_at", assistant.created)
    .time("updated_at", assistant.updated)
    .raw("version", std::to_string(assistant.version))
    .raw("description", assistant.description.or_else("null"));
  return out.finish();
}

std::string
to_json(const thread_record& thread, const std::vector<std::string>& select,
        const std::vector<std::pair<std::string, std::string>>& extract) {
  object_writer out{select};
  out.text("thread_id", thread.id.str())
    .time("created_at", thread.created)
    .time("updated_at", thread.updated)
    .time("state_updated_at", thread.state_updated)
    .raw("metadata", thread.metadata.or_else("{}"))
    .text("status", to_string(thread.status))
    .raw("config", thread.config.or_else("{}"))
    .raw("values", thread.values.or_else("null"));
  if (!thread.error.empty())
    out.raw("error", thread.error.view());
  if (!thread.interrupts.empty())
    out.raw("interrupts", thread.interrupts.view());
  auto shown = out.finish();
  if (extract.empty())
    return shown;
  shown.pop_back();
  shown += shown.size() > 1 ? "," : "";
  return shown + "\"extracted\":" + extracted(thread, extract) + '}';
}

std::string_view to_string(cancel_receipt::outcome what) noexcept {
  switch (what) {
    case cancel_receipt::outcome::interrupted: return "interrupted";
    case cancel_receipt::outcome::rolled_back: return "rolled_back";
    case cancel_receipt::outcome::stopping: return "stopping";
    case cancel_receipt::outcome::finished: return "finished";
    case cancel_receipt::outcome::not_found: return "not_found";
  }
  return "invalid";
}

std::string to_json(const cancel_receipt& receipt) {
  std::string runs = "[";
  for (const auto& entry : receipt.runs) {
    runs += runs.size() > 1 ? "," : "";
    bool known = entry.thread != thread_id{};
    object_writer out{everything};
    out.text("run_id", entry.run.str())
      .raw("thread_id", known ? json_quote(entry.thread.str()) : "null")
      .raw("was", entry.was ? json_quote(to_string(*entry.was)) : "null")
      .text("outcome", to_string(entry.what));
    runs += out.finish();
  }
  runs += ']';
  return object_writer{everything}
    .raw("matched", std::to_string(receipt.matched))
    .raw("runs", runs)
    .raw("truncated", receipt.truncated ? "true" : "false")
    .finish();
}

} // namespace heddle::inline v0
