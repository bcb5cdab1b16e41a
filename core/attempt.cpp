#include "core/attempt.hpp"

namespace heddle::core {

std::chrono::seconds retry_delay(std::uint32_t strikes) noexcept {
  if (strikes <= 1)
    return std::chrono::seconds{0};
  return std::chrono::seconds{strikes == 2 ? 1 : 4};
}

attempt_write after_attempt(const attempt_facts& facts) {
  if (facts.intent)
    return write_effect{};
  if (facts.how == attempt_end::error)
    return write_finish{facts.timed_out ? run_status::timeout
                                        : run_status::error};
  if (facts.how == attempt_end::success)
    return write_finish{run_status::success};
  if (facts.timed_out)
    return write_finish{run_status::timeout};
  if (facts.how != attempt_end::lost)
    return write_requeue{};
  if (facts.strikes + 1 >= facts.strikes_max)
    return write_finish{run_status::error, true};
  return write_requeue{true, retry_delay(facts.strikes + 1)};
}

} // namespace heddle::core
