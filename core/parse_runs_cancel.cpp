#include "core/enum_words.hpp"
#include "core/object_reader.hpp"
#include "heddle/requests.hpp"

#include <unordered_set>

namespace heddle::inline v0 {

namespace {

using namespace core;

/// The body as its schema sees it: texts, not ids yet.
struct raw_selector {
  std::optional<std::size_t> status; ///< Position in the words.
  std::optional<std::string> thread;
  bool names_runs = false;
  std::vector<std::string> runs;
};

raw_selector read(object_reader& from) {
  raw_selector what;
  what.status = from.choice("status", cancel_status_words);
  what.thread = from.string("thread_id");
  what.names_runs = from.has("run_ids");
  what.runs = from.strings("run_ids");
  return what;
}

cancel_by_status by_word(std::size_t word) {
  return {.pending = word != 1, .running = word != 0};
}

result<cancel_selector> by_ids(const raw_selector& what) {
  cancel_by_ids ids;
  auto thread = thread_id::parse(*what.thread);
  if (!thread)
    return error{errc::invalid_argument, "Invalid thread ID: must be a UUID"};
  ids.thread = *thread;
  std::unordered_set<run_id> seen;
  for (const auto& text : what.runs) {
    auto run = run_id::parse(text);
    if (!run)
      return error{errc::invalid_argument, "Invalid run ID: must be a UUID"};
    if (seen.insert(*run).second)
      ids.runs.push_back(*run);
  }
  return cancel_selector{std::move(ids)};
}

} // namespace

result<cancel_selector> parse_runs_cancel(const body_text& body) {
  auto opened = open_body(body);
  if (!opened)
    return opened.error();
  object_reader from{*opened};
  auto what = read(from);
  bool names_both = what.thread && what.names_runs;
  if (!from.problem() && !what.status && !names_both)
    from.fail(matches_none("oneOf", {}, opened->root));
  if (!from.problem() && what.status && names_both)
    from.fail(matches_many({}, opened->root));
  if (from.problem())
    return *from.problem();
  if (!what.status)
    return by_ids(what);
  if (!what.thread.value_or("").empty() || !what.runs.empty())
    return error{errc::invalid_argument,
                 "When providing a 'status', 'thread_id' and 'run_ids' must be "
                 "omitted. The 'status' parameter cancels all runs with the "
                 "given status, regardless of thread or run ID."};
  return cancel_selector{by_word(*what.status)};
}

} // namespace heddle::inline v0
