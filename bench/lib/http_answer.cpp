#include "bench/lib/http_answer.hpp"

#include <charconv>
#include <stdexcept>

namespace heddle::bench {

namespace {

unsigned number(std::string_view text) {
  unsigned value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

} // namespace

void http_answer::add(std::string_view bytes) {
  text_ += bytes;
  if (head_ > 0)
    return;
  auto end = text_.find("\r\n\r\n");
  if (end == std::string::npos)
    return;
  head_ = end + 4;
  std::string_view head{text_.data(), head_};
  if (!head.starts_with("HTTP/1.1 "))
    throw std::runtime_error{"no answer: " + text_};
  status_ = number(head.substr(9, 3));
  constexpr std::string_view field = "\r\ncontent-length: ";
  if (auto at = head.find(field); at != head.npos)
    length_ = number(head.substr(at + field.size(), 20));
  else
    chunked_ = head.find("\r\ntransfer-encoding: chunked") != head.npos;
}

} // namespace heddle::bench
