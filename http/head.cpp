#include "http/head.hpp"

#include "http/ascii.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace heddle::http {

namespace {

namespace beast = boost::beast;

constexpr std::string_view bad_request = "Bad Request";

/// Method, two spaces, version and line end, beside the target.
constexpr std::size_t request_line_extra = 32;

constexpr std::size_t content_length_digits_max = 19;

bool is_control(char c) {
  auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

bool is_target_byte(char c) {
  auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte < 0x7f && c != '#';
}

bool is_host_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9')
         || std::string_view{".:-_[]%~"}.find(c) != std::string_view::npos;
}

/// `Content_Length` and its like: some proxies take them for the real name.
bool looks_like_framing(std::string_view name) {
  static constexpr std::array<std::string_view, 4> framing
    = {"content-length", "transfer-encoding", "host", "connection"};
  if (name.find('_') == std::string_view::npos)
    return false;
  std::string dashed{name};
  std::replace(dashed.begin(), dashed.end(), '_', '-');
  return std::any_of(framing.begin(), framing.end(),
                     [&](std::string_view f) { return iequals(dashed, f); });
}

std::optional<std::uint64_t> read_length(std::string_view text) {
  std::uint64_t value = 0;
  if (text.empty() || text.size() > content_length_digits_max)
    return std::nullopt;
  auto [end, failed]
    = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

bool is_served(verb method) {
  switch (method) {
    case verb::get:
    case verb::post:
    case verb::put:
    case verb::patch:
    case verb::delete_:
    case verb::options:
    case verb::head: return true;
    default: return false;
  }
}

} // namespace

// -- head_scanner -------------------------------------------------------------

void head_scanner::reset() noexcept {
  line_ = 0;
  lines_ = 0;
}

head_scanner::verdict head_scanner::refuse(unsigned status,
                                           std::string_view detail) {
  why_ = {status, detail};
  return verdict::refused;
}

head_scanner::verdict head_scanner::scan(std::string_view in) {
  while (const void* found
         = std::memchr(in.data() + line_, '\n', in.size() - line_)) {
    auto at
      = static_cast<std::size_t>(static_cast<const char*>(found) - in.data());
    auto verdict = line_ended(in, at);
    if (verdict != verdict::more)
      return verdict;
  }
  return want_more(in);
}

head_scanner::verdict head_scanner::line_ended(std::string_view in,
                                               std::size_t at) {
  if (at == line_ || in[at - 1] != '\r')
    return refuse(400, bad_request); // A bare line feed.
  auto length = at - 1 - line_;
  auto first = lines_ == 0;
  if (first && length > limits_->target_bytes_max + request_line_extra)
    return refuse(414, "Request target too long");
  if (at + 1 > limits_->header_bytes_max)
    return refuse(431, "Request header fields too large");
  if (!first && length > 0 && (in[line_] == ' ' || in[line_] == '\t'))
    return refuse(400, bad_request); // Line folding.
  if (++lines_ > limits_->fields_max + 2)
    return refuse(431, "Too many request header fields");
  line_ = at + 1;
  if (length > 0)
    return verdict::more;
  return first ? refuse(400, bad_request) : verdict::whole;
}

head_scanner::verdict head_scanner::want_more(std::string_view in) {
  if (lines_ == 0 && in.size() > limits_->target_bytes_max + request_line_extra)
    return refuse(414, "Request target too long");
  if (in.size() >= limits_->header_bytes_max)
    return refuse(431, "Request header fields too large");
  return verdict::more;
}

// -- request_parser -----------------------------------------------------------

request_parser::request_parser(const http_options& limits) {
  header_limit(static_cast<std::uint32_t>(limits.header_bytes_max));
  body_limit(limits.body_bytes_max);
}

std::optional<refusal> request_parser::read_head(std::string_view block) {
  error_code ec;
  eager(false);
  put(boost::asio::const_buffer{block.data(), block.size()}, ec);
  if (!why_ && ec == beast::http::error::body_limit)
    why_ = refusal{413, {}};
  else if (!why_ && (ec || !is_header_done()))
    refuse(400, bad_request);
  if (!why_)
    check_framing();
  return why_;
}

request_parser::progress request_parser::read_chunks(std::string_view in,
                                                     std::string& into) {
  body_ = &into;
  eager(true);
  error_code ec;
  progress done;
  done.used = put(boost::asio::const_buffer{in.data(), in.size()}, ec);
  if (ec == beast::http::error::body_limit)
    done.why = refusal{413, {}};
  else if (ec && ec != beast::http::error::need_more)
    done.why = refusal{400, bad_request};
  return done;
}

void request_parser::refuse(unsigned status, std::string_view detail) {
  if (!why_)
    why_ = refusal{status, detail};
}

void request_parser::on_request_impl(verb method, text, text target,
                                     int version, error_code&) {
  head_.method = method;
  head_.target = target;
  head_.http_1_1 = version == 11;
  if (!is_served(method))
    return refuse(400, "Unknown method");
  if (!std::all_of(target.begin(), target.end(), is_target_byte))
    refuse(400, bad_request);
}

void request_parser::on_response_impl(int, text, int, error_code&) {
  // nop: this parser reads requests.
}

void request_parser::on_field_impl(field name, text name_text, text value,
                                   error_code&) {
  if (in_trailer_)
    return; // Nothing in a trailer means anything to us.
  if (std::any_of(value.begin(), value.end(), is_control))
    refuse(400, bad_request);
  switch (name) {
    case field::host:
    case field::content_length:
    case field::transfer_encoding: take_framing_field(name, value); break;
    case field::expect:
      head_.expects_continue = iequals(value, "100-continue");
      if (!head_.expects_continue)
        refuse(417, "Expectation Failed");
      break;
    case field::origin: head_.origin = value; break;
    case field::prefer: head_.prefer = value; break;
    case field::access_control_request_method:
      head_.wanted_method = value;
      break;
    case field::access_control_request_headers:
      head_.wanted_headers = value;
      break;
    case field::unknown: take_unnamed_field(name_text, value); break;
    default: break;
  }
}

void request_parser::take_framing_field(field name, std::string_view value) {
  if (name == field::host) {
    ++hosts_;
    head_.host = value;
    if (!std::all_of(value.begin(), value.end(), is_host_byte))
      refuse(400, bad_request);
  } else if (name == field::content_length) {
    ++lengths_;
    head_.content_length = read_length(value);
    if (!head_.content_length)
      refuse(400, bad_request);
  } else {
    ++encodings_;
    head_.chunked = true;
    if (!iequals(value, "chunked"))
      refuse(400, bad_request);
  }
}

void request_parser::take_unnamed_field(std::string_view name,
                                        std::string_view value) {
  if (iequals(name, "x-api-key"))
    head_.api_key = value;
  else if (iequals(name, "last-event-id"))
    head_.last_event_id = value;
  else if (iequals(name, "x-request-id"))
    head_.request_id = value;
  else if (iequals(name, "access-control-request-private-network"))
    head_.wanted_private_network = value;
  else if (looks_like_framing(name))
    refuse(400, bad_request);
}

void request_parser::check_framing() {
  head_.keep_alive = keep_alive();
  auto no_body = head_.method == verb::get || head_.method == verb::head
                 || head_.method == verb::delete_;
  if (hosts_ > 1 || (head_.http_1_1 && hosts_ == 0) || lengths_ > 1
      || encodings_ > 1)
    refuse(400, bad_request);
  if (encodings_ > 0 && (lengths_ > 0 || !head_.http_1_1 || no_body))
    refuse(400, bad_request);
  // Beast and we must have read the same framing.
  if (head_.chunked != chunked())
    refuse(400, bad_request);
}

void request_parser::on_header_impl(error_code&) {
  in_trailer_ = true;
}

void request_parser::on_body_init_impl(const boost::optional<std::uint64_t>&,
                                       error_code&) {
  // nop: bodies of a known length do not pass through the parser.
}

std::size_t request_parser::on_body_impl(text, error_code& ec) {
  ec = beast::http::error::unexpected_body;
  return 0;
}

void request_parser::on_chunk_header_impl(std::uint64_t, text extensions,
                                          error_code& ec) {
  if (std::any_of(extensions.begin(), extensions.end(), is_control))
    ec = beast::http::error::bad_chunk_extension;
}

std::size_t request_parser::on_chunk_body_impl(std::uint64_t, text body,
                                               error_code&) {
  body_->append(body.data(), body.size());
  return body.size();
}

void request_parser::on_finish_impl(error_code&) {
  // nop: `is_done` says it.
}

std::string_view clean_request_id(std::string_view id) {
  auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  };
  auto ok = id.size() <= 128 && std::all_of(id.begin(), id.end(), fits);
  return ok ? id : std::string_view{};
}

} // namespace heddle::http
