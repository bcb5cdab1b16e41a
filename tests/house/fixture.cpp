#include "tests/house/fixture.hpp"

#include "store/sqlite_db.hpp"

#include <exception>
#include <stdexcept>

namespace heddle::test {

fixture::fixture(options what) : world(what) {
  boot();
}

fixture::~fixture() {
  if (std::uncaught_exceptions() > 0)
    return;
  CHECK(complaints.empty());
  for (const auto& line : complaints)
    UNSCOPED_INFO(line);
}

// -- clients ------------------------------------------------------------------

thread_id fixture::make_thread() {
  slot<thread_record> made;
  api().create_thread({}, made.fill());
  settle();
  return made.value().id;
}

slot<server::created_run> fixture::ask_run(const thread_id& thread, wish how,
                                           std::shared_ptr<run_reader> reader,
                                           follow_options follow) {
  run_create what;
  what.assistant = how.assistant;
  what.input = json_text{R"({"n":1})"};
  what.multitask = how.multitask;
  what.after = how.after;
  what.durability = how.durability;
  what.resumable = how.resumable;
  what.webhook = how.webhook;
  what.cancel_on_disconnect = how.cancel_on_disconnect;
  slot<server::created_run> made;
  api().create_run(how.stateless ? std::nullopt : std::optional{thread}, what,
                   std::move(reader), std::move(follow), made.fill());
  return made;
}

run_id fixture::create(const thread_id& thread, wish how,
                       std::shared_ptr<run_reader> reader,
                       follow_options follow) {
  auto made
    = ask_run(thread, std::move(how), std::move(reader), std::move(follow));
  settle();
  if (!made.ok())
    throw std::logic_error{"not created: " + made.text()};
  return made.value().run.id;
}

slot<cancel_receipt> fixture::cancel(const thread_id& thread,
                                     std::vector<run_id> runs,
                                     cancel_action action, answer_after after) {
  slot<cancel_receipt> got;
  api().cancel(
    {cancel_by_ids{thread, std::move(runs)}, action, after, {}, true, false},
    got.fill());
  return got;
}

slot<cancel_receipt> fixture::cancel_status(cancel_by_status which,
                                            cancel_action action,
                                            answer_after after) {
  slot<cancel_receipt> got;
  api().cancel({which,
                action,
                after,
                {cancel_cause::kind::bulk_route, false},
                true,
                false},
               got.fill());
  return got;
}

std::pair<std::shared_ptr<kept_reader>, slot<follower>>
fixture::follow(const thread_id& thread, const run_id& run,
                follow_options how) {
  auto reader = std::make_shared<kept_reader>();
  slot<follower> place;
  api().follow_run(thread, run, reader, std::move(how), place.fill());
  return {reader, place};
}

slot<void> fixture::erase(const thread_id& thread, const run_id& run) {
  slot<void> done;
  api().delete_run(thread, run, done.fill());
  return done;
}

slot<void> fixture::erase(const thread_id& thread) {
  slot<void> done;
  api().delete_thread(thread, done.fill());
  return done;
}

// -- what readers see ---------------------------------------------------------

namespace {

/// A look at the store beside everything that is queued.
template <class Query>
auto look(stepped_store& rows, Query query) {
  using value = decltype(query(std::declval<read_tx&>()));
  std::optional<value> found;
  read(rows, query, [&](result<value> got) { found.emplace(std::move(*got)); });
  rows.run_reads();
  return std::move(*found);
}

} // namespace

std::optional<run_record> fixture::record(const thread_id& thread,
                                          const run_id& run) {
  return look(rows, [&](read_tx& tx) { return tx.run(thread, run); });
}

std::optional<run_status> fixture::status(const thread_id& thread,
                                          const run_id& run) {
  auto found = record(thread, run);
  return found ? std::optional{found->status} : std::nullopt;
}

std::optional<thread_record> fixture::thread(const thread_id& id) {
  return look(rows, [&](read_tx& tx) { return tx.thread(id); });
}

std::optional<run_row> fixture::row(const run_id& run) {
  return look(rows, [&](read_tx& tx) { return tx.row(run); });
}

std::string fixture::state_of(const thread_id& id) {
  return look(rows, [&](read_tx& tx) {
    std::string result;
    auto thread = tx.thread(id);
    if (!thread)
      return std::string{"gone"};
    result += std::string{to_string(thread->status)} + '|'
              + format_time(thread->state_updated) + '|' + thread->values.str()
              + '|' + thread->interrupts.str() + '|' + thread->error.str()
              + '\n';
    checkpoint_query all{id, std::nullopt, std::nullopt, {}, 1000};
    for (const auto& row : tx.checkpoints(all)) {
      result += row.ns + '|' + row.id + '|' + row.parent + '|'
                + row.head.bytes.str() + '|' + row.metadata.str();
      for (const auto& value : row.values)
        result += '|' + value.channel + '=' + value.json.str();
      for (const auto& item : row.writes)
        result += '|' + item.task + ':' + item.json.str();
      result += '\n';
    }
    return result;
  });
}

// -- executors ----------------------------------------------------------------

namespace {

template <class Visit>
void each_start(world& in_all, const run_id& run, Visit visit) {
  for (auto* kind : {&in_all.workers(), &in_all.others()})
    for (auto& process : kind->all)
      for (auto& [no, in] : process->works())
        if (in.run && in.run->run == run)
          visit(*process, in);
}

} // namespace

executor* fixture::where(const run_id& run) {
  executor* result = nullptr;
  std::uint64_t epoch = 0;
  each_start(*this, run, [&](executor& process, work& in) {
    if (in.run->epoch >= epoch) {
      epoch = in.run->epoch;
      result = &process;
    }
  });
  return result;
}

work& fixture::work_of(const run_id& run) {
  work* result = nullptr;
  each_start(*this, run, [&](executor&, work& in) {
    if (!result || in.run->epoch >= result->run->epoch)
      result = &in;
  });
  if (!result)
    throw std::logic_error{"the run has not been started"};
  return *result;
}

int fixture::starts(const run_id& run) {
  int result = 0;
  each_start(*this, run, [&](executor&, work&) { ++result; });
  return result;
}

void fixture::event(const run_id& run, const std::string& json) {
  where(run)->event(work_of(run).no, "values", json);
}

void fixture::put(const run_id& run, const std::string& id,
                  const std::string& json, std::vector<std::string> next) {
  auto no = work_of(run).no;
  where(run)->put(no, id, json);
  where(run)->view(no, id, std::move(next));
}

void fixture::finish(const run_id& run, worker::end_outcome how) {
  where(run)->finish(work_of(run).no, how);
}

follow_options waiting() {
  follow_options how;
  how.wait = true;
  return how;
}

follow_options since(std::string id) {
  follow_options how;
  how.last_event_id = std::move(id);
  return how;
}

follow_options only(std::string mode) {
  follow_options how;
  how.modes = {std::move(mode)};
  return how;
}

std::vector<cancel_receipt::outcome> outcomes(const slot<cancel_receipt>& got) {
  std::vector<cancel_receipt::outcome> result;
  for (const auto& one : got.value().runs)
    result.push_back(one.what);
  return result;
}

} // namespace heddle::test
