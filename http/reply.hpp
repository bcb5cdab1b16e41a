#pragma once

#include "heddle/error.hpp"

#include <string>
#include <string_view>

namespace heddle::http {

/// One answer, before it is put on the wire. Knows nothing of sockets.
struct reply {
  unsigned status = 200;
  std::string_view type; ///< Content type, a constant; empty: none.
  std::string body;
  std::string headers; ///< More header lines, each with its CRLF.
  bool close = false;  ///< The connection is not used again.
  /// Say that it is kept, though that goes without saying.
  bool says_keep_alive = false;
};

/// 200 with `json`, which is valid already.
reply json_reply(std::string json);

/// No body: 204, 202, 307.
reply empty_reply(unsigned status);

reply text_reply(unsigned status, std::string text);

/// `{"detail":"…"}` with that status. 503 says when to come again.
reply problem(unsigned status, std::string_view detail);

/// Renders `why` with the status that its code maps to.
reply problem(const error& why);

/// The one table of `errc` and status.
unsigned status_of(errc code) noexcept;

/// Appends one header line. Neither may hold line ends.
void add_header(std::string& lines, std::string_view name,
                std::string_view value);

/// How a reply meets its connection.
struct framing {
  enum class kind : unsigned char { length, chunked, until_close };
  kind how = kind::length;
  bool http_1_1 = true;
  bool close = false;
  bool head_only = false; ///< The answer to a HEAD.
  std::string_view cors;  ///< Header lines.
  std::string_view date;  ///< As `http_date` gives it.
};

/// Appends the status line and the headers, with the empty line.
void write_head(std::string& out, const reply& what, const framing& how);

} // namespace heddle::http
