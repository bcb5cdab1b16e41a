#include "actors/run_io.hpp"

#include "actors/item_ops.hpp"

#include <algorithm>
#include <utility>

namespace heddle::actors {

namespace {

typed_bytes to_row(const worker::blob& data) {
  return {data.type, data.bytes};
}

worker::blob to_wire(const typed_bytes& data) {
  return {data.type, data.bytes};
}

new_checkpoint to_row(const worker::put& what, timestamp now) {
  new_checkpoint result{
    what.ns,       what.id, what.parent,   to_row(what.head),
    what.metadata, {},      what.versions, now};
  for (const auto& value : what.values)
    result.values.push_back(
      {value.channel, value.version, to_row(value.data), value.json});
  return result;
}

new_writes to_row(const worker::writes& what) {
  new_writes result{what.ns, what.id, {}};
  for (const auto& item : what.items)
    result.items.push_back({what.task, what.path, item.idx, item.channel,
                            to_row(item.data), item.json});
  return result;
}

worker::tuple to_wire(const checkpoint_row& row) {
  worker::tuple result;
  result.ns = row.ns;
  result.id = row.id;
  result.parent = row.parent;
  result.head = to_wire(row.head);
  result.metadata = row.metadata;
  for (const auto& value : row.values)
    result.values.push_back(
      {value.channel, value.version, to_wire(value.data)});
  for (const auto& item : row.writes)
    result.writes.push_back(
      {item.task, item.path, item.idx, item.channel, to_wire(item.data)});
  result.viewed = row.view.has_value();
  return result;
}

} // namespace

run_io::run_io(environment& env, identity who, slot_ptr place, poster post)
  : env_(env), who_(std::move(who)), place_(std::move(place)),
    post_(std::move(post)) {
  // nop
}

void run_io::weight::add(const worker::blob& data, const json_text& json) {
  auto bytes = std::max(data.bytes.view().size(), json.view().size());
  all += data.bytes.view().size() + json.view().size();
  heaviest = std::max(heaviest, bytes);
}

run_io::weight run_io::weigh(const worker::put& what) {
  weight result{what.head.bytes.view().size() + what.metadata.view().size(), 0};
  for (const auto& value : what.values)
    result.add(value.data, value.json);
  return result;
}

run_io::weight run_io::weigh(const worker::writes& what) {
  weight result;
  for (const auto& item : what.items)
    result.add(item.data, item.json);
  return result;
}

void run_io::end() {
  if (--writes_ == 0 && settled_)
    settled_();
}

/// Writes with `op`, and acknowledges to the worker: at once if durability lets
/// it run ahead, else after the commit.
template <class Op>
void run_io::keep(std::uint32_t seq, weight load, Op op) {
  if (load.heaviest > value_bytes_max || load.all > 2 * checkpoint_bytes_max)
    return place_->channel->refuse(
      place_->no, seq, worker::refusal::too_large,
      "A value is larger than 16 MiB, or a checkpoint than 32 MiB.");
  auto bytes = load.all;
  bool ahead = who_.durability != durability::sync
               && ahead_bytes_ + bytes <= ahead_bytes_max;
  if (ahead)
    place_->channel->done(place_->no, seq);
  begin();
  ahead_bytes_ += bytes;
  write(env_.rows, lane::normal, std::move(op),
        [this, post = post_, seq, bytes, ahead](result<fence> taken) {
          post([this, seq, bytes, ahead, taken = std::move(taken)] {
            ahead_bytes_ -= bytes;
            acknowledge(seq, taken, ahead);
            end();
          });
        });
}

/// What was acknowledged ahead of its commit gets no second answer: a worker
/// whose writes are refused is being stopped already.
void run_io::acknowledge(std::uint32_t seq, result<fence> taken, bool told) {
  if (taken.has_value() && *taken != fence::taken)
    ++env_.counters.fenced;
  if (told)
    return;
  auto& way = *place_->channel;
  if (taken.has_error())
    return way.refuse(place_->no, seq, worker::refusal::store,
                      taken.error().detail);
  switch (*taken) {
    case fence::taken: return way.done(place_->no, seq);
    case fence::stopping:
      return way.refuse(place_->no, seq, worker::refusal::stopping,
                        "The run is being rolled back.");
    case fence::fenced:
      return way.refuse(place_->no, seq, worker::refusal::fenced,
                        "The run is not this worker's any more.");
  }
}

void run_io::on(const worker::put& what) {
  keep(what.seq, weigh(what),
       [who = who_, row = to_row(what, env_.clock.now())](write_tx& tx) {
         return tx.put_checkpoint(who.run, who.thread, row);
       });
}

void run_io::on(const worker::writes& what) {
  keep(what.seq, weigh(what), [who = who_, row = to_row(what)](write_tx& tx) {
    return tx.put_writes(who.run, who.thread, row);
  });
}

checkpoint_view to_row(const worker::view& what) {
  return {what.ns, what.id, what.shape, what.values, what.next, what.tasks};
}

void run_io::on(const worker::view& what) {
  begin();
  write(
    env_.rows, lane::normal,
    [who = who_, row = to_row(what)](write_tx& tx) {
      return tx.put_view(who.run, who.thread, row);
    },
    [this, post = post_](const result<fence>&) { post([this] { end(); }); });
}

void run_io::on(const worker::latest_state& what) {
  begin();
  live_state_row row{what.values, what.next, what.tasks, what.interrupts};
  write(
    env_.rows, lane::normal,
    [who = who_, row = std::move(row)](write_tx& tx) {
      return tx.put_live_state(who.run, who.thread, row);
    },
    [this, post = post_](const result<fence>&) { post([this] { end(); }); });
}

/// Reads on the pool, or behind the writes that are still queued, so that a
/// graph sees what it has put.
template <class Query, class Done>
void run_io::look_up(Query query, Done done) {
  if (settled())
    return read(env_.rows, std::move(query), std::move(done));
  write(env_.rows, lane::normal, std::move(query), std::move(done));
}

void run_io::on(const worker::get& what) {
  look_up([thread = who_.thread, ns = what.ns,
           id = what.id](read_tx& tx) { return tx.checkpoint(thread, ns, id); },
          [place = place_,
           req = what.req](result<std::optional<checkpoint_row>> found) {
            std::optional<worker::tuple> answer;
            if (found.has_value() && *found)
              answer = to_wire(**found);
            place->channel->answer_get(place->no, req, std::move(answer));
          });
}

void run_io::on(const worker::list& what) {
  constexpr std::uint32_t page_max = 1000;
  checkpoint_query query{who_.thread, what.ns, what.before, what.filter,
                         std::min(what.limit.value_or(page_max), page_max)};
  look_up([query](read_tx& tx) { return tx.checkpoints(query); },
          [place = place_,
           req = what.req](result<std::vector<checkpoint_row>> found) {
            std::vector<worker::tuple> answer;
            if (found.has_value())
              for (const auto& row : *found)
                answer.push_back(to_wire(row));
            place->channel->answer_list(place->no, req, std::move(answer));
          });
}

void run_io::on(const worker::store_ops& what) {
  auto done = [place = place_, req = what.req](result<json_text> results) {
    place->channel->answer_store(place->no, req,
                                 results.has_value() ? std::move(*results)
                                                     : json_text{"[]"});
  };
  if (item_ops_write(what.ops))
    return write(
      env_.rows, lane::normal,
      [ops = what.ops, now = env_.clock.now()](write_tx& tx) {
        return run_item_ops(tx, ops, now);
      },
      std::move(done));
  read(
    env_.rows, [ops = what.ops](read_tx& tx) { return read_item_ops(tx, ops); },
    std::move(done));
}

} // namespace heddle::actors
