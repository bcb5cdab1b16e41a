#pragma once

#include "graph/due.hpp"
#include "graph/facts.hpp"
#include "graph/machine.hpp"
#include "graph/outbox.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace heddle::graph {

/// The machine of a question about a graph or a thread's state. An update runs
/// the branches of the node that it stands for; nothing else is user code.
class ask_machine final : public machine {
public:
  ask_machine(compiled graph, worker::ask order,
              std::shared_ptr<randomness> chance);

  actions start() override;
  actions found(std::uint32_t req, std::optional<worker::tuple> what) override;
  actions listed(std::uint32_t req, std::vector<worker::tuple> what) override;
  actions stored(std::uint32_t seq) override;
  actions refused(std::uint32_t seq, worker::refusal why,
                  std::string text) override;
  actions store_answered(std::uint32_t, json_text) override { return {}; }
  actions cancel(worker::cancel what) override;
  actions drain() override { return {}; }
  actions finished(task_no which, outcome what) override;
  actions store_asked(json_text ops, store_reply done) override;
  bool emits() override { return false; }
  bool over() const noexcept override { return over_; }
  bool clean() const noexcept override { return over_ && !running_; }

private:
  /// One update of a super-step of updates.
  struct update {
    json_text values; ///< Empty: none.
    json_text command;
    std::optional<std::string> as_node;
  };

  const plan& graph() const noexcept { return *facts_->graph; }

  void read_order();
  void answer(json_text value);
  void refuse(errc code, std::string text);
  void end(result<json_text> what);

  // ask_update.cpp
  void read_updates(std::string_view args);
  void next_step();
  void next_update();
  bool take_special();
  void clear_tasks();
  void take_input();
  void copy_checkpoint();
  result<std::size_t> node_of(const update& what) const;
  void contribute(const update& what, outcome given);
  void apply_step();
  void put(std::string source, std::int64_t step);
  void updated();

  std::shared_ptr<run_facts> facts_;
  worker::ask order_;
  outbox out_;
  std::string metadata_;
  std::uint32_t asked_ = 0;
  std::optional<std::string> id_; ///< The checkpoint that was named.
  thread_copy thread_;
  json_text stored_metadata_;

  std::deque<std::deque<update>> steps_;
  std::vector<due_task> due_; ///< Whose ids the updates of a step take over.
  std::vector<due_task> done_;
  std::vector<worker::view> views_;
  std::optional<std::pair<update, std::shared_ptr<node_run>>> running_;
  task_no last_task_ = 0;
  bool saving_ = false;
  bool over_ = false;
};

/// A stored checkpoint as the API's ThreadState. `live`: with what the finished
/// tasks of a half done step have written.
json_text thread_state(const plan& of, const thread_copy& from,
                       const json_text& metadata, const thread_id& thread,
                       bool live, randomness& chance);

} // namespace heddle::graph
