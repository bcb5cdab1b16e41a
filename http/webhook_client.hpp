#pragma once

#include "heddle/options.hpp"
#include "heddle/webhook.hpp"

#include <memory>

namespace heddle::http {

/// Sends webhooks with libcurl, on an OS thread of its own. Neither redirects
/// nor proxies are followed; an address that the policy does not allow is never
/// connected to, whatever name stands for it. 5 s to connect, 30 s in all; what
/// the receiver answers is read up to 64 KiB and dropped.
class webhook_client final : public webhook_sender {
public:
  /// Waiting and on the way; over it a send answers `errc::unavailable`.
  static constexpr std::size_t queued_max = 1000;

  explicit webhook_client(const options& rules);

  /// What is on the way is cut off; its callers hear `errc::unavailable`.
  ~webhook_client() override;

  void send(std::string url, json_text body,
            std::function<void(result<int>)> done) override;

private:
  class engine;
  std::unique_ptr<engine> engine_;
};

} // namespace heddle::http
