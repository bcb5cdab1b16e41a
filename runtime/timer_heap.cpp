#include "runtime/timer_heap.hpp"

#include <utility>

namespace heddle {

namespace {

// A handle is generation and slot: a slot that is used again has another
// handle, so that a late cancel cannot hit a stranger's timer.
constexpr unsigned slot_bits = 28;
constexpr std::uint64_t slot_mask = (1ULL << slot_bits) - 1;
constexpr std::uint32_t generation_max
  = (1U << (timer_heap::handle_bits - slot_bits)) - 1;

} // namespace

timer_heap::handle timer_heap::add(clock::time_point due, action f) {
  if (free_.empty()) {
    free_.push_back(static_cast<slot_no>(slots_.size()));
    slots_.emplace_back();
  }
  auto no = free_.back();
  free_.pop_back();
  auto& s = slots_[no];
  s.due = due;
  s.f = std::move(f);
  s.used = true;
  order_.push_back(no);
  sift_up(order_.size() - 1);
  return (std::uint64_t{s.generation} << slot_bits) | no;
}

timer_heap::action timer_heap::remove(handle timer) {
  auto no = timer & slot_mask;
  if (no >= slots_.size())
    return {};
  const auto& s = slots_[no];
  if (!s.used || s.generation != (timer >> slot_bits))
    return {};
  return take(static_cast<slot_no>(no));
}

std::optional<timer_heap::clock::time_point> timer_heap::earliest() const {
  if (order_.empty())
    return std::nullopt;
  return slots_[order_.front()].due;
}

timer_heap::action timer_heap::pop_due(clock::time_point now) {
  if (order_.empty() || slots_[order_.front()].due > now)
    return {};
  return take(order_.front());
}

bool timer_heap::before(slot_no a, slot_no b) const {
  return slots_[a].due < slots_[b].due;
}

void timer_heap::put(std::size_t place, slot_no no) {
  order_[place] = no;
  slots_[no].place = static_cast<std::uint32_t>(place);
}

void timer_heap::sift_up(std::size_t place) {
  auto no = order_[place];
  while (place > 0) {
    auto parent = (place - 1) / 2;
    if (!before(no, order_[parent]))
      break;
    put(place, order_[parent]);
    place = parent;
  }
  put(place, no);
}

void timer_heap::sift_down(std::size_t place) {
  auto no = order_[place];
  for (;;) {
    auto child = 2 * place + 1;
    if (child >= order_.size())
      break;
    if (child + 1 < order_.size() && before(order_[child + 1], order_[child]))
      ++child;
    if (!before(order_[child], no))
      break;
    put(place, order_[child]);
    place = child;
  }
  put(place, no);
}

timer_heap::action timer_heap::take(slot_no no) {
  auto& s = slots_[no];
  auto place = s.place;
  auto last = order_.back();
  order_.pop_back();
  if (last != no) {
    put(place, last);
    sift_up(place);
    sift_down(slots_[last].place);
  }
  s.used = false;
  s.generation = s.generation == generation_max ? 1 : s.generation + 1;
  free_.push_back(no);
  return std::exchange(s.f, nullptr);
}

} // namespace heddle
