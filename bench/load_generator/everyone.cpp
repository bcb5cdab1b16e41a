#include "bench/load_generator/everyone.hpp"

#include "bench/load_generator/guard.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>

namespace heddle::load {

namespace {

using act_of = std::function<task<>(client&, std::size_t)>;

struct waiting {
  explicit waiting(executor io) : done(io, clock::time_point::max()) {}

  timer_type done; ///< Never fires: cancelled when all are back.
  std::size_t left = 0;
};

task<> one(client& c, std::size_t i, const act_of& act, waiting& all) {
  co_await guarded(c, [&] { return act(c, i); });
  if (--all.left == 0)
    all.done.cancel();
}

} // namespace

task<> everyone(crowd& all, act_of act) {
  auto io = co_await asio::this_coro::executor;
  waiting others{io};
  others.left = all.clients.size();
  for (std::size_t i = 0; i < all.clients.size(); ++i)
    asio::co_spawn(io, one(*all.clients[i], i, act, others), asio::detached);
  boost::system::error_code ignored;
  while (others.left > 0)
    co_await others.done.async_wait(asio::redirect_error(awaited, ignored));
  if (!all.out.unsupported.empty())
    throw unsupported{all.out.unsupported};
}

} // namespace heddle::load
