#include "tests/crash/subject/house.hpp"

#include "store/sqlite_store.hpp"

namespace heddle::crash {

namespace {

using nlohmann::json;

/// Takes every webhook at once, unless nobody is to be told anything.
class hooks final : public webhook_sender {
public:
  hooks(ledger& book, bool mute) : book_(book), mute_(mute) {}

  void send(std::string, json_text body,
            std::function<void(result<int>)> done) override {
    if (mute_)
      return kept_.push_back(std::move(done));
    auto what = json::parse(body.view());
    book_.add({{"t", "hook"},
               {"run", what.at("run_id")},
               {"status", what.at("status")}});
    done(200);
  }

private:
  ledger& book_;
  bool mute_;
  std::vector<std::function<void(result<int>)>> kept_;
};

options quick() {
  options result;
  result.stop_grace = std::chrono::seconds{5};
  result.shutdown_grace = std::chrono::seconds{5};
  result.workers = 1;
  result.jobs_per_worker = 50;
  result.webhook_loopback = true;
  result.resumable_ttl
    = std::chrono::hours{24}; // Old stores are verified, too.
  return result;
}

[[noreturn]] void give_up(const error& why) {
  std::fprintf(stderr, "the server does not start: %s\n", why.detail.c_str());
  std::_Exit(4);
}

} // namespace

house::house(const std::filesystem::path& dir, ledger& book, temper how)
  : complaints_(std::make_shared<std::vector<std::string>>()) {
  sqlite_options store;
  store.readers = 1;
  store.ghosts = true;
  auto guard = std::make_shared<std::mutex>();
  store.log = [guard, to = complaints_](std::string_view line) {
    std::fprintf(stderr, "store: %.*s\n", static_cast<int>(line.size()),
                 line.data());
    std::lock_guard held{*guard};
    to->emplace_back(line);
  };
  auto rows = open_sqlite(dir, std::move(store));
  if (rows.has_error())
    give_up(rows.error());
  auto log = [guard, to = complaints_](log_level level, std::string_view text,
                                       const log_fields&) {
    std::lock_guard held{*guard};
    if (level == log_level::error)
      to->emplace_back(text);
  };
  auto workers = std::make_unique<loom>(threads_, book, how);
  workers_ = workers.get();
  const auto opts = quick();
  std::vector<server_kind> kinds;
  kinds.push_back({"loom",
                   std::move(workers),
                   {"graph"},
                   opts.workers,
                   opts.jobs_per_worker});
  auto made = make_server({threads_, std::move(*rows), std::move(kinds),
                           std::make_unique<hooks>(book, how == temper::absent),
                           opts, log});
  if (made.has_error())
    give_up(made.error());
  api_ = std::move(*made);
}

house::~house() {
  if (!stopped_)
    stop();
  workers_->close();
}

void house::stop() {
  stopped_ = true;
  auto done = std::make_shared<std::promise<void>>();
  auto stopped = done->get_future();
  api_->stop([done] { done->set_value(); });
  if (stopped.wait_for(patience) != std::future_status::ready) {
    std::fprintf(stderr, "no answer: stop\n");
    std::_Exit(5);
  }
}

} // namespace heddle::crash
