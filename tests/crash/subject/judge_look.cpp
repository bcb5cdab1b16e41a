#include "tests/crash/subject/judge.hpp"

#include "heddle/render.hpp"

#include <algorithm>

// What is there after a recovery, held against the ledger.

namespace heddle::crash {

using nlohmann::json;

namespace {

std::optional<thread_record> get_thread(server& api, const thread_id& id) {
  auto got = await<thread_record>(
    "get_thread", [&](auto done) { api.get_thread(id, std::move(done)); });
  return got.has_value() ? std::optional{*got} : std::nullopt;
}

std::vector<run_record> list(server& api, const thread_id& thread) {
  auto got = await<std::vector<run_record>>("list_runs", [&](auto done) {
    api.list_runs({thread, {}, 1000, 0}, std::move(done));
  });
  return got.has_value() ? *got : std::vector<run_record>{};
}

bool is_live(const std::string& status) {
  return status == "pending" || status == "running";
}

} // namespace

void judge::look(server& api, database& rows) {
  look_at_threads(api);
  for (auto& [id, run] : runs_)
    look_at_run(api, run);
  look_at_bulks();
  look_at_unknown(api);
  look_at_pictures(api, rows);
  look_at_checkpoints(rows);
  look_at_hooks(rows);
  for (const auto& id : assistants_)
    require(await<assistant_record>(
              "get_assistant",
              [&](auto done) {
                api.get_assistant(*assistant_id::parse(id), std::move(done));
              })
              .has_value(),
            "an acknowledged assistant is lost: " + id);
}

void judge::look_at_threads(server& api) {
  for (const auto& id : threads_) {
    auto found = get_thread(api, id);
    if (threads_deleted_.contains(id))
      require(!found, "a deleted thread is there: " + id.str());
    else if (!threads_delete_tried_.contains(id))
      require(found.has_value(), "an acknowledged thread is lost: " + id.str());
    if (!found)
      continue;
    auto metadata = json::parse(found->metadata.or_else("{}"));
    for (const auto& key : patches_[id])
      require(metadata.contains(key), "a change of metadata is lost: " + key);
    auto runs = list(api, id);
    bool live = std::ranges::any_of(
      runs, [](const auto& run) { return !is_terminal(run.status); });
    require((found->status == thread_status::busy) == live,
            "the status of a thread is not that of its runs: " + id.str());
  }
}

void judge::look_at_run(server& api, known_run& run) {
  auto got = await<run_record>("get_run", [&](auto done) {
    api.get_run(run.thread, run.id, std::move(done));
  });
  if (got.has_error())
    return look_at_absent(run);
  auto status = std::string{to_string(got->status)};
  now_[run.id] = status;
  look_at_status(run, status);
}

void judge::look_at_absent(const known_run& run) {
  bool may_be_gone = run.deleted || run.delete_tried || run.tried == 2
                     || (run.stateless && (run.may_finish || run.tried > 0));
  require(may_be_gone, "an acknowledged run is lost: " + run.id.str());
  require(run.seen.empty() || run.deleted || run.delete_tried,
          "a run that was over is lost: " + run.id.str());
}

void judge::look_at_status(const known_run& run, const std::string& status) {
  auto text = run.id.str() + " is " + status;
  require(status != "running", "running after a recovery: " + text);
  require(!run.deleted, "a deleted run is there: " + text);
  if (!run.seen.empty())
    require(status == run.seen,
            "a run that was over has changed: " + text + ", was " + run.seen);
  require(run.hit != 2, "an accepted rollback does not hold: " + text);
  if (run.hit == 1)
    require(status == "interrupted",
            "an accepted interrupt does not hold: " + text);
  require(!(run.hit > 0 && run.stateless),
          "a cancelled stateless run is there: " + text);
  if (run.tried == 0)
    require(status != "interrupted", "nobody has cancelled it: " + text);
  if (!run.may_finish)
    require(status != "success" && status != "error",
            "it cannot have ended by itself: " + text);
  if (!run.fail)
    require(status != "error", "nothing was wrong with it: " + text);
}

/// Either all runs of a cancel that was not answered carry it, or none does.
/// With a create that cancels, the new run is one of them.
void judge::look_at_bulks() {
  for (const auto& bulk : open_) {
    std::size_t all = 0;
    std::size_t carry = 0;
    for (const auto& id : bulk.runs) {
      const auto* run = find(id.str());
      if (!run || run->delete_tried || run->may_finish || run->hit > 0)
        continue;
      ++all;
      auto status = now(id);
      carry += status.empty() || status == "interrupted" ? 1 : 0;
    }
    require(carry == 0 || carry == all, "a cancel of " + std::to_string(all)
                                          + " runs holds for "
                                          + std::to_string(carry));
  }
}

/// A run that nobody was told of is there only if somebody asked for it.
void judge::look_at_unknown(server& api) {
  for (const auto& thread : threads_) {
    std::size_t unknown = 0;
    for (const auto& run : list(api, thread))
      unknown += runs_.contains(run.id) ? 0 : 1;
    std::size_t asked = 0;
    bool cancels = false;
    bool carried = true;
    for (const auto& bulk : open_) {
      if (bulk.by != thread)
        continue;
      ++asked;
      for (const auto& id : bulk.runs) {
        const auto* run = find(id.str());
        if (!run || run->may_finish)
          continue;
        cancels = true;
        auto status = now(id);
        carried &= status.empty() || status == "interrupted";
      }
    }
    require(unknown <= asked,
            "runs that nobody asked for: " + std::to_string(unknown));
    if (cancels)
      require((unknown > 0) == carried,
              "a new run and the end of those before it have come apart");
  }
}

/// If the runs are those of the picture, so is all else.
void judge::look_at_pictures(server& api, database& rows) {
  for (const auto& [thread, then] : pictures_) {
    if (threads_delete_tried_.contains(thread))
      continue;
    // Else a graph may have to be asked for its state, and there is none.
    if (list_runs(api, thread) != then.runs)
      continue;
    auto seen = take_picture(api, rows, thread);
    require(seen.text == then.text, "the thread is not as it was before:\n"
                                      + then.text + "--- but\n" + seen.text);
  }
}

/// What was acknowledged to a graph is there, unless its run is not.
void judge::look_at_checkpoints(database& rows) {
  auto all = rows.dump_table("checkpoint");
  auto items = rows.dump_table("item");
  for (const auto& [id, run] : runs_) {
    if (now(id).empty())
      continue;
    for (const auto& checkpoint : run.checkpoints)
      require(all.find('|' + checkpoint + '|') != all.npos,
              "an acknowledged checkpoint is lost: " + checkpoint);
  }
  for (const auto& [thread, checkpoint] : updates_)
    if (!threads_delete_tried_.contains(thread))
      require(all.find('|' + checkpoint + '|') != all.npos,
              "an acknowledged state update is lost: " + checkpoint);
  for (const auto& key : items_)
    require(items.find(key) != items.npos,
            "an acknowledged item is lost: " + key);
}

/// Never before the end is committed; at least once after it.
void judge::look_at_hooks(database& rows) {
  auto waiting = rows.dump_table("outbox");
  for (const auto& [id, run] : runs_) {
    auto status = now(id);
    for (const auto& told : run.hooks) {
      if (told == "rollback")
        require(status.empty(), "told of a rollback that did not happen: "
                                  + id.str() + " is " + status);
      else
        require(status == told || run.delete_tried,
                "told of an end that did not happen: " + id.str() + " was "
                  + told + " and is " + status);
    }
    if (run.webhook && run.started && !status.empty() && !is_live(status))
      require(!run.hooks.empty() || waiting.find(id.str()) != waiting.npos,
              "a webhook is lost: " + id.str());
  }
}

namespace {

/// Collects a stream until its end.
class replay final : public run_reader {
public:
  void push(std::span<const event_ptr> events) override {
    for (const auto& one : events)
      if (!one->id.empty())
        got.push_back(one);
  }
  void end(stream_end) override { over_.set_value(); }
  bool wait() {
    return over_.get_future().wait_for(patience) == std::future_status::ready;
  }

