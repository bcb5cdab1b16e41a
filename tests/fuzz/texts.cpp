#include "actors/event_ids.hpp"
#include "core/address_range.hpp"
#include "core/json_path.hpp"
#include "heddle/ids.hpp"
#include "heddle/webhook_policy.hpp"
#include "http/target.hpp"
#include "tests/fuzz/property.hpp"

// Short texts of clients: targets with their queries, ids, `Last-Event-ID`,
// paths to extract, addresses of webhooks. The first byte says which.

using namespace heddle;
using namespace heddle::fuzz;

namespace {

void target(std::string_view text) {
  std::string scratch;
  auto parts = http::split_target(text, scratch);
  if (!parts)
    return;
  for (auto segment : parts->segments()) {
    require(http::is_utf8(segment), "a segment is UTF-8");
    require(segment != "..", "no segment goes up");
  }
  http::query_text query{parts->query};
  for (std::string_view key : {"limit", "select", "wait", "a", ""}) {
    auto all = query.all(key);
    auto last = query.last(key);
    require(last.has_value() == !all.empty(), "the last is one of all");
    require(!last || *last == all.back(), "the last is the last of all");
    for (const auto& value : all)
      require_text(value);
    query.truth(key);
  }
}

void uuid(std::string_view text) {
  auto bytes = parse_uuid(text);
  if (!bytes)
    return;
  auto shown = format_uuid(*bytes);
  require(parse_uuid(shown) == bytes, "an id reads as it is shown");
}

void event(std::string_view text) {
  auto from = actors::replay_from(text);
  if (from.ms < 0 || from.seq < 0)
    return;
  require(actors::replay_from(to_string(from)) == from,
          "an id reads as it is shown");
}

void path(std::string_view text) {
  auto parsed = core::parse_path(std::string{text});
  if (!parsed)
    return require_text(parsed.error().detail);
  require(!parsed->empty(), "a path leads somewhere");
  core::find_path(R"({"a":[1,{"b":null}]})", *parsed);
}

void webhook(std::string_view text) {
  if (auto why = check_webhook(text, {}))
    return;
  auto parts = parse_webhook_url(text);
  require(parts.has_value() && !parts->host.empty(), "a webhook has a host");
  auto ip = core::parse_ip(parts->host);
  require(!ip || core::range_of(*ip) == core::ip_range::open,
          "an address that is allowed is open");
}

void json(std::string_view text) {
  if (check_json(text))
    return;
  require_json(json_text{std::string{text}});
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr void (*targets[])(std::string_view)
    = {target, uuid, event, path, webhook, json};
  auto text = text_of(data, size);
  auto which = choose(text, std::size(targets));
  targets[which](text);
  return 0;
}
