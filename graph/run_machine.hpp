#pragma once

#include "graph/due.hpp"
#include "graph/facts.hpp"
#include "graph/machine.hpp"
#include "graph/outbox.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace heddle::graph {

/// The machine of a run. Its parts: run_begin.cpp (from a checkpoint and the
/// input to the first step), run_step.cpp (super-steps), run_end.cpp (how it
/// ends).
class run_machine final : public machine {
public:
  run_machine(compiled graph, worker::start order,
              std::shared_ptr<randomness> chance);

  actions start() override;
  actions found(std::uint32_t req, std::optional<worker::tuple> what) override;
  actions listed(std::uint32_t, std::vector<worker::tuple>) override {
    return {};
  }
  actions stored(std::uint32_t seq) override;
  actions refused(std::uint32_t seq, worker::refusal why,
                  std::string text) override;
  actions store_answered(std::uint32_t req, json_text results) override;
  actions cancel(worker::cancel what) override;
  actions drain() override;
  actions finished(task_no which, outcome what) override;
  actions store_asked(json_text ops, store_reply done) override;
  bool emits() override;
  bool over() const noexcept override { return phase_ >= phase::ending; }
  bool clean() const noexcept override { return phase_ == phase::gone; }

private:
  enum class phase : std::uint8_t {
    asking,
    stepping,
    settling,
    ending,
    gone,
  };
  enum class durability : std::uint8_t { async, sync, exit };

  /// What is needed until the first step.
  struct beginning {
    worker::start order;
    std::optional<std::string> fork; ///< The checkpoint that the client named.
    bool own_latest = false;         ///< Looks for this run's own latest first.
  };

  /// A resume: what it answers, by interrupt or whichever asks first.
  struct resume {
    std::map<std::string, json_text> by_id;
    std::shared_ptr<open_answer> open;
  };

  const plan& graph() const noexcept { return *facts_->graph; }

  // run_begin.cpp
  void ask_for(const std::optional<std::string>& id);
  void begin();
  void read_options();
  void take_command(std::string_view command, bool forks,
                    std::vector<pending_write>& carried);
  void read_resume(std::string_view answer);
  void remember_resume();
  void continue_from(bool forks);
  void begin_with_command();
  void take_input(json_text input);
  void apply_nobody(const std::vector<pending_write>& carried);

  // run_step.cpp
  void go_on();
  void tick();
  bool wants_stop(const std::vector<std::string>& nodes) const;
  void reuse_writes();
  bool runs_here(const due_task& task) const;
  void pass_on(due_task& task);
  void launch(due_task& task);
  void complete(due_task& task, outcome what);
  result<std::vector<write>> writes_of_node(const due_task& task,
                                            const outcome& what);
  void ask_human(due_task& task, const outcome& what);
  void fail_task(due_task& task, told_error error);
  void step_over();
  void put_checkpoint(std::string source);
  void put_now();
  void tell_view();
  void save(const due_task* task, std::vector<write> writes);
  void tell_update(const due_task& task, bool cached);
  void tell_interrupt(const json_text& interrupts);
  void tell_values();

  // run_end.cpp
  void stop_tasks();
  void fail(std::string name, std::string text);
  void finish(worker::end_outcome how);
  void interrupted(bool by_node);
  void keep_at_exit();
  void end();
  void check_clean();

  std::shared_ptr<run_facts> facts_;
  outbox out_;
  phase phase_ = phase::asking;
  std::unique_ptr<beginning> beginning_;
  std::uint32_t asked_ = 0; ///< The number of the `get` under way.

  thread_copy thread_;
  std::vector<due_task> tasks_;
  std::vector<bool> updated_;
  std::int64_t last_step_ = 0; ///< Above it, the recursion limit is reached.
  std::int64_t limit_ = 0;
  durability durability_ = durability::async;
  std::vector<std::string> before_;
  std::vector<std::string> after_;
  std::unique_ptr<resume> resume_;

  bool replaying_ = false; ///< Finished tasks run again.
  bool view_due_ = false;
  bool held_ = false;      ///< Waits for the store before it goes on.
  bool half_done_ = false; ///< The latest checkpoint has writes of its step.
  bool drained_ = false;
  bool refused_ = false;
  std::set<std::string> written_; ///< Tasks whose writes are this run's.
  std::optional<worker::cancel> cancelled_;
  told_error error_;
  worker::end_outcome ended_ = worker::end_outcome::success;

  task_no last_task_ = 0;
  std::size_t running_ = 0;
  /// Stopped, or of a step that is nobody's any more; not yet finished.
  std::map<task_no, std::shared_ptr<node_run>> lost_;
  std::map<std::uint32_t, store_reply> replies_;
};

} // namespace heddle::graph
