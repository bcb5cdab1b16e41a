#include "http/reply.hpp"

#include <boost/beast/http/status.hpp>

#include <utility>

namespace heddle::http {

reply json_reply(std::string json) {
  reply r;
  r.type = "application/json";
  r.body = std::move(json);
  return r;
}

reply empty_reply(unsigned status) {
  reply r;
  r.status = status;
  return r;
}

reply text_reply(unsigned status, std::string text) {
  reply r;
  r.status = status;
  r.type = "text/plain; charset=utf-8";
  r.body = std::move(text);
  return r;
}

void add_header(std::string& lines, std::string_view name,
                std::string_view value) {
  lines.append(name).append(": ").append(value).append("\r\n");
}

namespace {

void write_framing(std::string& out, const reply& what, const framing& how) {
  if (how.how == framing::kind::chunked)
    add_header(out, "transfer-encoding", "chunked");
  else if (how.how == framing::kind::length && what.status != 204)
    add_header(out, "content-length", std::to_string(what.body.size()));
  if (how.close || how.how == framing::kind::until_close)
    add_header(out, "connection", "close");
  else if (!how.http_1_1 || what.says_keep_alive)
    add_header(out, "connection", "keep-alive");
}

} // namespace

void write_head(std::string& out, const reply& what, const framing& how) {
  auto phrase = boost::beast::http::obsolete_reason(
    static_cast<boost::beast::http::status>(what.status));
  out.append("HTTP/1.1 ").append(std::to_string(what.status)).append(" ");
  out.append(phrase.data(), phrase.size());
  out.append("\r\n").append(how.date).append("vary: Origin\r\n");
  out.append(how.cors);
  if (!what.type.empty()) {
    add_header(out, "content-type", what.type);
    out.append("x-content-type-options: nosniff\r\n");
  }
  out.append(what.headers);
  write_framing(out, what, how);
  out.append("\r\n");
}

} // namespace heddle::http
