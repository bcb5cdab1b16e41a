#include "tests/sim/campaign.hpp"

#include "tests/sim/simulation.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>
#include <vector>

namespace heddle::test {

namespace {

using clock = std::chrono::steady_clock;
constexpr std::chrono::seconds progress_every{10};

/// What the OS threads of a campaign share.
class crowd {
public:
  crowd(const campaign& plan, campaign::outcome& out)
    : plan_(plan), out_(out), alive_(plan.threads) {}

  void work() {
    stage where;
    coverage seen;
    std::uint64_t seed = 0;
    while (take(seed)) {
      try {
        simulation{where, seed, seen}.play();
      } catch (const std::exception& what) {
        note(seed, what.what());
      }
    }
    std::lock_guard guard{mutex_};
    out_.seen += seen;
    --alive_;
    wake_.notify_one();
  }

  void watch() {
    auto began = clock::now();
    std::unique_lock guard{mutex_};
    while (!wake_.wait_for(guard, progress_every, [&] { return alive_ == 0; }))
      tell(clock::now() - began);
    out_.seconds = std::chrono::duration<double>(clock::now() - began).count();
  }

private:
  bool take(std::uint64_t& seed) {
    std::lock_guard guard{mutex_};
    if (taken_ == plan_.count || out_.broken.size() >= campaign::broken_max)
      return false;
    seed = plan_.first + taken_++;
    return true;
  }

  void note(std::uint64_t seed, const std::string& what) {
    std::lock_guard guard{mutex_};
    out_.broken[seed] = what;
    std::fprintf(stderr, "seed %lu: %s\n", seed, what.c_str());
  }

  void tell(std::chrono::duration<double> past) const {
    std::fprintf(stderr, "simulated %lu of %lu schedules, %.0f a second\n",
                 taken_, plan_.count,
                 static_cast<double>(taken_) / past.count());
  }

  const campaign& plan_;
  campaign::outcome& out_;
  std::mutex mutex_; // Guards everything below, and `out_`.
  std::condition_variable wake_;
  std::uint64_t taken_ = 0;
  std::size_t alive_;
};

} // namespace

campaign::outcome campaign::play() const {
  outcome result;
  crowd all{*this, result};
  std::vector<std::thread> workers;
  for (std::size_t i = 0; i < threads; ++i)
    workers.emplace_back([&all] { all.work(); });
  all.watch();
  for (auto& each : workers)
    each.join();
  return result;
}

} // namespace heddle::test
