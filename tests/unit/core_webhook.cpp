#include "heddle/webhook_policy.hpp"
#include "tests/catch.hpp"

using namespace heddle;

namespace {

std::string blocked(const std::string& url, const options& rules = {}) {
  auto why = check_webhook(url, rules);
  return why ? why->detail : "";
}

} // namespace

TEST_CASE("a webhook may call anyone's public host", "[core][webhook]") {
  for (const char* url :
       {"https://example.com", "http://example.com:8080/a?b=c#d",
        "HTTPS://Example.COM./x", "http://8.8.8.8/", "http://1.1/",
        "http://[2606:4700::1111]:8443/", "http://a_b.example/",
        "http://192.169.0.1", "http://172.32.0.1", "http://100.128.0.1",
        "http://[64:ff9b::8.8.8.8]/", "http://localhost.example.com/"})
    CHECK(blocked(url) == "");
}

TEST_CASE("a webhook may not call this machine or its net", "[core][webhook]") {
  struct row {
    const char* host;
    const char* why;
  };
  const row rows[] = {
    {"127.0.0.1", "loopback IP range"},
    {"127.1", "loopback IP range"},
    {"2130706433", "loopback IP range"},
    {"0x7f000001", "loopback IP range"},
    {"0177.0.0.1", "loopback IP range"},
    {"0x7f.1", "loopback IP range"},
    {"127.0.0.1.", "loopback IP range"},
    {"[::1]", "loopback IP range"},
    {"[0:0:0:0:0:0:0:1]", "loopback IP range"},
    {"[::ffff:127.0.0.1]", "loopback IP range"},
    {"[::127.0.0.1]", "loopback IP range"},
    {"[64:ff9b::7f00:1]", "loopback IP range"},
    {"[2002:7f00:1::]", "loopback IP range"},
    {"localhost", "localhost address"},
    {"LOCALHOST.", "localhost address"},
    {"api.localhost", "localhost address"},
    {"0.0.0.0", "unspecified IP range"},
    {"0", "unspecified IP range"},
    {"[::]", "unspecified IP range"},
    {"10.1.2.3", "private IP range"},
    {"172.16.0.1", "private IP range"},
    {"172.31.255.255", "private IP range"},
    {"192.168.1.1", "private IP range"},
    {"100.64.0.1", "private IP range"},
    {"198.18.0.1", "private IP range"},
    {"[fc00::1]", "private IP range"},
    {"[fd12::1]", "private IP range"},
    {"[::ffff:10.0.0.1]", "private IP range"},
    {"169.254.169.254", "link-local IP range"},
    {"0xA9FEA9FE", "link-local IP range"},
    {"[fe80::1]", "link-local IP range"},
    {"metadata.google.internal", "metadata service"},
    {"metadata", "metadata service"},
    {"224.0.0.1", "reserved IP range"},
    {"255.255.255.255", "reserved IP range"},
    {"240.0.0.1", "reserved IP range"},
    {"192.0.2.1", "reserved IP range"},
    {"[ff02::1]", "reserved IP range"},
    {"[2001:db8::1]", "reserved IP range"},
  };
  for (const auto& row : rows) {
    INFO(row.host);
    CHECK(blocked(std::string{"http://"} + row.host + ":80/x")
          == std::string{"Webhook host blocked: "} + row.why);
  }
}

TEST_CASE("an operator may open loopback or the private nets, no more",
          "[core][webhook]") {
  options loopback;
  loopback.webhook_loopback = true;
  CHECK(blocked("http://127.0.0.1:9/", loopback) == "");
  CHECK(blocked("http://localhost/", loopback) == "");
  CHECK(blocked("http://10.0.0.1/", loopback)
        == "Webhook host blocked: private IP range");
  options nets;
  nets.webhook_private = true;
  CHECK(blocked("http://10.0.0.1/", nets) == "");
  CHECK(blocked("http://[fd00::1]/", nets) == "");
  CHECK(blocked("http://127.0.0.1/", nets)
        == "Webhook host blocked: loopback IP range");
  nets.webhook_loopback = true;
  for (const char* never :
       {"169.254.169.254", "metadata.google.internal", "0.0.0.0", "[ff02::1]"})
    CHECK_THAT(blocked(std::string{"http://"} + never, nets),
               StartsWith("Webhook host blocked: "));
}

