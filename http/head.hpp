#pragma once

#include "heddle/http.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/verb.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// The head of a request, read strictly. Two readers must agree on it: a scan of
// the raw bytes that knows lines only, and Beast's parser with the policy of
// docs/security.md above it. Whatever a proxy in front of us could read in
// another way is refused, and the connection with it.

namespace heddle::http {

using verb = boost::beast::http::verb;

/// Why a request cannot be read. Its connection is not used again.
struct refusal {
  unsigned status = 400;
  std::string_view detail;
};

/// Finds the end of a head in a growing buffer, looking at each byte once.
class head_scanner {
public:
  enum class verdict : std::uint8_t { more, whole, refused };

  explicit head_scanner(const http_options& limits) : limits_(&limits) {}

  /// `in` starts with the request line and holds at least what it held before.
  verdict scan(std::string_view in);

  /// Of a whole head, the empty line included.
  std::size_t bytes() const noexcept { return line_; }
  const refusal& why() const noexcept { return why_; }

  void reset() noexcept;

private:
  verdict refuse(unsigned status, std::string_view detail);
  verdict line_ended(std::string_view in, std::size_t at);
  verdict want_more(std::string_view in);

  const http_options* limits_;
  std::size_t line_ = 0; ///< Start of the line that is not whole yet.
  std::size_t lines_ = 0;
  refusal why_;
};

/// What a head says. The views are of the bytes that it was read from.
struct request_head {
  verb method = verb::unknown;
  std::string_view target;
  std::string_view host;
  std::string_view origin;
  std::string_view api_key;
  std::string_view prefer;
  std::string_view last_event_id;
  std::string_view request_id;
  std::string_view wanted_method; ///< Access-Control-Request-…
  std::string_view wanted_headers;
  std::string_view wanted_private_network;
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool http_1_1 = true;
  bool keep_alive = true;
  bool expects_continue = false;
};

/// Reads one request: the head at once, then a chunked body piece by piece.
class request_parser final
  : public boost::beast::http::basic_parser</*isRequest=*/true> {
public:
  explicit request_parser(const http_options& limits);

  /// `block` is what `head_scanner` found; it must outlive `head()`.
  /// @returns nothing if it is acceptable.
  std::optional<refusal> read_head(std::string_view block);

  const request_head& head() const noexcept { return head_; }

  /// Reads as much of a chunked body as there is, appending it to `into`.
  /// @returns the bytes used up, or why it is refused.
  struct progress {
    std::size_t used = 0;
    std::optional<refusal> why;
  };
  progress read_chunks(std::string_view in, std::string& into);

private:
  using error_code = boost::beast::error_code;
  using field = boost::beast::http::field;
  using text = boost::beast::string_view;

  void on_request_impl(verb method, text method_text, text target, int version,
                       error_code& ec) override;
  void on_response_impl(int code, text reason, int version,
                        error_code& ec) override;
  void on_field_impl(field name, text name_text, text value,
                     error_code& ec) override;
  void on_header_impl(error_code& ec) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>& length,
                         error_code& ec) override;
  std::size_t on_body_impl(text body, error_code& ec) override;
  void on_chunk_header_impl(std::uint64_t size, text extensions,
                            error_code& ec) override;
  std::size_t on_chunk_body_impl(std::uint64_t remain, text body,
                                 error_code& ec) override;
  void on_finish_impl(error_code& ec) override;

  void take_framing_field(field name, std::string_view value);
  void take_unnamed_field(std::string_view name, std::string_view value);
  void check_framing();
  void refuse(unsigned status, std::string_view detail);

  request_head head_;
  std::optional<refusal> why_;
  std::string* body_ = nullptr;
  bool in_trailer_ = false;
  unsigned hosts_ = 0;
  unsigned lengths_ = 0;
  unsigned encodings_ = 0;
};

/// What a client may call its request (`[A-Za-z0-9._-]{1,128}`), or nothing.
std::string_view clean_request_id(std::string_view id);

} // namespace heddle::http
