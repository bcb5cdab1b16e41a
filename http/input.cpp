#include "http/input.hpp"

#include <algorithm>
#include <cstring>

namespace heddle::http {

void input::compact(std::size_t floor) {
  if (begin_ == floor)
    return;
  if (!empty())
    std::memmove(bytes_.data() + floor, bytes_.data() + begin_, end_ - begin_);
  end_ -= begin_ - floor;
  begin_ = floor;
}

std::string_view input::pin(std::size_t n, std::size_t spare) {
  if (bytes_.size() - begin_ < n + spare)
    compact(0);
  if (bytes_.size() < n + spare)
    bytes_.resize(n + spare);
  auto pinned = std::string_view{bytes_.data() + begin_, n};
  begin_ += n;
  floor_ = begin_;
  return pinned;
}

void input::unpin() noexcept {
  floor_ = 0;
  if (empty())
    begin_ = end_ = 0;
}

boost::asio::mutable_buffer input::room(std::size_t limit) {
  if (end_ == bytes_.size())
    compact(floor_);
  if (end_ == bytes_.size() && floor_ == 0 && end_ - begin_ < limit)
    bytes_.resize(std::min(limit, std::max(first_bytes, 2 * bytes_.size())));
  return boost::asio::buffer(bytes_) + end_;
}

} // namespace heddle::http
