#include "tests/crash/subject/loom.hpp"

#include <chrono>
#include <utility>
#include <vector>

namespace heddle::crash {

using nlohmann::json;

namespace {

/// A run in here, and how far it has come.
struct weave {
  worker::start what;
  bool sync = false;
  int steps = 2;
  bool hold = false;
  bool fail = false;
  std::string item;
  int step = 0;
  std::uint32_t seq = 0;
  std::string last; ///< Its latest checkpoint.
  std::map<std::uint32_t, std::string> unacknowledged;
  bool held = false;
  bool over = false;
};

weave make_weave(worker::start what, temper how) {
  weave made;
  auto kwargs = json::parse(what.kwargs.view());
  auto plan = kwargs.value("input", json::object());
  made.sync = kwargs.value("durability", std::string{}) == "sync";
  made.steps = plan.value("steps", 2);
  made.hold = plan.value("hold", false) && how == temper::scripted;
  made.fail = plan.value("fail", false);
  made.item = plan.value("item", std::string{});
  made.what = std::move(what);
  return made;
}

} // namespace

/// One executor. All of it happens on the first OS thread of the runtime.
class loom_channel final : public worker::channel,
                           public std::enable_shared_from_this<loom_channel> {
public:
  loom_channel(loom& owner, worker::report_sink sink)
    : owner_(owner), sink_(std::move(sink)) {}

  void hello() {
    later([](loom_channel& me) {
      worker::hello what;
      what.language = "C++";
      what.pid = 1;
      what.graphs.push_back({"graph", "A graph.", json_text{"{}"}, {}});
      me.say(0, std::move(what));
    });
  }

  void let_go(const run_id& run) {
    later([run](loom_channel& me) {
      for (auto& [no, one] : me.runs_)
        if (one.what.run == run && !one.over)
          me.end(no, one, worker::end_outcome::success);
    });
  }

  void start(worker::run_no no, worker::start what) override {
    later([no, what = std::move(what)](loom_channel& me) mutable {
      me.owner_.book_.add({{"t", "start"}, {"run", what.run.str()}});
      auto& one = me.runs_[no] = make_weave(std::move(what), me.owner_.how_);
      me.say(no, worker::started{});
      me.go_on(no, one);
    });
  }

  void cancel(worker::run_no no, worker::cancel) override {
    later([no](loom_channel& me) {
      me.with(no, [&](weave& one) {
        me.say(no, worker::cancelling{});
        me.end(no, one, worker::end_outcome::cancelled);
      });
    });
  }

  void drain(worker::run_no no) override {
    later([no](loom_channel& me) {
      me.with(
        no, [&](weave& one) { me.end(no, one, worker::end_outcome::drained); });
    });
  }

  void done(worker::run_no no, std::uint32_t seq) override {
    later([no, seq](loom_channel& me) {
      me.with(no, [&](weave& one) { me.acknowledged(no, one, seq); });
    });
  }

  void answer_store(worker::run_no no, std::uint32_t, json_text) override {
    later([no](loom_channel& me) {
      me.with(no, [&](weave& one) {
        me.owner_.book_.add({{"t", "item"}, {"key", one.item}});
        one.item.clear();
        me.go_on(no, one);
      });
    });
  }

  void ask(worker::run_no no, worker::ask what) override {
    later([no, what = std::move(what)](loom_channel& me) {
      // The update of a state: one checkpoint of nobody's run.
      weave one;
      one.what.thread = what.thread;
      auto id = "update-" + std::to_string(++me.updates_) + what.thread.str();
      me.put(no, one, id, R"("updated")");
      me.say(no, worker::answer{json_text{
                   json{{"checkpoint", {{"checkpoint_id", id}}}}.dump()}});
      me.say(no, worker::clean{});
    });
  }

  void ping(std::uint64_t n) override {
    later([n](loom_channel& me) { me.say(0, worker::pong{n, 0, 0}); });
  }

  void exit(std::chrono::milliseconds) override {
    later([](loom_channel& me) { me.leave("exited with 0"); });
  }
  void kill() override {
    later([](loom_channel& me) { me.leave("killed"); });
  }

  void raise(worker::run_no) override {}
  void credit(worker::run_no, std::size_t) override {}
  void refuse(worker::run_no no, std::uint32_t seq, worker::refusal,
              std::string) override {
    done(no, seq);
  }
  void answer_get(worker::run_no, std::uint32_t,
                  std::optional<worker::tuple>) override {}
  void answer_list(worker::run_no, std::uint32_t,
                   std::vector<worker::tuple>) override {}

private:
  template <class F>
  void later(F f) {
    auto run = [weak = weak_from_this(), gate = owner_.gate_,
                f = std::move(f)]() mutable {
      std::lock_guard guard{gate->mutex};
      if (auto me = weak.lock(); me && gate->open && !me->gone_)
        f(*me);
    };
    owner_.threads_.run_on(0, std::move(run));
  }

  template <class F>
  void with(worker::run_no no, F f) {
    if (auto at = runs_.find(no); at != runs_.end() && !at->second.over)
      f(at->second);
  }

  void say(worker::run_no no, worker::report what) {
    std::vector<std::pair<worker::run_no, worker::report>> batch;
    batch.emplace_back(no, std::move(what));
    sink_(std::move(batch));
  }

  void leave(const char* why) {
    gone_ = true;
    say(0, worker::gone{why});
  }

  /// One step, then the next: at once, or when its checkpoint is committed.
  void go_on(worker::run_no no, weave& one) {
    if (one.over || one.held)
      return;
    if (!one.item.empty()) {
      worker::store_ops ops;
      ops.req = 1;
      ops.ops
        = json_text{json::array({{{"op", "put"},
                                  {"namespace", json::array({"crash"})},
                                  {"key", one.item},
                                  {"value", {{"for", one.what.run.str()}}}}})
                      .dump()};
      return say(no, std::move(ops));
    }
    if (one.step == one.steps) {
      if (!one.hold)
        return end(no, one,
                   one.fail ? worker::end_outcome::error
                            : worker::end_outcome::success);
      one.held = true;
      return owner_.holds(one.what.run, weak_from_this());
    }
    step(no, one);
    if (!one.sync)
      later([no](loom_channel& me) {
        me.with(no, [&](weave& run) { me.go_on(no, run); });
      });
  }

  void step(worker::run_no no, weave& one) {
    auto text = std::to_string(++one.step);
    event(no, "updates", R"({"step":)" + text + "}");
    auto id
      = one.what.run.str() + "-" + std::to_string(one.what.epoch) + "-" + text;
    if (!one.last.empty())
      write(no, one, one.last, text);
    put(no, one, id, "\"" + std::string(40U * (one.step % 3U), 'x') + "\"");
    event(no, "values", R"({"ch":)" + text + "}");
  }

  void event(worker::run_no no, std::string name, std::string data) {
    worker::events what;
    what.cost = data.size();
    what.items.push_back({std::move(name), json_text{std::move(data)}});
    say(no, std::move(what));
  }

  void put(worker::run_no no, weave& one, const std::string& id,
           const std::string& value) {
    worker::put what;
    what.seq = ++one.seq;
    what.id = id;
    what.parent = std::exchange(one.last, id);
    what.head = {"msgpack", json_text{"head of " + id}};
    what.metadata = json_text{R"({"source":"loop"})"};
    what.values.push_back(
      {"ch", id, {"msgpack", json_text{"b" + value}}, json_text{value}});
    what.versions = {{"ch", id}};
    if (one.sync)
      one.unacknowledged[what.seq] = id;
    say(no, std::move(what));
    worker::view view;
    view.id = id;
    view.shape = std::vector<std::string>{"ch"};
    view.tasks = json_text{"[]"};
    say(no, std::move(view));
  }

  void write(worker::run_no no, weave& one, const std::string& id,
             const std::string& value) {
    worker::writes what;
    what.seq = ++one.seq;
    what.id = id;
    what.task = "task " + value;
    what.items.push_back(
      {0, "ch", {"msgpack", json_text{"w" + value}}, json_text{value}});
    say(no, std::move(what));
  }

  void acknowledged(worker::run_no no, weave& one, std::uint32_t seq) {
    auto at = one.unacknowledged.find(seq);
    if (at == one.unacknowledged.end())
      return;
    owner_.book_.add(
      {{"t", "put"}, {"run", one.what.run.str()}, {"id", at->second}});
    one.unacknowledged.erase(at);
    go_on(no, one);
  }

  void end(worker::run_no no, weave& one, worker::end_outcome how) {
    one.over = true;
    bool failed = how == worker::end_outcome::error;
    say(no,
        worker::end{how, failed ? "ValueError" : "", failed ? "no" : "", 0});
    say(no, worker::clean{});
  }

  loom& owner_;
  worker::report_sink sink_;
  std::map<worker::run_no, weave> runs_;
  int updates_ = 0;
  bool gone_ = false;
};

std::shared_ptr<worker::channel> loom::launch(worker::report_sink sink) {
  auto made = std::make_shared<loom_channel>(*this, std::move(sink));
  if (how_ != temper::absent)
    made->hello();
  return made;
}

void loom::holds(const run_id& run, std::weak_ptr<loom_channel> where) {
  std::lock_guard guard{mutex_};
  held_[run] = std::move(where);
  changed_.notify_all();
}

bool loom::await_held(const run_id& run) {
  std::unique_lock guard{mutex_};
  return changed_.wait_for(guard, std::chrono::seconds{20},
                           [&] { return held_.contains(run); });
}

void loom::let_go(const run_id& run) {
  std::shared_ptr<loom_channel> where;
  {
    std::lock_guard guard{mutex_};
    where = held_[run].lock();
  }
  if (where)
    where->let_go(run);
}

void loom::close() {
  std::lock_guard guard{gate_->mutex};
  gate_->open = false;
}

} // namespace heddle::crash
