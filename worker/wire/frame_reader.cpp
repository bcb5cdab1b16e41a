#include "worker/wire/frame_reader.hpp"

#include "worker/wire/frame.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

namespace heddle::worker::wire {

namespace {

constexpr std::size_t chunk_bytes = 64 * 1024;

/// A length is only a claim: memory is given as the bytes arrive.
constexpr std::size_t first_bytes_max = 1024 * 1024;

} // namespace

frame_reader::frame_reader(std::size_t frame_bytes_max)
  : frame_bytes_max_(frame_bytes_max), chunk_(chunk_bytes) {
  // nop
}

std::span<char> frame_reader::space() {
  if (frame_ && wanted_ - filled_ >= chunk_bytes) {
    if (filled_ == frame_->size())
      grow();
    return {frame_->data() + filled_, frame_->size() - filled_};
  }
  return chunk_;
}

bool frame_reader::received(
  std::size_t bytes, std::vector<std::shared_ptr<const std::string>>& frames) {
  // Only the rest of a large frame went past the chunk, and it cannot end
  // beyond that frame.
  if (frame_ && wanted_ - filled_ >= chunk_bytes) {
    filled_ += bytes;
    if (filled_ == wanted_)
      frames.push_back(std::exchange(frame_, nullptr));
    return true;
  }
  std::string_view rest{chunk_.data(), bytes};
  while (!rest.empty()) {
    if (!frame_) {
      auto missing = std::min(length_bytes - length_.size(), rest.size());
      length_.append(rest.substr(0, missing));
      rest.remove_prefix(missing);
      if (length_.size() < length_bytes)
        break;
      auto length = get_length(length_.data());
      if (length == 0 || length > frame_bytes_max_)
        return false;
      begin(length);
    }
    auto take = std::min(wanted_ - filled_, rest.size());
    while (frame_->size() < filled_ + take)
      grow();
    std::memcpy(frame_->data() + filled_, rest.data(), take);
    filled_ += take;
    rest.remove_prefix(take);
    if (filled_ == wanted_)
      frames.push_back(std::exchange(frame_, nullptr));
  }
  return true;
}

void frame_reader::begin(std::size_t length) {
  length_.clear();
  frame_ = std::make_shared<std::string>();
  frame_->resize(std::min(length, first_bytes_max));
  wanted_ = length;
  filled_ = 0;
}

void frame_reader::grow() {
  frame_->resize(std::min(wanted_, 2 * frame_->size()));
}

} // namespace heddle::worker::wire
