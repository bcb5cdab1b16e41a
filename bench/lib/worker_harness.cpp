#include "bench/lib/worker_harness.hpp"

#include "bench/lib/feed.hpp"
#include "core/run_request.hpp"
#include "heddle/requests.hpp"
#include "runtime/runtime.hpp"
#include "worker/process_launcher.hpp"

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

namespace heddle::bench {

namespace {

using clock = std::chrono::steady_clock;

worker::process_options how_to_start(const options& opts) {
  worker::process_options result;
  result.command = {opts.python, opts.worker, "--config", opts.graphs};
  result.cwd = std::filesystem::path{opts.graphs}.parent_path();
  return result;
}

/// The assistant of a graph, as the server makes it.
assistant_record assistant_of(const std::string& graph) {
  assistant_record result;
  result.id = assistant_id{graph_uuid(graph)};
  result.graph = graph;
  return result;
}

/// What the server would send a worker for this request.
worker::start start_of(const std::string& body) {
  auto asked = parse_run_create(std::make_shared<const std::string>(body),
                                run_kind::stateful);
  if (asked.has_error())
    throw std::runtime_error{asked.error().detail};
  auto assistant = assistant_of(asked->assistant);
  worker::start result;
  result.run = run_id{next_id()};
  result.thread = thread_id{next_id()};
  result.assistant = assistant.id;
  result.epoch = 1;
  result.graph = assistant.graph;
  result.kwargs
    = core::prepare_run(*asked, assistant, std::nullopt,
                        {result.run, result.thread, false, {}}, wall_time())
        .kwargs;
  return result;
}

} // namespace

class worker_harness::impl {
public:
  impl(const options& opts, std::size_t processes)
    : handle_(worker::start_launcher_process()),
      threads_(std::thread::hardware_concurrency()),
      launcher_(threads_, std::move(handle_), how_to_start(opts)) {
    for (std::size_t i = 0; i < processes; ++i)
      processes_.push_back(
        launcher_.launch([this, i](auto batch) { take(i, std::move(batch)); }));
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return ready_ == processes_.size(); });
  }

  measured run(const work& what) {
    std::unique_lock lock{mutex_};
    what_ = &what;
    left_ = what.count;
    over_ = counted_ = 0;
    times_ = {};
    auto begun = clock::now();
    for (std::size_t i = 0; i < what.at_once; ++i)
      start_next(i % processes_.size());
    changed_.wait(lock, [&] { return over_ == what.count; });
    times_.seconds
      = std::chrono::duration<double>(clock::now() - begun).count();
    std::sort(times_.us.begin(), times_.us.end());
    return std::move(times_);
  }

  std::size_t events() const {
    std::lock_guard guard{mutex_};
    return counted_;
  }

private:
  using place = std::pair<std::size_t, worker::run_no>;

  void start_next(std::size_t process) {
    if (left_ == 0)
      return;
    --left_;
    auto no = ++last_run_;
    begun_[{process, no}] = clock::now();
    processes_[process]->start(no, start_of(what_->body));
  }

  /// Called by the runtime's threads.
  void take(std::size_t process,
            std::vector<std::pair<worker::run_no, worker::report>> batch) {
    std::lock_guard guard{mutex_};
    for (auto& [no, report] : batch)
      std::visit(
        [&, at = place{process, no}](const auto& what) { on(at, what); },
        report);
    changed_.notify_all();
  }

  auto& channel_of(const place& at) { return *processes_[at.first]; }

  void on(const place&, const worker::hello&) { ++ready_; }
  void on(const place& at, const worker::events& what) {
    for (const auto& one : what.items)
      counted_ += one.name == what_->event ? 1 : 0;
    channel_of(at).credit(at.second, what.cost);
  }
  void on(const place& at, const worker::put& what) {
    channel_of(at).done(at.second, what.seq);
  }
  void on(const place& at, const worker::writes& what) {
    channel_of(at).done(at.second, what.seq);
  }
  void on(const place& at, const worker::get& what) {
    channel_of(at).answer_get(at.second, what.req, std::nullopt);
  }
  void on(const place& at, const worker::list& what) {
    channel_of(at).answer_list(at.second, what.req, {});
  }
  void on(const place& at, const worker::end& what) {
    if (what.outcome != worker::end_outcome::success)
      throw std::runtime_error{"a run ended with " + what.error_message};
    std::chrono::duration<float, std::micro> took = clock::now() - begun_[at];
    times_.us.push_back(took.count());
  }
  void on(const place& at, const worker::clean&) {
    begun_.erase(at);
    ++over_;
    start_next(at.first);
  }
  void on(const place&, const worker::gone& what) {
    if (left_ > 0 || !begun_.empty())
      throw std::runtime_error{"a worker is gone: " + what.why};
  }
  template <class Report>
  void on(const place&, const Report&) {
    // Nobody waits for an answer to it.
  }

  mutable std::mutex mutex_; // Guards what follows, up to the threads.
  std::condition_variable changed_;
  std::size_t ready_ = 0;
  const work* what_ = nullptr;
  std::size_t left_ = 0;
  std::size_t over_ = 0;
  std::size_t counted_ = 0;
  worker::run_no last_run_ = 0;
  std::map<place, clock::time_point> begun_;
  measured times_;

  worker::launcher_handle handle_; // Forked before there are threads.
  runtime threads_;
  worker::process_launcher launcher_;
  std::vector<std::shared_ptr<worker::channel>> processes_;
};

worker_harness::worker_harness(const options& opts, std::size_t processes)
  : impl_(std::make_unique<impl>(opts, processes)) {
  // nop
}

worker_harness::~worker_harness() = default;

measured worker_harness::run(const work& what) {
  return impl_->run(what);
}

std::size_t worker_harness::events() const {
  return impl_->events();
}

} // namespace heddle::bench
