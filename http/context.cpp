#include "http/context.hpp"

#include <ctime>
#include <utility>

namespace heddle::http {

namespace {

/// Names that are remembered, so that clients cannot make us grow.
constexpr std::size_t unknown_fields_max = 1000;

} // namespace

context::context(runtime& rt, server& srv, http_options opts, key_ring keys,
                 std::string openapi, std::span<const route> table)
  : rt(rt), srv(srv), opts(std::move(opts)), routes(table),
    cors(this->opts.cors_origins), keys(std::move(keys)),
    openapi(std::move(openapi)), counts(routes), sessions(rt.shards()) {
  // nop
}

void context::unknown_fields(const std::vector<std::string>& names) {
  if (names.empty() || !opts.on_unknown_field)
    return;
  for (const auto& name : names) {
    {
      std::lock_guard guard{mutex_};
      if (unknown_.size() >= unknown_fields_max
          || !unknown_.insert(name).second)
        continue;
    }
    opts.on_unknown_field(name);
  }
}

reply context::failure(const error& why) const {
  if (why.code == errc::internal && opts.on_failure)
    opts.on_failure(why.detail);
  return problem(why);
}

std::string_view http_date(timestamp now) {
  struct cached {
    std::time_t second = -1;
    char line[48] = {};
    std::size_t size = 0;
  };
  thread_local cached last;
  auto second = static_cast<std::time_t>(to_micros(now) / 1'000'000);
  if (second != last.second) {
    std::tm parts{};
    gmtime_r(&second, &parts);
    last.size = std::strftime(last.line, sizeof last.line,
                              "date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
    last.second = second;
  }
  return {last.line, last.size};
}

} // namespace heddle::http
