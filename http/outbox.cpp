#include "http/outbox.hpp"

#include <algorithm>
#include <utility>

namespace heddle::http {

namespace {

/// Text below this is copied next to other text; above, it is a piece.
constexpr std::size_t copy_bytes_max = 4U << 10U;

/// A text piece is not grown beyond this, so that growing it stays cheap.
constexpr std::size_t text_bytes_max = 64U << 10U;

/// Memory that an idle connection may keep.
constexpr std::size_t spare_bytes_max = 4U << 10U;

} // namespace

std::string& outbox::tail() {
  auto usable = first_ < pieces_.size() && !pieces_.back().owner
                && pieces_.back().own.size() < text_bytes_max;
  if (!usable) {
    pieces_.push_back({std::exchange(spare_, {}), nullptr, {}});
    counted_ = 0;
  }
  return pieces_.back().own;
}

void outbox::count() {
  auto size = pieces_.back().own.size();
  bytes_ += size - counted_;
  counted_ = size;
}

void outbox::take(std::string what) {
  if (what.size() <= copy_bytes_max)
    return text(what);
  bytes_ += what.size();
  counted_ = what.size();
  pieces_.push_back({std::move(what), nullptr, {}});
}

void outbox::share(std::shared_ptr<const void> owner, std::string_view what) {
  if (what.empty())
    return;
  bytes_ += what.size();
  pieces_.push_back({{}, std::move(owner), what});
}

std::span<const boost::asio::const_buffer> outbox::front() {
  std::size_t n = 0;
  auto skip = sent_;
  for (auto i = first_; i < pieces_.size() && n < gather_max; ++i) {
    auto view = pieces_[i].view().substr(skip);
    gather_[n++] = {view.data(), view.size()};
    skip = 0;
  }
  return {gather_.data(), n};
}

void outbox::consume(std::size_t n) {
  bytes_ -= n;
  sent_ += n;
  while (first_ < pieces_.size()) {
    auto size = pieces_[first_].view().size();
    if (sent_ < size)
      break;
    sent_ -= size;
    pieces_[first_].owner.reset();
    ++first_;
  }
  if (first_ == pieces_.size() || first_ >= gather_max)
    drop_written();
}

void outbox::drop_written() {
  auto& own = pieces_[first_ - 1].own;
  if (spare_.capacity() < own.capacity() && own.capacity() <= spare_bytes_max) {
    own.clear();
    spare_ = std::move(own);
  }
  pieces_.erase(pieces_.begin(),
                pieces_.begin() + static_cast<std::ptrdiff_t>(first_));
  first_ = 0;
}

} // namespace heddle::http
