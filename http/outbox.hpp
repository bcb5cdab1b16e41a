#pragma once

#include <boost/asio/buffer.hpp>

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::http {

/// What waits to be written to one connection: text of its own, and frames that
/// it shares with other readers. Nothing is copied to be sent.
class outbox {
public:
  /// The text at the end, to be appended to. Until the next call of anything.
  std::string& tail();

  /// Must be called after `tail` was appended to.
  void count();

  void text(std::string_view what) {
    tail().append(what);
    count();
  }

  /// Takes over what is worth it.
  void take(std::string what);

  /// `what` must live as long as `owner`, and must not change.
  void share(std::shared_ptr<const void> owner, std::string_view what);

  std::size_t bytes() const noexcept { return bytes_; }
  bool empty() const noexcept { return bytes_ == 0; }

  /// The first of it, for one gathering write. Until the next call.
  std::span<const boost::asio::const_buffer> front();

  /// The first `n` bytes are written.
  void consume(std::size_t n);

private:
  struct piece {
    std::string own;
    std::shared_ptr<const void> owner; ///< Of what is shared.
    std::string_view shared;

    std::string_view view() const noexcept {
      return owner ? shared : std::string_view{own};
    }
  };

  void drop_written();

  static constexpr std::size_t gather_max = 32;

  std::vector<piece> pieces_;
  std::size_t first_ = 0; ///< The ones before are written.
  std::size_t sent_ = 0;  ///< Bytes of the first one.
  std::size_t bytes_ = 0;
  std::size_t counted_ = 0; ///< Of the last piece, if it is text.
  std::string spare_;       ///< Keeps its memory for the next text.
  std::array<boost::asio::const_buffer, gather_max> gather_;
};

} // namespace heddle::http
