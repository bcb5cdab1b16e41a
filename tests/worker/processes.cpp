#include "tests/worker/processes.hpp"

#include "worker/leftovers.hpp"

#include <cstdlib>
#include <thread>

namespace heddle::worker::test {

void journal::add(std::vector<std::pair<run_no, report>> batch) {
  std::lock_guard guard{mutex_};
  for (auto& entry : batch)
    all_.push_back(std::move(entry));
  changed_.notify_all();
}

void journal::wait(const std::function<bool()>& enough) {
  std::unique_lock guard{mutex_};
  if (changed_.wait_for(guard, patience, enough))
    return;
  std::string end;
  for (const auto& [run, what] : all_)
    if (const auto* last = std::get_if<gone>(&what))
      end = last->why;
  auto count = all_.size();
  guard.unlock();
  FAIL("not reported in time; " << count << " reports, end: " << end);
}

std::string journal::end() {
  auto why = first<gone>().why;
  std::lock_guard guard{mutex_};
  CHECK(std::holds_alternative<gone>(all_.back().second));
  CHECK(all_.back().first == 0);
  return why;
}

process_pool::process_pool() : handle(start_launcher_process()) {
  // nop
}

process_pool::~process_pool() {
  close();
}

void process_pool::close() {
  launcher.reset();
}

std::shared_ptr<channel> process_pool::launch(const std::string& name) {
  return launch(name, [](process_options&) {});
}

std::shared_ptr<channel>
process_pool::launch(const std::string& name,
                     const std::function<void(process_options&)>& change) {
  if (!launcher) {
    process_options options;
    options.command
      = {"/usr/bin/python3", HEDDLE_SOURCE_DIR "/tests/worker/peer.py",
         "--config", name};
    options.cwd = "/tmp";
    options.log = [this](log_level, std::string_view, const log_fields& all) {
      std::lock_guard guard{log_mutex};
      for (const auto& field : all)
        if (field.name == "line")
          log.push_back(field.value);
    };
    change(options);
    launcher = std::make_unique<process_launcher>(rt, std::move(handle),
                                                  std::move(options));
  }
  return launcher->launch([this](auto batch) { seen.add(std::move(batch)); });
}

bool eventually(const std::function<bool()>& holds) {
  using namespace std::chrono_literals;
  auto give_up = std::chrono::steady_clock::now() + patience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > give_up)
      return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

bool is_alive(std::int64_t pid) {
  auto stat = stat_of(pid);
  return stat && stat->state != 'Z';
}

std::int64_t number_after(const std::string& text, const std::string& key) {
  auto at = text.find(key);
  REQUIRE(at != std::string::npos);
  at = text.find_first_of("0123456789", at + key.size());
  return std::strtoll(text.c_str() + at, nullptr, 10);
}

} // namespace heddle::worker::test
