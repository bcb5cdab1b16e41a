#pragma once

#include "graph/messages.hpp"
#include "heddle/json.hpp"
#include "worker/worker.hpp"

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::graph {

/// A run's stream of messages: `messages` events of pieces and their metadata,
/// or, in the older form, `messages/metadata`, then the message as far as it
/// has come in `messages/partial`, or whole in `messages/complete`. Any thread.
class message_stream {
public:
  explicit message_stream(bool tuple) : tuple_(tuple) {}

  /// A piece of a message, or a whole one: valid JSON, an object with an `id`.
  std::vector<worker::event> piece(std::string_view json,
                                   std::string_view metadata);

  /// A whole message of a node's result; nothing if it has been seen.
  std::vector<worker::event> whole(const message& what,
                                   std::string_view metadata);

  /// These need not be told: a node has read them.
  void known(std::string_view list);

private:
  struct gathered {
    json_text shell; ///< The first piece.
    std::string content;
  };

  std::vector<worker::event> told(const std::string& id,
                                  std::string_view metadata, bool partial,
                                  std::string json);

  bool tuple_;
  std::mutex mutex_;
  std::set<std::string> seen_;
  std::set<std::string> told_;
  std::map<std::string, gathered> gathered_;
};

/// A piece of text from a model, as LangChain's `AIMessageChunk` is printed.
std::string token_json(std::string_view id, std::string_view text);

} // namespace heddle::graph
