#include "bench/load_generator/graphs.hpp"

#include "bench/load_generator/json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace heddle::load {

namespace {

struct known {
  std::string_view role;
  std::string_view name;
  std::string_view input;
  std::string_view expects;
  token_style style = token_style::words;
};

// The first that a server has is taken: those of bench/graphs and tests/graphs,
// then those of examples/.
constexpr std::array graphs_known{
  known{"trivial", "noop", "{}", "\"noop\""},
  known{"trivial", "chat", R"({"messages":[{"role":"user","content":"2*3"}]})",
        "answer is: 6"},
  known{"slow", "slow", R"({"secs":60})", {}},
  known{"slow", "report", R"({"topic":"looms","chapters":1000})", {}},
  known{"tokens",
        "tokens",
        R"({"count":{n},"text":"word"})",
        {},
        token_style::numbered},
  known{"tokens",
        "chat",
        R"({"messages":[{"role":"user","content":"go on"}]})",
        {}},
};

graph as_graph(const known& of) {
  return {std::string{of.name}, std::string{of.input}, std::string{of.expects},
          of.style};
}

/// `NAME` or `NAME:INPUT`.
graph as_asked(const std::string& role, const std::string& text) {
  auto colon = text.find(':');
  auto name = text.substr(0, colon);
  graph result;
  for (const auto& each : graphs_known)
    if (each.role == role && each.name == name)
      result = as_graph(each);
  result.name = name;
  if (colon != text.npos) {
    result.input = text.substr(colon + 1);
    result.expects.clear();
  }
  if (result.input.empty())
    result.input = "{}";
  return result;
}

std::optional<graph> choose(const std::string& role, const settings& how,
                            const std::vector<std::string>& has) {
  if (auto asked = how.graphs.find(role); asked != how.graphs.end())
    return as_asked(role, asked->second);
  for (const auto& each : graphs_known)
    if (each.role == role && std::ranges::count(has, each.name) > 0)
      return as_graph(each);
  return std::nullopt;
}

} // namespace

task<graphs> find_graphs(connection& to, const settings& how) {
  std::vector<std::string> has;
  co_await to.ask("POST", "/assistants/search", R"({"limit":1000})");
  auto found = parse(to.got().body);
  if (to.got().status == 200 && found.is_array())
    for (const auto& each : found)
      if (each.is_object())
        has.push_back(each.value("graph_id", ""));
  co_return graphs{choose("trivial", how, has), choose("slow", how, has),
                   choose("tokens", how, has)};
}

std::string run_body(const graph& what, const settings& how,
                     std::string_view more) {
  auto input = what.input;
  if (auto at = input.find("{n}"); at != input.npos)
    input.replace(at, 3, std::to_string(how.tokens));
  std::string result = R"({"assistant_id":")";
  result.append(what.name).append(R"(","input":)").append(input);
  return result.append(more).append("}");
}

std::string_view stream_mode(token_style style) {
  return style == token_style::numbered
           ? R"(,"stream_mode":"custom")"
           : R"(,"stream_mode":["messages-tuple","values"])";
}

void token_check::take(const event& what) {
  if (what.name == "metadata" && run_.empty())
    run_ = field(what.data, "run_id");
  else if (what.name == "error")
    wrong_ = "a stream ended with " + std::string{what.data.substr(0, 120)};
  else if (what.name == "custom" && style_ == token_style::numbered)
    take_number(what.data);
  else if (what.name == "messages")
    take_words(what.data);
  else if (what.name == "values" && style_ == token_style::words)
    take_values(what.data);
}

void token_check::take_number(std::string_view data) {
  constexpr std::string_view key = "\"token\":";
  std::size_t number = expected_;
  if (auto at = data.find(key); at != data.npos) {
    auto from = data.data() + at + key.size();
    from += *from == ' ' ? 1 : 0;
    std::from_chars(from, data.data() + data.size(), number);
  }
  if (number > count_ && wrong_.empty())
    wrong_ = "a stream lost an event";
  if (number < count_ && wrong_.empty())
    wrong_ = "a stream doubled an event";
  ++count_;
}

void token_check::take_words(std::string_view data) {
  auto pair = parse(data);
  if (!pair.is_array() || pair.empty() || !pair[0].is_object())
    wrong_ = "a stream had an event that is no message";
  else if (pair[0].value("type", "") == "AIMessageChunk") {
    auto id = pair[0].value("id", "");
    if (id != said_id_)
      said_.clear();
    said_id_ = id;
    if (pair[0]["content"].is_string())
      said_ += pair[0]["content"].get<std::string>();
    ++count_;
  }
}

void token_check::take_values(std::string_view data) {
  auto state = parse(data);
  if (state.is_object() && state["messages"].is_array()
      && !state["messages"].empty()) {
    const auto& last = state["messages"].back();
    if (last.value("type", "") == "ai" && last["content"].is_string())
      last_ = last["content"].get<std::string>();
  }
}

void token_check::finish() const {
  if (!wrong_.empty())
    throw wrong{wrong_};
  if (run_.empty())
    throw wrong{"a stream had no metadata"};
  if (style_ == token_style::numbered && count_ != expected_)
    throw wrong{"a stream lost its end"};
  if (style_ == token_style::words && (count_ == 0 || said_ != last_))
    throw wrong{"the words of a stream are not those of its last state"};
}

} // namespace heddle::load
