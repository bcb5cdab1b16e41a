#pragma once

#include "heddle/actors.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <future>
#include <memory>
#include <vector>

namespace heddle::test {

/// What a subscriber was told. Its promise is kept at the end.
struct heard {
  std::vector<event_ptr> events;
  std::promise<msg::run_ended> last;
};

/// Writes down what it is told. To be spawned with an argument: without any,
/// CAF 0.17 dereferences null, which libstdc++'s assertions do not let pass.
inline run_subscriber::behavior_type ear(run_subscriber::pointer self,
                                         std::shared_ptr<heard> what) {
  return {[what](const msg::run_events& news) {
            what->events.insert(what->events.end(), news.events.begin(),
                                news.events.end());
          },
          [what, self](const msg::run_ended& last) {
            what->last.set_value(last);
            self->quit();
          }};
}

} // namespace heddle::test
