// The half of the channel that other threads call: each call becomes a frame in
// the outbox, and the shard sends them.

#include "worker/process/process_channel.hpp"
#include "worker/wire/encode.hpp"

#include <utility>

namespace heddle::worker {

void process_channel::send(std::string frame) {
  std::vector<std::string> frames;
  frames.push_back(std::move(frame));
  send_all(std::move(frames));
}

void process_channel::send_all(std::vector<std::string> frames) {
  switch (outbox_.add(std::move(frames))) {
    case outbox::added::first: return on_shard(&process_channel::flush);
    case outbox::added::full: return on_shard(&process_channel::not_read);
    case outbox::added::more: return;
    case outbox::added::closed: return;
  }
}

void process_channel::flush() {
  if (!input_open_)
    return;
  // An error shows when reading: the socket is closed.
  if (outbox_.send(socket_.native_handle()) != outbox::sent::later)
    return;
  socket_.async_wait(
    descriptor::wait_write,
    [self = shared_from_this()](const boost::system::error_code& failed) {
      if (!failed)
        self->flush();
    });
}

void process_channel::start(run_no run, worker::start what) {
  send(wire::encode(run, what));
}

void process_channel::cancel(run_no run, worker::cancel what) {
  send(wire::encode(run, what));
}

void process_channel::drain(run_no run) {
  send(wire::encode_drain(run));
}

void process_channel::raise(run_no run) {
  send(wire::encode_raise(run));
}

void process_channel::credit(run_no run, std::size_t bytes) {
  send(wire::encode_credit(run, bytes));
}

void process_channel::done(run_no run, std::uint32_t seq) {
  send(wire::encode_done(run, seq));
}

void process_channel::refuse(run_no run, std::uint32_t seq, refusal why,
                             std::string text) {
  send(wire::encode_refused(run, seq, why, text));
}

void process_channel::answer_get(run_no run, std::uint32_t req,
                                 std::optional<tuple> found) {
  send(wire::encode_tuple(run, req, found));
}

void process_channel::answer_list(run_no run, std::uint32_t req,
                                  std::vector<tuple> found) {
  send_all(wire::encode_tuples(run, req, found));
}

void process_channel::answer_store(run_no run, std::uint32_t req,
                                   json_text results) {
  send(wire::encode_stored(run, req, results));
}

void process_channel::ask(run_no run, worker::ask what) {
  send(wire::encode(run, what));
}

void process_channel::ping(std::uint64_t n) {
  send(wire::encode_ping(n));
}

void process_channel::exit(std::chrono::milliseconds deadline) {
  send(wire::encode_exit(deadline));
}

void process_channel::kill() {
  // By way of the shard, so that it comes after the order to start.
  if (!killed_.exchange(true))
    on_shard(&process_channel::was_killed);
}

} // namespace heddle::worker
