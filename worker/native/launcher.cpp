#include "worker/native/launcher.hpp"

#include "runtime/runtime.hpp"
#include "worker/native/native_channel.hpp"

#include <algorithm>
#include <utility>

namespace heddle::worker::native {

namespace {

std::shared_ptr<native_shop> make_shop(runtime& rt, native_options options) {
  auto result = std::make_shared<native_shop>();
  result->way = std::make_shared<link>(rt);
  result->threads = std::make_shared<pool>(options.threads);
  result->options = std::move(options);
  result->chance = graph::system_randomness();
  result->hello_versions = R"({"c++":")" + std::to_string(__cplusplus) + "\"}";
  // Not by the shop: the pool is part of it.
  result->threads->when_back([log = result->options.log] {
    log(log_level::warning, "a node of a C++ graph has stopped after all", {});
  });
  return result;
}

} // namespace

native_launcher::native_launcher(runtime& rt, native_options options)
  : rt_(rt), shop_(make_shop(rt, std::move(options))) {
  // nop
}

native_launcher::~native_launcher() {
  for (const auto& weak : all_)
    if (auto at = weak.lock())
      at->kill();
  auto left = shop_->threads->stop(shop_->options.stop_grace);
  if (left > 0)
    shop_->options.log(log_level::error,
                       "nodes of C++ graphs do not stop and are left behind",
                       {{"threads", left}});
  shop_->way->cut();
}

std::shared_ptr<channel> native_launcher::launch(report_sink sink) {
  std::lock_guard guard{mutex_};
  auto made = std::make_shared<native_channel>(
    shop_, next_shard_++ % rt_.shards(), std::move(sink));
  std::erase_if(all_, [](const auto& weak) { return weak.expired(); });
  all_.push_back(made);
  made->open();
  return made;
}

std::size_t native_launcher::stuck() const {
  return shop_->threads->stuck();
}

} // namespace heddle::worker::native
