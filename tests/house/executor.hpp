#pragma once

#include "worker/worker.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace heddle::test {

/// One run or ask in an executor: what it was told, and what it has said.
struct work {
  worker::run_no no = 0;
  std::optional<worker::start> run;
  std::optional<worker::ask> question;
  std::vector<worker::cancel> cancels;
  int drains = 0;
  int raises = 0;
  std::size_t credit = 0;
  std::vector<std::uint32_t> done;
  std::vector<std::pair<std::uint32_t, worker::refusal>> refused;
  std::map<std::uint32_t, std::optional<worker::tuple>> got;
  std::map<std::uint32_t, std::vector<worker::tuple>> listed;
  std::map<std::uint32_t, std::string> items;
  bool ended = false;
  bool clean = false;
  bool abandoned = false; ///< What it says goes nowhere.
  std::uint32_t seq = 0;
};

/// An executor without a process. It does nothing by itself: what it reports,
/// the test says; what it is told, it remembers.
class executor final : public worker::channel {
public:
  explicit executor(worker::report_sink sink) : sink_(std::move(sink)) {}

  // -- what the test makes it do

  void hello();
  void say(worker::run_no run, worker::report what);
  void say(std::vector<std::pair<worker::run_no, worker::report>> batch);

  void event(worker::run_no run, std::string name, std::string data);
  /// A root checkpoint with one value. @returns the `seq` to be acknowledged.
  std::uint32_t put(worker::run_no run, const std::string& id,
                    const std::string& json, const std::string& parent = "");
  std::uint32_t writes(worker::run_no run, const std::string& id,
                       const std::string& task, const std::string& json);
  void view(worker::run_no run, const std::string& id,
            std::vector<std::string> next = {});
  void end(worker::run_no run, worker::end_outcome outcome);
  void clean(worker::run_no run);
  /// Ends as asked and leaves nothing behind.
  void finish(worker::run_no run,
              worker::end_outcome outcome = worker::end_outcome::success);
  void answer(worker::run_no run, result<json_text> value);

  /// The process dies; what it said before counts.
  void die(const std::string& why);

  // -- what it knows

  work& at(worker::run_no run) { return works_.at(run); }
  std::map<worker::run_no, work>& works() noexcept { return works_; }
  const std::map<worker::run_no, work>& works() const noexcept {
    return works_;
  }
  /// Runs and asks that are in it.
  std::size_t inside() const;

  bool gone = false;
  bool said_hello = false;
  bool killed = false;      ///< The server wanted that.
  bool told_exit = false;   ///< It may go when nothing is in it.
  bool dies_at_once = true; ///< Of a kill. Else the test says `die`.
  bool answers_pings = true;
  /// A run that does not stop is cut off alone, as C++ graphs in process are.
  bool gives_up_alone = false;
  std::uint64_t pings = 0;
  std::uint64_t unanswered = 0; ///< The last of them that got no pong, or 0.
  std::function<void(executor&, work&)> on_start;
  std::function<void(executor&)> on_kill;
  /// The server wanted it gone, and had yet to hear that it was.
  std::function<void(executor&)> on_late_order;
  std::function<void(executor&, work&)> on_abandon;

  // -- worker::channel
  void start(worker::run_no run, worker::start what) override;
  void cancel(worker::run_no run, worker::cancel what) override;
  void drain(worker::run_no run) override;
  void raise(worker::run_no run) override;
  void credit(worker::run_no run, std::size_t bytes) override;
  void done(worker::run_no run, std::uint32_t seq) override;
  void refuse(worker::run_no run, std::uint32_t seq, worker::refusal why,
              std::string text) override;
  void answer_get(worker::run_no run, std::uint32_t req,
                  std::optional<worker::tuple> found) override;
  void answer_list(worker::run_no run, std::uint32_t req,
                   std::vector<worker::tuple> found) override;
  void answer_store(worker::run_no run, std::uint32_t req,
                    json_text results) override;
  void ask(worker::run_no run, worker::ask what) override;
  void ping(std::uint64_t n) override;
  void exit(std::chrono::milliseconds deadline) override;
  void kill() override;
  bool abandons() const noexcept override { return gives_up_alone; }
  void abandon(worker::run_no run) override;

private:
  void leave_if_told();
  work* find(worker::run_no run);

  worker::report_sink sink_;
  std::map<worker::run_no, work> works_;
};

/// Starts executors, and keeps them all.
class scripted_launcher final : public worker::launcher {
public:
  std::shared_ptr<worker::channel> launch(worker::report_sink sink) override;

  bool says_hello = true; ///< At once.
  bool starts = true;     ///< Else a new one is gone before its hello.
  std::function<void(executor&)> on_launch;
  std::vector<std::shared_ptr<executor>> all;
};

} // namespace heddle::test
