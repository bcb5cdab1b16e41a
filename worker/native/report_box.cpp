#include "worker/native/report_box.hpp"

#include <variant>

namespace heddle::worker::native {

report_box::report_box(std::shared_ptr<link> way, std::size_t shard,
                       report_sink sink)
  : way_(std::move(way)), shard_(shard), sink_(std::move(sink)) {
  // nop
}

bool report_box::add(mark& who, report what) {
  std::lock_guard guard{mutex_};
  if (who.fenced || closed_)
    return false;
  who.ended |= std::holds_alternative<end>(what)
               || std::holds_alternative<answer>(what);
  waiting_.emplace_back(who.no, std::move(what));
  call_for_flush();
  return true;
}

bool report_box::add_event(mark& who, event what, std::size_t cost) {
  std::lock_guard guard{mutex_};
  if (who.fenced || closed_)
    return false;
  auto* last = waiting_.empty() || waiting_.back().first != who.no
                 ? nullptr
                 : std::get_if<events>(&waiting_.back().second);
  if (!last) {
    waiting_.emplace_back(who.no, events{});
    last = &std::get<events>(waiting_.back().second);
  }
  last->items.push_back(std::move(what));
  last->cost += cost;
  call_for_flush();
  return true;
}

void report_box::add(report what) {
  std::lock_guard guard{mutex_};
  if (closed_)
    return;
  waiting_.emplace_back(0, std::move(what));
  call_for_flush();
}

void report_box::fence(mark& who, bool last) {
  std::lock_guard guard{mutex_};
  if (std::exchange(who.fenced, true) || closed_ || !last)
    return;
  if (!who.ended)
    waiting_.emplace_back(who.no, end{end_outcome::cancelled, {}, {}, 0});
  waiting_.emplace_back(who.no, clean{});
  call_for_flush();
}

void report_box::close(std::string why) {
  std::lock_guard guard{mutex_};
  if (std::exchange(closed_, true))
    return;
  waiting_.emplace_back(0, gone{std::move(why)});
  call_for_flush();
}

void report_box::call_for_flush() {
  if (!std::exchange(called_, true))
    way_->run_on(shard_, [self = shared_from_this()] { self->flush(); });
}

void report_box::flush() {
  batch ready;
  {
    std::lock_guard guard{mutex_};
    ready.swap(waiting_);
    called_ = false;
  }
  if (!sink_ || ready.empty())
    return;
  bool last = std::holds_alternative<gone>(ready.back().second);
  sink_(std::move(ready));
  if (last)
    sink_ = nullptr;
}

} // namespace heddle::worker::native
