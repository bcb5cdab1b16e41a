#pragma once

#include "bench/load_generator/sse.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <string>
#include <string_view>

namespace heddle::load {

/// One answer. Of the fields of its head only what a load needs.
struct answer {
  unsigned status = 0;
  bool is_stream = false; ///< text/event-stream: what comes is no body.
  std::string body;

  /// For a message: the status, and the beginning of the body.
  std::string text() const;
};

/// Fills an answer, by Beast's parser: its own messages would keep every field.
class answer_parser : public boost::beast::http::basic_parser<false> {
public:
  /// Both outlive it.
  answer_parser(answer& into, sse_parser& events);

private:
  using field = boost::beast::http::field;
  using text = boost::beast::string_view;
  using failure = boost::beast::error_code;

  void on_request_impl(boost::beast::http::verb, text, text, int,
                       failure&) override {}
  void on_response_impl(int code, text, int, failure&) override;
  void on_field_impl(field name, text, text value, failure&) override;
  void on_header_impl(failure&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&,
                         failure&) override {}
  std::size_t on_body_impl(text bytes, failure&) override;
  void on_chunk_header_impl(std::uint64_t, text, failure&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, text bytes, failure&) override;
  void on_finish_impl(failure&) override {}

  answer& into_;
  sse_parser& events_;
};

} // namespace heddle::load
