#pragma once

#include "actors/protocol/worker.hpp"
#include "actors/reply.hpp"

#include <memory>

// Messages of the actors that keep house: bulk slices, webhooks, expiry.

namespace heddle::actors {

/// Bulk work is in the store. The latch is let go of when all of it is done.
struct drive_bulk {
  std::shared_ptr<void> latch;
};

/// Finishes marked runs in slices, whoever marked them.
using bulk_actor
  = caf::typed_actor<caf::reacts_to<drive_bulk>, caf::reacts_to<resume>>;

/// Webhooks may be due.
struct look_at_outbox {};

/// Sends webhooks from the outbox, until they are taken or given up.
using courier_actor
  = caf::typed_actor<caf::reacts_to<look_at_outbox>, caf::reacts_to<resume>>;

struct reap {};

/// Drops what is kept for a time only.
using reaper_actor
  = caf::typed_actor<caf::reacts_to<reap>, caf::reacts_to<resume>>;

} // namespace heddle::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::drive_bulk)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::look_at_outbox)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::reap)