  std::vector<event_ptr> got;

private:
  std::promise<void> over_;
};

} // namespace

void judge::look_at_events(server& api) {
  for (const auto& [id, shown] : events_) {
    if (now(id).empty())
      continue;
    auto reader = std::make_shared<replay>();
    follow_options how;
    how.last_event_id = "-1";
    await<follower>("follow_run", [&](auto done) {
      api.follow_run(runs_.at(id).thread, id, reader, how, std::move(done));
    });
    if (runs_.at(id).deferred)
      continue;
    require(reader->wait(), "a stream does not end: " + id.str());
    for (std::size_t i = 0; i < shown.size(); ++i) {
      bool same = i < reader->got.size()
                  && reader->got[i]->id == text_of(shown[i], "id")
                  && reader->got[i]->name == text_of(shown[i], "name")
                  && reader->got[i]->data.str() == text_of(shown[i], "data");
      require(same,
              "an event that was shown cannot be replayed: " + shown[i].dump());
    }
  }
}

void judge::look_again(server& api, database& rows,
                       const std::vector<json>& since) {
  for (const auto& line : since) {
    if (text_of(line, "t") != "start")
      continue;
    if (auto* run = find(text_of(line, "run")))
      require(run->hit == 0 && !run->deleted,
              "a cancelled run was started: " + run->id.str());
  }
  look_at_events(api);
  for (const auto& [id, run] : runs_) {
    if (!is_live(now(id)) || run.deferred)
      continue;
    auto got = await<run_record>("get_run", [&](auto done) {
      api.get_run(run.thread, id, std::move(done));
    });
    require(got.has_error() ? run.stateless : is_terminal(got->status),
            "a run that was put back did not end: " + id.str());
  }
  require(rows.count("SELECT count(*) FROM run WHERE status=1") == 0,
          "something still runs");
}

std::string judge::text_of(const json& line, const char* name) {
  return line.at(name).get<std::string>();
}

} // namespace heddle::crash
