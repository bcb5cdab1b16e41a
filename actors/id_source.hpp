#pragma once

#include "heddle/ids.hpp"
#include "heddle/time.hpp"

namespace heddle::actors {

/// Makes ids. Any thread. A port: the simulator's are a sequence.
class id_source {
public:
  virtual ~id_source() = default;

  /// A UUIDv7 of that time: for what the store keeps in order of creation.
  virtual uuid_bytes ordered(timestamp now) = 0;

  /// A UUIDv4.
  virtual uuid_bytes random() = 0;
};

/// Ids from the kernel's random numbers.
class random_ids final : public id_source {
public:
  uuid_bytes ordered(timestamp now) override;
  uuid_bytes random() override;
};

} // namespace heddle::actors
