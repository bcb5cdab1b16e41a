#include "tests/fuzz/property.hpp"

#include <array>

// JSON bodies through every parser of requests. The first byte says which.

using namespace heddle;
using namespace heddle::fuzz;

namespace {

template <class T>
bool told(const result<T>& parsed) {
  if (!parsed) {
    require(!parsed.error().detail.empty(), "a refusal says why");
    require_text(parsed.error().detail);
  }
  return parsed.has_value();
}

void check(const run_create& run) {
  for (const auto* part :
       {&run.input, &run.command, &run.metadata, &run.config, &run.context,
        &run.interrupt_before, &run.interrupt_after, &run.feedback_keys,
        &run.checkpoint, &run.langsmith_tracer})
    require_json(*part);
  require(!run.stream_modes.empty(), "a run has a mode");
  require_text(run.webhook);
}

void run(const body_text& body, run_kind kind) {
  auto parsed = parse_run_create(body, kind);
  if (told(parsed))
    check(*parsed);
}

void batch(const body_text& body) {
  auto parsed = parse_run_batch(body);
  if (!told(parsed))
    return;
  require(!parsed->empty(), "a batch is not empty");
  for (const auto& one : *parsed)
    check(one);
}

void thread(const body_text& body) {
  auto parsed = parse_thread_create(body);
  if (!told(parsed))
    return;
  require_json(parsed->metadata);
  require_json(parsed->supersteps);
}

void state(const body_text& body) {
  auto parsed = parse_state_update(body);
  if (!told(parsed))
    return;
  require_json(parsed->values);
  require_json(parsed->at.map);
}

void cancel(const body_text& body) {
  auto parsed = parse_runs_cancel(body);
  if (!told(parsed))
    return;
  if (const auto* by = std::get_if<cancel_by_status>(&*parsed))
    require(by->pending || by->running, "a status is one that can be stopped");
}

using target = void (*)(const body_text&);
constexpr std::array<target, 16> targets = {
  [](const body_text& body) { run(body, run_kind::stateful); },
  [](const body_text& body) { run(body, run_kind::stateful_followed); },
  [](const body_text& body) { run(body, run_kind::stateless); },
  [](const body_text& body) { run(body, run_kind::stateless_followed); },
  batch,
  thread,
  state,
  cancel,
  [](const body_text& body) { told(parse_assistant_create(body)); },
  [](const body_text& body) { told(parse_assistant_patch(body)); },
  [](const body_text& body) { told(parse_assistant_search(body)); },
  [](const body_text& body) { told(parse_assistant_count(body)); },
  [](const body_text& body) { told(parse_thread_search(body)); },
  [](const body_text& body) { told(parse_thread_count(body)); },
  [](const body_text& body) { told(parse_state_at_checkpoint(body)); },
  [](const body_text& body) { told(parse_history_search(body)); },
};

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto text = text_of(data, size);
  auto which = choose(text, targets.size());
  targets[which](std::make_shared<const std::string>(text));
  return 0;
}
