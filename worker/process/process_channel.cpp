#include "worker/process/process_channel.hpp"

#include "worker/process/environment.hpp"
#include "worker/wire/decode.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

// How a process ends here: whatever starts it (our kill, a broken protocol, its
// own exit), the launcher says `ended` when the process and its group are dead.
// All it ever sent is then in the socket's buffer, so it is read until there is
// nothing more, reported, and followed by `gone`. A descendant that escaped
// from the group and holds the socket cannot delay that.

namespace heddle::worker {

namespace {

using namespace std::chrono_literals;

/// Reads in one turn of the loop: others live on this shard as well.
constexpr int reads_per_turn_max = 16;

/// For the last reading: more than a socket's buffer can hold.
constexpr int last_reads_max = 4096;

constexpr std::size_t output_bytes = 16 * 1024;

/// How long a process that has closed its socket may take to leave.
constexpr auto leaving_patience = 2s;

std::string last_error(const char* what) {
  return std::string{"could not be started: "} + what + ": "
         + std::strerror(errno);
}

} // namespace

process_channel::process_channel(runtime& rt, std::size_t shard,
                                 std::shared_ptr<const process_options> options,
                                 std::weak_ptr<launcher_link> link,
                                 report_sink sink)
  : rt_(rt), shard_(shard), options_(std::move(options)),
    link_(std::move(link)), sink_(std::move(sink)), socket_(rt.io(shard)),
    output_(rt.io(shard)), reader_(options_->limits.frame_bytes_max),
    lines_([this](std::string line) {
      options_->log(log_level::info, "worker output",
                    {{"pid", pid_}, {"line", std::move(line)}});
    }) {
  // nop
}

void process_channel::open() {
  if (auto link = link_.lock())
    token_ = link->next_token();
  on_shard(&process_channel::begin);
}

void process_channel::on_shard(void (process_channel::*what)()) {
  rt_.run_on(shard_, [self = shared_from_this(), what] { ((*self).*what)(); });
}

void process_channel::begin() {
  int ends[2];
  constexpr int type = SOCK_STREAM | SOCK_CLOEXEC;
  if (::socketpair(AF_UNIX, type, 0, ends) != 0)
    return heard(process_ended{token_, last_error("socketpair")});
  unique_fd theirs{ends[1]};
  socket_.assign(ends[0]);
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return heard(process_ended{token_, last_error("pipe")});
  unique_fd output{ends[1]};
  output_.assign(ends[0]);
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  input_open_ = true;
  reading_ = true;
  order_start(std::move(theirs), std::move(output));
  await_input();
  await_output();
  deadline_ = rt_.after(options_->startup_deadline, [weak = weak_from_this()] {
    if (auto self = weak.lock())
      self->on_shard(&process_channel::too_late);
  });
}

void process_channel::order_start(unique_fd socket, unique_fd output) {
  auto link = link_.lock();
  if (!link)
    return heard(process_ended{token_, "the server is stopping"});
  start_order what;
  what.token = token_;
  what.argv = options_->command;
  what.env = worker_environment(environ, *options_);
  what.cwd = options_->cwd;
  what.open_files_max = options_->open_files_max;
  std::vector<unique_fd> fds;
  fds.push_back(std::move(socket));
  fds.push_back(std::move(output));
  link->start(std::move(what), std::move(fds),
              [self = shared_from_this()](const launch_report& what) {
                self->rt_.run_on(self->shard_,
                                 [self, what] { self->heard(what); });
              });
}

void process_channel::heard(const launch_report& what) {
  if (const auto* started = std::get_if<process_started>(&what)) {
    pid_ = started->pid;
    return;
  }
  ended_ = true;
  how_ = std::get<process_ended>(what).how;
  finish();
}

void process_channel::await_input() {
  socket_.async_wait(
    descriptor::wait_read,
    [self = shared_from_this()](const boost::system::error_code& failed) {
      if (!failed)
        self->read();
    });
}

void process_channel::read() {
  batch reports;
  bool more = input_open_;
  for (int n = 0; more && n < reads_per_turn_max; ++n)
    more = read_some(reports);
  if (!reports.empty() && sink_)
    sink_(std::move(reports));
  if (!input_open_)
    return;
  await_input();
}

/// @returns false if there is no more to read now.
bool process_channel::read_some(batch& reports) {
  auto space = reader_.space();
  auto got
    = ::recv(socket_.native_handle(), space.data(), space.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR))
    return errno == EINTR;
  if (got <= 0) {
    input_over();
    return false;
  }
  if (!reading_)
    return true; // It broke the protocol: nothing counts any more.
  auto bytes = static_cast<std::size_t>(got);
  std::vector<frame_bytes> frames;
  bool fits = reader_.received(bytes, frames);
  for (const auto& frame : frames)
    if (reading_)
      take_in(frame, reports);
  if (!fits && reading_)
    fail("protocol error: a frame is empty or larger than "
         + std::to_string(options_->limits.frame_bytes_max) + " bytes");
  return true;
}

