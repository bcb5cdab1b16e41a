#pragma once

#include "bench/load_generator/connection.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace heddle::load {

/// How the tokens of a graph can be told apart.
enum class token_style {
  numbered, ///< `custom` events with `"token": 0, 1, 2, …`.
  words,    ///< `messages` events that add up to the last message of `values`.
};

/// A graph of the server, and how it is used.
struct graph {
  std::string name;
  std::string input;   ///< JSON; `{n}` is the number of tokens.
  std::string expects; ///< In its result, if that is known.
  token_style style = token_style::words;
};

/// What the server has for each role. See bench/graphs for ones that serve
/// every role on any server.
struct graphs {
  std::optional<graph> trivial; ///< Ends at once.
  std::optional<graph> slow;    ///< Executes until it is cancelled.
  std::optional<graph> tokens;  ///< Streams.
};

/// Asks the server what it has, and takes what is known or asked for.
task<graphs> find_graphs(connection& to, const settings& how);

/// The body of a request for a run. `more`: further members, each with a comma
/// in front.
std::string run_body(const graph& what, const settings& how,
                     std::string_view more = {});

/// `"stream_mode":…` for the tokens of a graph, with a comma in front.
std::string_view stream_mode(token_style style);

/// Follows the events of one run, and says what was wrong with them.
class token_check {
public:
  token_check(token_style style, std::size_t expected)
    : style_(style), expected_(expected) {}

  void take(const event& what);

  std::size_t count() const noexcept { return count_; }
  const std::string& run() const noexcept { return run_; }

  /// After the end. Throws `wrong` if an event was lost, doubled or an error.
  void finish() const;

private:
  void take_number(std::string_view data);
  void take_words(std::string_view data);
  void take_values(std::string_view data);

  token_style style_;
  std::size_t expected_;
  std::size_t count_ = 0;
  std::string run_; ///< As `metadata` said.
  std::string wrong_;
  std::string said_id_;
  std::string said_;
  std::string last_;
};

} // namespace heddle::load
