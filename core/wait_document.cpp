#include "core/wait_document.hpp"

#include "core/error_json.hpp"
#include "core/json_object.hpp"

#include <algorithm>

namespace heddle::core {

namespace {

constexpr std::string_view interrupt_key = "__interrupt__";

json_text wrapped(std::string_view key, std::string_view value) {
  std::string out = "{\"";
  out += key;
  out += "\":";
  out += value;
  return json_text{out + '}'};
}

/// Two interrupts with one id are one: a state and an update may both show it.
bool is_same(std::string_view one, std::string_view other) {
  auto id = json_object{one}.find("id").value_or("null");
  return one == other || (id != "null" && id == json_object{other}.find("id"));
}

void observe_interrupts(wait_seen& seen, const std::string_view data) {
  if (data.find(interrupt_key) == std::string_view::npos)
    return;
  json_object chunk{data};
  for (auto one : slice_array(chunk.find(interrupt_key).value_or(""))) {
    bool known
      = std::any_of(seen.interrupts.begin(), seen.interrupts.end(),
                    [&](const auto& old) { return is_same(old.view(), one); });
    if (!known)
      seen.interrupts.emplace_back(std::string{one});
  }
}

std::string list_of(const std::vector<json_text>& elements) {
  std::string out = "[";
  for (const auto& element : elements) {
    out += out.size() > 1 ? "," : "";
    out += element.view();
  }
  return out + ']';
}

json_text interrupted(const wait_seen& seen) {
  auto all = list_of(seen.interrupts);
  if (kind_of(seen.values.or_else("{}")) != json_kind::object)
    return wrapped(interrupt_key, all);
  json_object document{seen.values.view()};
  document.erase(interrupt_key);
  document.set(std::string{interrupt_key}, all);
  return json_text{document.str()};
}

/// All that the tasks of a thread wait for, without the names of the tasks.
std::string waiting_for(const thread_record& thread) {
  std::vector<json_text> all;
  json_object by_task{thread.interrupts.view()};
  for (const auto& [task, waits] : by_task) {
    for (auto one : slice_array(waits))
      all.emplace_back(std::string{one});
  }
  return list_of(all);
}

json_text fallback(const thread_record& thread) {
  if (thread.status == thread_status::error)
    return wrapped("__error__", thread.error.or_else("null"));
  auto waiting = waiting_for(thread);
  if (thread.status == thread_status::interrupted && waiting != "[]")
    return wrapped(interrupt_key, waiting);
  return thread.values.empty() ? json_text{"{}"} : thread.values;
}

json_text main_document(const wait_seen& seen, const thread_record* thread) {
  if (!seen.error.empty())
    return wrapped("__error__", seen.error.view());
  if (!seen.failed && !seen.interrupts.empty())
    return interrupted(seen);
  if (!seen.values.empty())
    return seen.values;
  if (!seen.failed && thread)
    return fallback(*thread);
  return json_text{"{}"};
}

} // namespace

void observe(wait_seen& seen, const stream_event& event) {
  if (event.name == "error") {
    seen.error = event.data;
    seen.failed = true;
  } else if (event.name == "values") {
    seen.values = event.data;
    seen.error = {};
    observe_interrupts(seen, event.data.view());
  } else if (event.name == "updates") {
    observe_interrupts(seen, event.data.view());
  } else if (event.name == "feedback") {
    seen.feedback = event.data;
  }
}

json_text wait_document(const wait_seen& seen, const thread_record* thread) {
  auto document = main_document(seen, thread);
  if (seen.feedback.empty() || kind_of(document.view()) != json_kind::object)
    return document;
  json_object with{document.view()};
  with.set("__feedback__", seen.feedback.str());
  return json_text{with.str()};
}

json_text run_not_found_document() {
  return wrapped("__error__",
                 error_json("HTTPException", "404: Run not found").view());
}

} // namespace heddle::core
