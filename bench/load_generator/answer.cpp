#include "bench/load_generator/answer.hpp"

#include <limits>

namespace heddle::load {

std::string answer::text() const {
  constexpr std::size_t shown_max = 160;
  auto shown = body.substr(0, shown_max);
  if (body.size() > shown_max)
    shown += "…";
  return std::to_string(status) + " " + (shown.empty() ? "(empty)" : shown);
}

answer_parser::answer_parser(answer& into, sse_parser& events)
  : into_(into), events_(events) {
  into_.status = 0;
  into_.is_stream = false;
  into_.body.clear();
  events_.reset();
  eager(true);
  body_limit(boost::none);
  header_limit(64 * 1024);
}

void answer_parser::on_response_impl(int code, text, int, failure&) {
  into_.status = static_cast<unsigned>(code);
}

void answer_parser::on_field_impl(field name, text, text value, failure&) {
  constexpr std::string_view stream = "text/event-stream";
  if (name == field::content_type)
    into_.is_stream = value.substr(0, stream.size()) == stream;
}

std::size_t answer_parser::on_body_impl(text bytes, failure&) {
  std::string_view got{bytes.data(), bytes.size()};
  if (into_.is_stream)
    events_.add(got);
  else
    into_.body += got;
  return bytes.size();
}

std::size_t answer_parser::on_chunk_body_impl(std::uint64_t, text bytes,
                                              failure& failed) {
  return on_body_impl(bytes, failed);
}

} // namespace heddle::load
