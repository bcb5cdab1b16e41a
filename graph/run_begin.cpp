// From the order, the checkpoint and the input to the first super-step.

#include "core/json_object.hpp"
#include "graph/command.hpp"
#include "graph/run_machine.hpp"

#include <algorithm>
#include <charconv>

namespace heddle::graph {

namespace {

constexpr std::int64_t default_limit = 10007; // The library's.

std::vector<std::string> names(std::string_view json) {
  if (core::kind_of(json) == core::json_kind::string)
    return {core::unquote(json)};
  std::vector<std::string> list;
  for (auto each : core::slice_array(json))
    list.push_back(core::unquote(each));
  return list;
}

} // namespace

actions run_machine::start() {
  if (phase_ != phase::asking || asked_ != 0)
    return {};
  out_.send(worker::started{});
  read_options();
  if (facts_->temporary) {
    begin();
  } else {
    auto id = facts_->config_member("configurable", "checkpoint_id");
    if (!id.empty() && id.view().size() > 2)
      beginning_->fork = core::unquote(id.view());
    // A second attempt goes on from the first one's last checkpoint, if it got
    // that far, and not once more from the one that it was forked from.
    beginning_->own_latest = beginning_->order.resume && beginning_->fork;
    ask_for(beginning_->own_latest ? std::nullopt : beginning_->fork);
  }
  return out_.take();
}

void run_machine::ask_for(const std::optional<std::string>& id) {
  asked_ = out_.next_number();
  out_.send(worker::get{asked_, "", id});
}

actions run_machine::found(std::uint32_t req,
                           std::optional<worker::tuple> what) {
  if (req != asked_ || phase_ != phase::asking)
    return {};
  if (what) {
    auto read = load(graph(), *what);
    if (!read) {
      fail("ValueError", read.error().detail);
      return out_.take();
    }
    thread_ = std::move(*read);
  }
  if (std::exchange(beginning_->own_latest, false)) {
    if (thread_.run != facts_->run.str()) {
      thread_ = empty_copy(graph());
      ask_for(beginning_->fork);
      return out_.take();
    }
    beginning_->fork.reset();
  }
  begin();
  return out_.take();
}

void run_machine::read_options() {
  auto kwargs = core::members_of(beginning_->order.kwargs.view());
  auto config = core::members_of(facts_->config.view());
  limit_ = default_limit;
  auto limit = config.given("recursion_limit");
  std::from_chars(limit.data(), limit.data() + limit.size(), limit_);
  auto durability = kwargs.text("durability").value_or("");
  durability_ = durability == "sync"   ? durability::sync
                : durability == "exit" ? durability::exit
                                       : durability::async;
  before_ = names(kwargs.given("interrupt_before"));
  after_ = names(kwargs.given("interrupt_after"));
  if (before_.empty())
    before_ = graph().interrupt_before;
  if (after_.empty())
    after_ = graph().interrupt_after;
}

void run_machine::begin() {
  phase_ = phase::stepping;
  auto from = std::move(beginning_);
  auto kwargs = core::members_of(from->order.kwargs.view());
  last_step_ = thread_.at.step + 1 + limit_ + 1;
  if (limit_ < 1)
    return fail("ValueError", "recursion_limit must be at least 1");
  auto command = from->order.resume ? "" : kwargs.given("command");
  auto input = from->order.resume || !command.empty() ? std::string_view{}
                                                      : kwargs.given("input");
  bool resuming = thread_.at.newest().number > 0
                  && (input.empty() || thread_.run == facts_->run.str());
  bool answers
    = !command.empty() && !core::members_of(command).given("resume").empty();
  replaying_ = from->fork && !answers;
  if (replaying_)
    std::erase_if(thread_.pending, [](const auto& each) {
      return each.what.channel == write::resume;
    });
  bool forks = resuming && replaying_ && thread_.at.source != "update"
               && thread_.at.source != "fork";
  std::vector<pending_write> carried;
  bool fresh = !thread_.at.exists();
  if (!command.empty())
    take_command(command, forks || fresh, carried);
  // A command to a new thread begins as an empty input does.
  if (!command.empty() && fresh)
    carried.push_back(
      {std::string{nobody}, {graph().start_channel, json_text{"{}"}}});
  if (!resume_)
    remember_resume();
  if (phase_ == phase::stepping)
    apply_nobody(carried);
  if (phase_ != phase::stepping)
    return;
  if (resuming)
    continue_from(forks);
  else if (!command.empty())
    begin_with_command();
  else if (!input.empty())
    take_input(json_text{std::string{input}});
  else
    fail("EmptyInputError", "Received no input for __start__");
}

void run_machine::take_command(std::string_view command, bool forks,
                               std::vector<pending_write>& carried) {
  auto parts = core::members_of(command);
  auto answer = parts.given("resume");
  if (!answer.empty() && facts_->temporary)
    return fail("RuntimeError",
                "Cannot use Command(resume=...) without checkpointer");
  if (!answer.empty())
    read_resume(answer);
  if (phase_ != phase::stepping)
    return;
  auto writes = command_writes(graph(), command);
  if (!writes)
    return fail("InvalidUpdateError", writes.error().detail);
  if (resume_ && resume_->open)
    writes->push_back({write::resume, resume_->open->value});
  if (writes->empty() && !resume_)
    return fail("EmptyInputError", "Received empty Command input");
  if (writes->empty())
    return;
  if (!forks)
    return save(nullptr, std::move(*writes));
  for (auto& each : *writes)
    carried.push_back({std::string{nobody}, std::move(each)});
}

void run_machine::read_resume(std::string_view answer) {
  resume_ = std::make_unique<resume>();
  auto by_id = core::members_of(answer);
  bool all = core::kind_of(answer) == core::json_kind::object
             && std::all_of(by_id.begin(), by_id.end(), [](const auto& each) {
                  return is_interrupt_id(each.name);
                });
  if (all) {
    for (const auto& [id, value] : by_id)
      resume_->by_id.emplace(id, json_text{std::string{value}});
    return;
  }
  if (open_interrupts(thread_.pending).size() > 1)
    return fail("RuntimeError",
                "When there are multiple pending interrupts, you must specify "
                "the interrupt id when resuming. Docs: https://docs.langchain."
                "com/oss/python/langgraph/interrupts#handling-multiple-"
                "interrupts.");
  resume_->open = std::make_shared<open_answer>();
  resume_->open->value = json_text{std::string{answer}};
}

/// An attempt that was cut off had been given an answer: it still holds.
void run_machine::remember_resume() {
  for (const auto& each : thread_.pending)
    if (each.task == nobody && each.what.channel == write::resume) {
      resume_ = std::make_unique<resume>();
      resume_->open = std::make_shared<open_answer>();
      resume_->open->value = each.what.value;
    }
}

void run_machine::apply_nobody(const std::vector<pending_write>& carried) {
  std::vector<write> writes;
  auto gather = [&](const std::vector<pending_write>& list) {
    for (const auto& each : list)
      if (each.task == nobody && each.what.channel < write::special)
        writes.push_back(each.what);
  };
  gather(thread_.pending);
  gather(carried);
  if (writes.empty())
    return;
  auto values = std::make_shared<channel_values>(*thread_.values);
  auto done = apply(graph(), *values, thread_.at, {{{}, false, &writes}},
                    *facts_->chance);
  if (!done)
    return fail("InvalidUpdateError", done.error().detail);
  thread_.values = std::move(values);
}

void run_machine::continue_from(bool forks) {
  thread_.at.interrupt_seen = thread_.at.versions;
  if (forks) {
    std::erase_if(thread_.pending, [](const auto& each) {
      return each.what.channel == write::interrupt;
    });
    put_checkpoint("fork");
  }
  tell_values();
  go_on();
}

void run_machine::begin_with_command() {
  put_checkpoint("input");
  go_on();
}

void run_machine::take_input(json_text input) {
  std::vector<write> writes{{graph().start_channel, std::move(input)}};
  // What an earlier run left undone is dropped: its triggers count as seen.
  auto dropped = due_after(graph(), thread_, true);
  const std::vector<write> nothing;
  std::vector<contribution> parts;
  for (const auto& task : dropped)
    parts.push_back({task.node, !task.sent, &nothing});
  parts.push_back({{}, false, &writes});
  auto values = std::make_shared<channel_values>(*thread_.values);
  auto done = apply(graph(), *values, thread_.at, parts, *facts_->chance);
  if (!done)
    return fail("InvalidUpdateError", done.error().detail);
  thread_.values = std::move(values);
  thread_.pending.clear();
  put_checkpoint("input");
  go_on();
}

} // namespace heddle::graph
