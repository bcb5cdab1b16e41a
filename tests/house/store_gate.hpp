#pragma once

#include "store/sqlite_store.hpp"

#include <functional>
#include <utility>

namespace heddle::test {

/// What one life of a server sees of the store. After a crash of that life its
/// gate is shut: what it still asks for is neither done nor answered.
class store_gate : public store {
public:
  explicit store_gate(stepped_store& rows) : rows_(rows) {}

  void write(lane where, std::function<void(write_tx&)> op,
             std::function<void(result<commit_number>)> done) override {
    if (shut_)
      return;
    if (fault && fault(where))
      return done(error{errc::unavailable, "The queue is full."});
    rows_.write(where, std::move(op), std::move(done));
  }

  void read(std::function<void(result<read_tx*>)> job) override {
    if (shut_)
      return;
    if (read_fault && read_fault())
      return job(error{errc::unavailable, "The queue is full."});
    rows_.read(std::move(job));
  }

  std::uint64_t marks_begun() const noexcept override {
    return rows_.marks_begun();
  }

  void stop() override { shut_ = true; }

  /// Decide whether this one meets a full queue; unset: none does.
  std::function<bool(lane)> fault;
  std::function<bool()> read_fault;

protected:
  stepped_store& rows_;
  bool shut_ = false;
};

} // namespace heddle::test
