#pragma once

#include "heddle/error.hpp"
#include "heddle/json.hpp"

#include <functional>
#include <string>

namespace heddle::inline v0 {

/// Sends webhooks. A port: the server decides what, when and how often; the
/// sender knows sockets. Any thread; returns at once.
class webhook_sender {
public:
  virtual ~webhook_sender() = default;

  /// POSTs `body` (JSON) to `url`, following the URL policy again for every
  /// address that the name resolves to. `done` gets the HTTP status, or why
  /// there was none; once, on any thread, within 45 s.
  virtual void send(std::string url, json_text body,
                    std::function<void(result<int>)> done)
    = 0;
};

} // namespace heddle::inline v0
