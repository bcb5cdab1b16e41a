#pragma once

#include <boost/asio/buffer.hpp>

#include <cstddef>
#include <string_view>
#include <vector>

namespace heddle::http {

/// What was read from a connection and is not used up. The head of the request
/// in hand is pinned: its bytes stay where they are, for it is views of them.
class input {
public:
  std::string_view view() const noexcept {
    return {bytes_.data() + begin_, end_ - begin_};
  }
  bool empty() const noexcept { return begin_ == end_; }

  void use(std::size_t n) noexcept { begin_ += n; }

  /// Uses up the first `n` bytes and pins them, with at least `spare` bytes of
  /// memory behind them to go on reading. @returns them.
  std::string_view pin(std::size_t n, std::size_t spare);
  void unpin() noexcept;

  /// Where to read to; empty if `limit` bytes wait already or there is no room
  /// behind what is pinned.
  boost::asio::mutable_buffer room(std::size_t limit);
  void filled(std::size_t n) noexcept { end_ += n; }

private:
  static constexpr std::size_t first_bytes = 4U << 10U;

  void compact(std::size_t floor);

  std::vector<char> bytes_;
  std::size_t floor_ = 0; ///< Below are pinned bytes.
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

} // namespace heddle::http
