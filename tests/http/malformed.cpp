#include "tests/http/loopback.hpp"

// Whatever a proxy in front of us could read in another way is refused, with
// the connection. Each row is a whole request; after it, the server serves on.

using namespace heddle;
using namespace heddle::test;

namespace {

struct row {
  const char* what;
  std::string bytes;
  unsigned status;
};

/// A GET of /ok with these header lines instead of the usual ones.
std::string get_with(const std::string& lines) {
  return "GET /ok HTTP/1.1\r\n" + lines + "\r\n";
}

/// A POST of /runs/cancel with these header lines and this body.
std::string post_with(const std::string& lines, const std::string& body) {
  return "POST /runs/cancel HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n" + body;
}

std::string many(const std::string& text, std::size_t n) {
  std::string all;
  for (std::size_t i = 0; i < n; ++i)
    all += text;
  return all;
}

const std::string chunked = "Transfer-Encoding: chunked\r\n";
const std::string no_chunks = "0\r\n\r\n";

std::vector<row> framing_rows() {
  return {
    {"both framings", post_with("Content-Length: 5\r\n" + chunked, no_chunks),
     400},
    {"both framings, other order",
     post_with(chunked + "Content-Length: 5\r\n", no_chunks), 400},
    {"two encodings", post_with(chunked + chunked, no_chunks), 400},
    {"encoding list", post_with("Transfer-Encoding: gzip, chunked\r\n", ""),
     400},
    {"unknown encoding", post_with("Transfer-Encoding: gzip\r\n", ""), 400},
    {"identity", post_with("Transfer-Encoding: identity\r\n", ""), 400},
    {"quoted encoding", post_with("Transfer-Encoding: \"chunked\"\r\n", ""),
     400},
    {"encoding with parameter",
     post_with("Transfer-Encoding: chunked;q=1\r\n", no_chunks), 400},
    {"encoding with a trailing comma",
     post_with("Transfer-Encoding: chunked,\r\n", no_chunks), 400},
    {"empty encoding", post_with("Transfer-Encoding:\r\n", ""), 400},
    {"encoding after a vertical tab",
     post_with("Transfer-Encoding: \vchunked\r\n", no_chunks), 400},
    {"encoding named with an underscore",
     post_with("Transfer_Encoding: chunked\r\n", no_chunks), 400},
    {"encoding with a space before the colon",
     post_with("Transfer-Encoding : chunked\r\n", no_chunks), 400},
    {"two lengths", post_with("Content-Length: 2\r\nContent-Length: 3\r\n", ""),
     400},
    {"two equal lengths",
     post_with("Content-Length: 2\r\nContent-Length: 2\r\n", "{}"), 400},
    {"a list of lengths", post_with("Content-Length: 2, 2\r\n", "{}"), 400},
    {"a signed length", post_with("Content-Length: +2\r\n", "{}"), 400},
    {"a negative length", post_with("Content-Length: -2\r\n", "{}"), 400},
    {"a hexadecimal length", post_with("Content-Length: 0x2\r\n", "{}"), 400},
    {"a length with a fraction", post_with("Content-Length: 2.0\r\n", "{}"),
     400},
    {"an empty length", post_with("Content-Length:\r\n", ""), 400},
    {"a length of twenty digits",
     post_with("Content-Length: 00000000000000000002\r\n", "{}"), 400},
    {"a length beyond 64 bits",
     post_with("Content-Length: 18446744073709551618\r\n", "{}"), 400},
    {"length named with an underscore",
     post_with("Content_Length: 2\r\n", "{}"), 400},
    {"chunks in HTTP/1.0",
     "POST /runs/cancel HTTP/1.0\r\n" + chunked + "\r\n" + no_chunks, 400},
    {"chunks with GET", get_with("Host: a\r\n" + chunked) + no_chunks, 400},
    {"chunks with DELETE",
     "DELETE /runs/cancel HTTP/1.1\r\nHost: a\r\n" + chunked + "\r\n"
       + no_chunks,
     400},
    {"a chunk size that is none", post_with(chunked, "zz\r\n\r\n"), 400},
    {"a chunk size with a sign", post_with(chunked, "+2\r\n{}\r\n0\r\n\r\n"),
     400},
    {"a chunk size beyond 64 bits",
     post_with(chunked, "fffffffffffffffff\r\n{}\r\n0\r\n\r\n"), 400},
    {"a chunk without its line end", post_with(chunked, "2\r\n{}0\r\n\r\n"),
     400},
    {"a bare line feed in a chunk extension",
     post_with(chunked, "2;a\nb\r\n{}\r\n0\r\n\r\n"), 400},
    {"an expectation that is none", post_with("Expect: 200-ok\r\n", ""), 417},
  };
}

std::vector<row> line_rows() {
  return {
    {"no host", get_with(""), 400},
    {"two hosts", get_with("Host: a\r\nHost: a\r\n"), 400},
    {"a host with a space", get_with("Host: a b\r\n"), 400},
    {"a host with a path", get_with("Host: a/b\r\n"), 400},
    {"host named with an underscore", get_with("Host: a\r\nHost_: b\r\n"), 200},
    {"a folded line", get_with("Host: a\r\nX-A: b\r\n c\r\n"), 400},
    {"a folded first line", get_with(" Host: a\r\n"), 400},
    {"a folded line with a tab", get_with("Host: a\r\nX-A: b\r\n\tc\r\n"), 400},
    {"a bare line feed", "GET /ok HTTP/1.1\nHost: a\n\n", 400},
    {"a bare line feed in a value", get_with("Host: a\r\nX-A: b\nc\r\n"), 400},
    {"a bare carriage return in a value", get_with("Host: a\r\nX-A: b\rc\r\n"),
     400},
    {"a NUL in a value", get_with(std::string{"Host: a\r\nX-A: b\0c\r\n", 19}),
     400},
    {"a control byte in a value", get_with("Host: a\r\nX-A: \x01\r\n"), 400},
    {"a name with a space", get_with("Host: a\r\nX A: b\r\n"), 400},
    {"a name with a tab", get_with("Host: a\r\nX\t: b\r\n"), 400},
    {"an empty name", get_with("Host: a\r\n: b\r\n"), 400},
    {"a line without a colon", get_with("Host: a\r\nnothing\r\n"), 400},
    {"a name beyond ASCII", get_with("Host: a\r\nX-\xC3\xA9: b\r\n"), 400},
    {"two spaces", "GET  /ok HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"a tab for a space", "GET\t/ok HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"no version", "GET /ok\r\nHost: a\r\n\r\n", 400},
    {"a version from the future", "GET /ok HTTP/1.2\r\nHost: a\r\n\r\n", 400},
    {"HTTP/2 in plain text", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
    {"another protocol", "GET /ok HTCPCP/1.1\r\nHost: a\r\n\r\n", 400},
    {"an unknown method", "FROB /ok HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"a method in lower case", "get /ok HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"TRACE", "TRACE /ok HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"a target beyond ASCII", "GET /\xC3\xA9 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"a fragment", "GET /ok#a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"TLS", "\x16\x03\x01\x02\r\n\r\n", 400},
    {"two empty lines first", "\r\n\r\nGET /ok HTTP/1.1\r\nHost: a\r\n\r\n",
     400},
    {"an escaped NUL", "GET /threads/%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"an escaped slash", "GET /threads%2fa HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"dots", "GET /a/../ok HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"escaped dots", "GET /a/%2e%2E/ok HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"overlong UTF-8", "GET /%c0%af HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"half an escape", "GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"a long target", "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\n", 414},
    {"an endless target", "GET /" + std::string(20'000, 'a'), 414},
    {"a long header", get_with("Host: a\r\nX-A: " + std::string(17'000, 'a')),
     431},
    {"many headers", get_with("Host: a\r\n" + many("X-A: b\r\n", 100)), 431},
  };
}

} // namespace

TEST_CASE("a malformed request is refused with its connection",
          "[http][policy]") {
  loopback side;
  for (const auto& rows : {framing_rows(), line_rows()})
    for (const auto& [what, bytes, status] : rows) {
      INFO(what);
      auto peer = side.connect();
      peer.send(bytes);
      auto got = peer.read();
      CHECK(got.status == status);
      if (status == 200)
        continue;
      CHECK(got.header("connection") == "close");
      CHECK(peer.ends());
      CHECK(side.ask("GET", "/ok").status == 200);
    }
}

TEST_CASE("what follows a refused request is not read as a request",
          "[http][policy]") {
  loopback side;
  auto peer = side.connect();
  peer.send(post_with("Content-Length: 4\r\n" + chunked, "0\r\n\r\n")
            + "GET /ok HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(peer.read().status == 400);
  CHECK(peer.ends());
}

TEST_CASE("unusual but plain requests are served", "[http][policy]") {
  loopback side;
  side.lines.cancel
    = [](const cancel_request&, auto done) { done(cancel_receipt{}); };
  const std::string body = R"({"status":"all"})";
  std::vector<row> rows = {
    {"an empty line first", "\r\nGET /ok HTTP/1.1\r\nHost: a\r\n\r\n", 200},
    {"HTTP/1.0 without host", "GET /ok HTTP/1.0\r\n\r\n", 200},
    {"an absolute target", "GET http://a/ok HTTP/1.1\r\nHost: a\r\n\r\n", 200},
    {"an empty value", get_with("Host: a\r\nX-A:\r\n"), 200},
    {"space around a value", get_with("Host:  a \t\r\n"), 200},
    {"chunked in capitals",
     post_with("Transfer-Encoding: CHUNKED\r\n",
               "10\r\n" + body + "\r\n0\r\n\r\n"),
     204},
    {"chunks with extension and trailer",
     post_with(chunked, "5;a=b\r\n" + body.substr(0, 5) + "\r\nb\r\n"
                          + body.substr(5) + "\r\n0\r\nX-T: y\r\n\r\n"),
     204},
    {"a body with GET", get_with("Host: a\r\nContent-Length: 2\r\n") + "{}",
     200},
  };
  for (const auto& [what, bytes, status] : rows) {
    INFO(what);
    auto peer = side.connect();
    peer.send(bytes);
    CHECK(peer.read().status == status);
  }
}
