#pragma once

#include "worker/native/link.hpp"
#include "worker/worker.hpp"

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace heddle::worker::native {

/// Where the runs of a channel report: keeps their order, and hands what has
/// gathered to the sink from one thread of the runtime. After its fence a run
/// reports no more, whatever its nodes still do. Any thread; nothing blocks.
class report_box : public std::enable_shared_from_this<report_box> {
public:
  /// Of one run or ask; guarded by the box.
  struct mark {
    run_no no = 0;
    bool fenced = false;
    bool ended = false;
  };

  report_box(std::shared_ptr<link> way, std::size_t shard, report_sink sink);

  /// @returns false if the run is fenced or the box closed: nothing goes out.
  bool add(mark& who, report what);

  /// One more event, where possible beside the one before.
  bool add_event(mark& who, event what, std::size_t cost);

  /// Of the executor itself.
  void add(report what);

  /// What the run says from now on goes nowhere. With `last`: the server hears
  /// that it has ended, if it has not, and that nothing is left of it.
  void fence(mark& who, bool last);

  /// Reports `gone` after everything before it, and nothing more.
  void close(std::string why);

private:
  using batch = std::vector<std::pair<run_no, report>>;

  /// What is at hand goes out soon. The lock is held.
  void call_for_flush();
  void flush();

  const std::shared_ptr<link> way_;
  const std::size_t shard_;
  std::mutex mutex_; // Guards what follows, but for `sink_`.
  batch waiting_;
  bool called_ = false;
  bool closed_ = false;
  report_sink sink_; ///< Belongs to the shard.
};

} // namespace heddle::worker::native
