#include "http/front.hpp"

#include "http/context.hpp"
#include "http/listener.hpp"
#include "http/openapi.hpp"
#include "http/routes.hpp"
#include "http/session.hpp"

#include <future>
#include <utility>

namespace heddle {

struct http_front::impl {
  std::shared_ptr<http::context> ctx;
  std::shared_ptr<http::listener> listening;
};

namespace {

void close_shard(http::context& ctx, std::size_t shard) {
  // Closing a session takes it out of the set.
  auto open = std::vector<http::session*>{ctx.sessions[shard].begin(),
                                          ctx.sessions[shard].end()};
  for (auto* s : open)
    s->close();
}

} // namespace

http_front::http_front(std::unique_ptr<impl> made) : impl_(std::move(made)) {
  // nop
}

result<std::unique_ptr<http_front>> listen_on(runtime& rt, server& srv,
                                              http_options opts) {
  auto keys = http::key_ring::make(opts.api_keys);
  if (!keys)
    return keys.error();
  auto openapi = http::read_openapi(opts.openapi_file);
  if (!openapi)
    return openapi.error();
  auto made = std::make_unique<http_front::impl>();
  made->ctx = std::make_shared<http::context>(
    rt, srv, std::move(opts), std::move(*keys), std::move(*openapi),
    http::routes());
  auto listening = http::listener::bind(made->ctx);
  if (!listening)
    return listening.error();
  made->listening = std::move(*listening);
  made->listening->start();
  return std::make_unique<http_front>(std::move(made));
}

http_front::~http_front() {
  std::promise<void> closed;
  close_all([&closed] { closed.set_value(); });
  closed.get_future().wait();
}

std::uint16_t http_front::port() const noexcept {
  return impl_->listening->port();
}

void http_front::stop_accepting() {
  impl_->ctx->rt.run_on(0, [l = impl_->listening] { l->close(); });
}

void http_front::close_all(std::function<void()> done) {
  stop_accepting();
  impl_->ctx->closing = true;
  // Called when the last shard has let go of it: run or, if the runtime has
  // stopped, dropped.
  auto last = std::shared_ptr<void>{
    nullptr, [done = std::move(done)](void*) { done(); }};
  for (std::size_t i = 0; i < impl_->ctx->rt.shards(); ++i)
    impl_->ctx->rt.run_on(
      i, [ctx = impl_->ctx, i, last] { close_shard(*ctx, i); });
}

} // namespace heddle
