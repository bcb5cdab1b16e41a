#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace heddle::bench {

/// One answer as it comes in. As little as a load generator needs: it shares
/// the cores with what it measures.
class http_answer {
public:
  void add(std::string_view bytes);

  bool whole() const noexcept {
    if (chunked_)
      return text_.ends_with("\r\n0\r\n\r\n");
    return head_ > 0 && text_.size() >= head_ + length_;
  }

  unsigned status() const noexcept { return status_; }
  /// Nothing of a body in chunks.
  std::string_view body() const noexcept {
    return std::string_view{text_}.substr(head_, length_);
  }
  const std::string& text() const noexcept { return text_; }

  void reset() {
    text_.clear();
    head_ = length_ = 0;
    chunked_ = false;
  }

private:
  std::string text_;
  std::size_t head_ = 0; ///< Its length, once it is whole.
  std::size_t length_ = 0;
  unsigned status_ = 0;
  bool chunked_ = false;
};

} // namespace heddle::bench
