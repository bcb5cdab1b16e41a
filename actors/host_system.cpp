#include "actors/host_system.hpp"

#include <caf/policy/work_stealing.hpp>
#include <caf/scheduler/coordinator.hpp>
#include <caf/scheduler/profiled_coordinator.hpp>

namespace heddle::actors {

std::optional<error> why_not_in(caf::actor_system& host) {
  using caf::policy::work_stealing;
  auto* jobs = &host.scheduler();
  using plain = caf::scheduler::coordinator<work_stealing>;
  using profiled = caf::scheduler::profiled_coordinator<work_stealing>;
  if (!dynamic_cast<plain*>(jobs) && !dynamic_cast<profiled*>(jobs))
    return std::nullopt;
  return error{errc::invalid_argument,
               "CAF's \"stealing\" scheduler is not usable: a fan-out of many "
               "messages stalls it for seconds. Set \"scheduler.policy\" to "
               "sharing."};
}

} // namespace heddle::actors
