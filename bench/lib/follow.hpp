#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::bench {

/// A reader of one answer that goes on for a while, blocking.
class follower {
public:
  /// Returns when the head of the answer is there; throws unless it is 200.
  follower(std::uint16_t port, std::string_view path,
           std::string_view body = {});
  ~follower();
  follower(const follower&) = delete;
  follower& operator=(const follower&) = delete;

  /// Waits for more. 0 at the end of the connection.
  std::size_t read();

  /// What came behind the head, chunk sizes and all.
  const std::string& text() const noexcept { return text_; }

  /// Whether the stream has come to its end, perhaps without any event.
  bool over() const noexcept {
    return text_ == "0\r\n\r\n" || text_.ends_with("\r\n0\r\n\r\n");
  }

  /// The socket, to wait for.
  int fd() const noexcept { return socket_; }

  /// Reads until `mark` is there. False if the connection ended before.
  bool until(std::string_view mark);

private:
  int socket_ = -1;
  std::string text_;
};

using followers = std::vector<std::unique_ptr<follower>>;

/// Reads all of them until each is over, and tells of each that is. Throws if
/// one breaks off before.
void read_until_over(
  followers& all, const std::function<void()>& on_over = [] {});

} // namespace heddle::bench
