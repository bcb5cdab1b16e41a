#include "worker/process/outbox.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

namespace heddle::worker {

namespace {

constexpr std::size_t frames_per_write_max = 64;

} // namespace

outbox::added outbox::add(std::vector<std::string> frames) {
  std::lock_guard guard{mutex_};
  if (closed_)
    return added::closed;
  for (const auto& frame : frames)
    bytes_ += frame.size();
  if (bytes_ > bytes_max_) {
    closed_ = true;
    return added::full;
  }
  std::move(frames.begin(), frames.end(), std::back_inserter(waiting_));
  return std::exchange(busy_, true) ? added::more : added::first;
}

/// @returns whether there is something to send.
bool outbox::refill() {
  if (!sending_.empty())
    return true;
  std::lock_guard guard{mutex_};
  std::move(waiting_.begin(), waiting_.end(), std::back_inserter(sending_));
  waiting_.clear();
  busy_ = !sending_.empty();
  return busy_;
}

outbox::sent outbox::send(int socket) {
  while (refill()) {
    iovec parts[frames_per_write_max];
    auto count = std::min(sending_.size(), frames_per_write_max);
    for (std::size_t i = 0; i < count; ++i)
      parts[i] = {sending_[i].data(), sending_[i].size()};
    parts[0] = {sending_[0].data() + offset_, sending_[0].size() - offset_};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = count;
    auto got = ::sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return errno == EAGAIN ? sent::later : sent::failed;
    auto done = static_cast<std::size_t>(got);
    offset_ += done;
    while (!sending_.empty() && offset_ >= sending_.front().size()) {
      offset_ -= sending_.front().size();
      sending_.pop_front();
    }
    std::lock_guard guard{mutex_};
    bytes_ -= done;
  }
  return sent::all;
}

void outbox::close() {
  std::vector<std::string> dropped;
  std::lock_guard guard{mutex_};
  closed_ = true;
  dropped.swap(waiting_);
}

} // namespace heddle::worker
