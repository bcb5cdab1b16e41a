#include "worker/native/native_channel.hpp"

#include <unistd.h>

#include <utility>

namespace heddle::worker::native {

namespace {

std::string not_here(const std::string& graph) {
  return "There is no graph '" + graph + "' here.";
}

} // namespace

native_channel::native_channel(std::shared_ptr<native_shop> shop,
                               std::size_t shard, report_sink sink)
  : shop_(std::move(shop)),
    box_(std::make_shared<report_box>(shop_->way, shard, std::move(sink))) {
  // nop
}

native_channel::~native_channel() {
  end_with("dropped");
}

void native_channel::open() {
  hello what;
  what.language = "c++";
  what.pid = getpid();
  what.versions = json_text{shop_->hello_versions};
  for (const auto& [id, graph] : shop_->options.graphs)
    what.graphs.push_back({id, graph.description(), graph.schemas(), {}});
  box_->add(std::move(what));
}

// -- runs and asks ------------------------------------------------------------

const graph::compiled* native_channel::graph_of(const std::string& id) const {
  auto at = shop_->options.graphs.find(id);
  return at == shop_->options.graphs.end() ? nullptr : &at->second;
}

void native_channel::begin(run_no run,
                           std::unique_ptr<graph::machine> machine) {
  auto made = std::make_shared<execution>(shop_, box_, run,
                                          shop_->options.credit_run_bytes,
                                          [weak = weak_from_this(), run] {
                                            if (auto self = weak.lock())
                                              self->over(run);
                                          });
  {
    std::lock_guard guard{mutex_};
    if (gone_)
      return;
    runs_[run] = made;
  }
  made->begin(std::move(machine));
}

void native_channel::start(run_no run, worker::start what) {
  const auto* graph = graph_of(what.graph);
  if (graph)
    return begin(run, graph::make_run(*graph, std::move(what), shop_->chance));
  report_box::mark nobody{run};
  box_->add(nobody,
            end{end_outcome::error, "ValueError", not_here(what.graph), 0});
  box_->add(nobody, clean{});
}

void native_channel::ask(run_no run, worker::ask what) {
  const auto* graph = graph_of(what.graph);
  if (graph)
    return begin(run, graph::make_ask(*graph, std::move(what), shop_->chance));
  report_box::mark nobody{run};
  box_->add(nobody, answer{error{errc::not_found, not_here(what.graph)}});
  box_->add(nobody, clean{});
}

std::shared_ptr<execution> native_channel::find(run_no run) {
  std::lock_guard guard{mutex_};
  auto at = runs_.find(run);
  return at == runs_.end() ? nullptr : at->second;
}

void native_channel::tell(run_no run, execution::event what) {
  if (auto at = find(run))
    at->tell(std::move(what));
}

/// The last run of a channel that is to leave takes it along.
void native_channel::over(run_no run) {
  std::shared_ptr<execution> last; // Goes without the lock.
  {
    std::lock_guard guard{mutex_};
    auto at = runs_.find(run);
    if (at == runs_.end())
      return;
    last = std::move(at->second);
    runs_.erase(at);
    if (!leaving_ || !runs_.empty() || std::exchange(gone_, true))
      return;
  }
  box_->close("left as told");
}

// -- what the server says -----------------------------------------------------

void native_channel::cancel(run_no run, worker::cancel what) {
  if (auto at = find(run))
    at->cancel(std::move(what));
}

void native_channel::drain(run_no run) {
  tell(run, [](graph::machine& which) { return which.drain(); });
}

void native_channel::raise(run_no) {
  // The stop token is set; there is nothing else that C++ code could be told.
}

void native_channel::credit(run_no run, std::size_t bytes) {
  if (auto at = find(run))
    at->credit(bytes);
}

void native_channel::done(run_no run, std::uint32_t seq) {
  tell(run, [seq](graph::machine& which) { return which.stored(seq); });
}

void native_channel::refuse(run_no run, std::uint32_t seq, refusal why,
                            std::string text) {
  tell(run, [seq, why, text = std::move(text)](graph::machine& which) {
    return which.refused(seq, why, text);
  });
}

void native_channel::answer_get(run_no run, std::uint32_t req,
                                std::optional<tuple> found) {
  auto kept = std::make_shared<std::optional<tuple>>(std::move(found));
  tell(run, [req, kept](graph::machine& which) {
    return which.found(req, std::move(*kept));
  });
}

void native_channel::answer_list(run_no run, std::uint32_t req,
                                 std::vector<tuple> found) {
  auto kept = std::make_shared<std::vector<tuple>>(std::move(found));
  tell(run, [req, kept](graph::machine& which) {
    return which.listed(req, std::move(*kept));
  });
}

void native_channel::answer_store(run_no run, std::uint32_t req,
                                  json_text results) {
  tell(run, [req, results = std::move(results)](graph::machine& which) {
    return which.store_answered(req, results);
  });
}

/// No answer as long as no node could run here: then no new runs come.
void native_channel::ping(std::uint64_t n) {
  if (shop_->threads->exhausted())
    return;
  shop_->told_exhausted = false;
  pong answer;
  answer.n = n;
  answer.busy_threads = static_cast<std::uint32_t>(shop_->threads->stuck());
  box_->add(answer);
}

// -- the ends -----------------------------------------------------------------

void native_channel::abandon(run_no run) {
  auto at = find(run);
  if (!at)
    return;
  auto kept = at->abandon();
  over(run);
  if (kept > 0)
    report_stuck(kept);
}

void native_channel::report_stuck(std::size_t threads) {
  const auto& log = shop_->options.log;
  log(log_level::warning, "a node of a C++ graph does not stop",
      {{"threads", threads}, {"stuck", shop_->threads->stuck()}});
  if (!shop_->threads->exhausted() || shop_->told_exhausted.exchange(true))
    return;
  log(log_level::error,
      "every thread for C++ graphs is in a node that does not stop; new runs "
      "wait until one comes back",
      {{"stuck", shop_->threads->stuck()}});
  box_->add(beat{"nodes of C++ graphs that do not stop"});
}

void native_channel::exit(std::chrono::milliseconds) {
  std::vector<run_no> inside;
  {
    std::lock_guard guard{mutex_};
    leaving_ = true;
    for (const auto& [run, at] : runs_)
      inside.push_back(run);
    if (inside.empty() && std::exchange(gone_, true))
      return;
  }
  if (inside.empty())
    return box_->close("left as told");
  for (auto run : inside)
    drain(run);
}

void native_channel::kill() {
  end_with("killed");
}

void native_channel::end_with(const char* why) {
  runs all;
  {
    std::lock_guard guard{mutex_};
    if (std::exchange(gone_, true))
      return;
    all.swap(runs_);
  }
  for (auto& [run, at] : all)
    at->shut();
  box_->close(why);
}

} // namespace heddle::worker::native
