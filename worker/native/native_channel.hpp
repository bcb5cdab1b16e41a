#pragma once

#include "worker/native/launcher.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <memory>
#include <mutex>

namespace heddle::worker::native {

/// The channel to the graphs of this process. Many may share the pool; each has
/// its own runs and its own end.
class native_channel final
  : public channel,
    public std::enable_shared_from_this<native_channel> {
public:
  native_channel(std::shared_ptr<native_shop> shop, std::size_t shard,
                 report_sink sink);
  ~native_channel() override;

  /// Says hello. Once.
  void open();

  void start(run_no run, worker::start what) override;
  void cancel(run_no run, worker::cancel what) override;
  void drain(run_no run) override;
  void raise(run_no run) override;
  void credit(run_no run, std::size_t bytes) override;
  void done(run_no run, std::uint32_t seq) override;
  void refuse(run_no run, std::uint32_t seq, refusal why,
              std::string text) override;
  void answer_get(run_no run, std::uint32_t req,
                  std::optional<tuple> found) override;
  void answer_list(run_no run, std::uint32_t req,
                   std::vector<tuple> found) override;
  void answer_store(run_no run, std::uint32_t req, json_text results) override;
  void ask(run_no run, worker::ask what) override;
  void ping(std::uint64_t n) override;
  void exit(std::chrono::milliseconds deadline) override;
  void kill() override;

  bool abandons() const noexcept override { return true; }
  void abandon(run_no run) override;

private:
  using runs = boost::unordered_flat_map<run_no, std::shared_ptr<execution>>;

  void begin(run_no run, std::unique_ptr<graph::machine> machine);
  std::shared_ptr<execution> find(run_no run);
  void tell(run_no run, execution::event what);
  const graph::compiled* graph_of(const std::string& id) const;
  void over(run_no run);
  void end_with(const char* why);
  void report_stuck(std::size_t threads);

  const std::shared_ptr<native_shop> shop_;
  const std::shared_ptr<report_box> box_;
  std::mutex mutex_; // Guards what follows.
  runs runs_;
  bool leaving_ = false;
  bool gone_ = false;
};

} // namespace heddle::worker::native
