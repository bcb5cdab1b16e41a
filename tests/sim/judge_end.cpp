#include "tests/sim/judge.hpp"

// Liveness: once the faults are over, everything finds its end, and in time.

namespace heddle::test {

namespace {

/// A hint that was lost is made good by a look at the row.
constexpr std::chrono::milliseconds look_every{1000};
/// Grace, kill and commit, with a retry.
constexpr std::chrono::seconds stop_max{10};

} // namespace

void judge::check_pace(timestamp from) {
  if (!processes)
    return;
  for (const auto& process : *processes) {
    if (process->gone || process->killed)
      continue;
    for (const auto& [no, in] : process->works()) {
      const auto* run = in.run ? find(in.run->run) : nullptr;
      if (!run || !run->live() || !run->row.cancel
          || run->row.epoch != in.run->epoch)
        continue;
      auto since = std::max(from, run->intent_at);
      require(in.ended || !in.cancels.empty() || now_() <= since + look_every,
              "a cancel was not told within a second", run);
      require(now_() <= since + stop_max, "a cancel takes for ever", run);
    }
  }
}

void judge::check_end() {
  catch_up();
  for (const auto& [n, run] : runs_) {
    require(!run.live(), "a run was never ended", &run);
    if (!run.accepted || run.gone)
      continue;
    require(run.row.status == run_status::interrupted
              && run.accepted < cancel_intent{cancel_action::rollback},
            "an accepted cancel did not come about", &run);
  }
  if (log_.count("SELECT count(*) FROM bulk") != 0)
    fail("slices were left");
  if (log_.count("SELECT count(*) FROM early_view") != 0)
    fail("early views were left");
}

} // namespace heddle::test