void process_channel::take_in(const frame_bytes& frame, batch& reports) {
  auto got = wire::decode(frame);
  if (!got)
    return fail("protocol error: " + got.error().detail);
  auto& [run, what] = *got;
  // Some thread of a worker may log before it is ready.
  if (!greeted_ && std::holds_alternative<log>(what))
    return void(reports.emplace_back(run, std::move(what)));
  if (greeted_ == std::holds_alternative<hello>(what))
    return fail(greeted_ ? "protocol error: a second hello"
                         : "protocol error: the first frame is not hello");
  if (!greeted_ && !greet(run, what))
    return;
  reports.emplace_back(run, std::move(what));
}

bool process_channel::greet(run_no run, report& first) {
  if (run != 0) {
    fail("protocol error: hello is not of the process");
    return false;
  }
  greeted_ = true;
  rt_.cancel(deadline_);
  // What it says itself is only a claim, and differs in another namespace.
  if (pid_ != 0)
    std::get<hello>(first).pid = pid_;
  send(wire::encode_welcome(options_->limits));
  return true;
}

void process_channel::input_over() {
  input_open_ = false;
  outbox_.close();
  if (ended_ || !sink_)
    return;
  rt_.after(leaving_patience, [weak = weak_from_this()] {
    if (auto self = weak.lock())
      self->on_shard(&process_channel::has_stayed);
  });
}

void process_channel::await_output() {
  output_.async_wait(
    descriptor::wait_read,
    [self = shared_from_this()](const boost::system::error_code& failed) {
      if (!failed)
        self->read_output();
    });
}

void process_channel::read_output() {
  char bytes[output_bytes];
  auto got = ::read(output_.native_handle(), bytes, sizeof bytes);
  if (got > 0)
    lines_.feed({bytes, static_cast<std::size_t>(got)},
                output_lines::clock::now());
  if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR)))
    await_output();
}

void process_channel::too_late() {
  if (!greeted_)
    fail("no hello within " + std::to_string(options_->startup_deadline.count())
         + " ms");
}

void process_channel::not_read() {
  fail("does not read what it is sent");
}

void process_channel::was_killed() {
  if (why_.empty())
    why_ = "killed";
  if (auto link = link_.lock())
    link->kill(token_);
}

void process_channel::has_stayed() {
  fail("closed its socket, but did not exit");
}

/// What was taken in before counts, nothing after.
void process_channel::fail(std::string why) {
  if (!why_.empty() || !sink_)
    return;
  why_ = std::move(why);
  reading_ = false;
  outbox_.close();
  if (auto link = link_.lock())
    link->kill(token_);
}

void process_channel::finish() {
  batch reports;
  for (int n = 0; input_open_ && n < last_reads_max; ++n)
    if (!read_some(reports))
      break;
  if (!reports.empty() && sink_)
    sink_(std::move(reports));
  report_gone();
}

void process_channel::report_gone() {
  auto sink = std::exchange(sink_, nullptr);
  if (!sink)
    return;
  char bytes[output_bytes];
  ssize_t got = 0;
  while (output_.is_open()
         && (got = ::read(output_.native_handle(), bytes, sizeof bytes)) > 0)
    lines_.feed({bytes, static_cast<std::size_t>(got)},
                output_lines::clock::now());
  lines_.finish();
  input_open_ = false;
  outbox_.close();
  rt_.cancel(deadline_);
  boost::system::error_code ignored;
  socket_.close(ignored);
  output_.close(ignored);
  batch last;
  last.emplace_back(0, gone{why_.empty() ? how_ : why_});
  sink(std::move(last));
}

} // namespace heddle::worker