TEST_CASE("a webhook is an absolute http URL", "[core][webhook]") {
  struct row {
    const char* url;
    const char* why;
  };
  const row rows[] = {
    {"/threads", "Webhook host blocked: relative URL"},
    {"//example.com/x", "Webhook host blocked: relative URL"},
    {"example.com", "Invalid webhook hostname ''"},
    {"not a url", "Invalid webhook hostname ''"},
    {"ftp://example.com", "Webhook host blocked: scheme 'ftp' not allowed"},
    {"file:///etc/passwd", "Webhook host blocked: scheme 'file' not allowed"},
    {"http://", "Invalid webhook hostname ''"},
    {"http:///x", "Invalid webhook hostname ''"},
    {"http://:80/", "Invalid webhook hostname ''"},
    {"http://./", "Invalid webhook hostname '.'"},
    {"http://a%2eb/", "Invalid webhook hostname 'a%2eb'"},
    {"http://1.2.3.4.5/", "Invalid webhook hostname '1.2.3.4.5'"},
    {"http://256.1.1.1/", "Invalid webhook hostname '256.1.1.1'"},
    {"http://example.1/", "Invalid webhook hostname 'example.1'"},
    {"http://[::1/", "Invalid webhook hostname '[::1'"},
    {"http://[1.2.3.4]/", "Invalid webhook hostname '[1.2.3.4]'"},
    {"http://[::1%25eth0]/", "Invalid webhook hostname '[::1%25eth0]'"},
    {"http://[2606::1]x/", "Invalid webhook hostname '[2606::1]x'"},
    {"http://u:p@example.com/",
     "Webhook URL must not contain user information"},
    {"http://example.com@127.0.0.1/",
     "Webhook URL must not contain user information"},
    {"http://example.com:0/", "Webhook port 0 not allowed"},
    {"http://example.com:65536/", "Webhook port 65536 not allowed"},
    {"http://example.com:8x/", "Webhook port 8x not allowed"},
    {"http://example.com\\@127.0.0.1/", "Invalid webhook URL"},
    {"http://exa mple.com/", "Invalid webhook URL"},
    {"http://example.com/\r\nX: y", "Invalid webhook URL"},
    {"http://ex\xC3\xA4mple.com/", "Invalid webhook URL"},
  };
  for (const auto& row : rows) {
    INFO(row.url);
    CHECK(blocked(row.url) == row.why);
  }
  CHECK(blocked("http://example.com/" + std::string(4096, 'a'))
        == "Webhook URL too long");
  options https;
  https.webhook_https = true;
  CHECK(blocked("http://example.com", https) == "Webhook must use https");
  CHECK(blocked("https://example.com", https) == "");
}

TEST_CASE("a webhook URL is taken apart", "[core][webhook]") {
  auto url = parse_webhook_url("https://Example.com?x=1#frag");
  REQUIRE(url.has_value());
  CHECK(url->https);
  CHECK(url->host == "example.com");
  CHECK(url->port == 443);
  CHECK(url->target == "/?x=1");
  url = parse_webhook_url("http://[2606:4700::1]:81/a/b");
  REQUIRE(url.has_value());
  CHECK(url->host == "2606:4700::1");
  CHECK(url->port == 81);
  CHECK(url->target == "/a/b");
}

TEST_CASE("an address is checked again when it is resolved",
          "[core][webhook]") {
  CHECK(!check_webhook_address("93.184.216.34", {}));
  CHECK(check_webhook_address("fe80::1%eth0", {})->detail
        == "Webhook host blocked: link-local IP range");
  CHECK(check_webhook_address("no address", {}).has_value());
}
