#pragma once

#include "worker/process/launcher_link.hpp"
#include "worker/process/outbox.hpp"
#include "worker/process/output_lines.hpp"
#include "worker/process_launcher.hpp"
#include "worker/wire/frame_reader.hpp"

#include "runtime/runtime.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace heddle::worker {

/// The channel to one process. Its socket lives on one shard; it keeps itself
/// alive until the process is gone.
class process_channel final
  : public channel,
    public std::enable_shared_from_this<process_channel> {
public:
  process_channel(runtime& rt, std::size_t shard,
                  std::shared_ptr<const process_options> options,
                  std::weak_ptr<launcher_link> link, report_sink sink);

  /// Starts the process. Once.
  void open();

  void start(run_no run, worker::start what) override;
  void cancel(run_no run, worker::cancel what) override;
  void drain(run_no run) override;
  void raise(run_no run) override;
  void credit(run_no run, std::size_t bytes) override;
  void done(run_no run, std::uint32_t seq) override;
  void refuse(run_no run, std::uint32_t seq, refusal why,
              std::string text) override;
  void answer_get(run_no run, std::uint32_t req,
                  std::optional<tuple> found) override;
  void answer_list(run_no run, std::uint32_t req,
                   std::vector<tuple> found) override;
  void answer_store(run_no run, std::uint32_t req, json_text results) override;
  void ask(run_no run, worker::ask what) override;
  void ping(std::uint64_t n) override;
  void exit(std::chrono::milliseconds deadline) override;
  void kill() override;

private:
  using descriptor = boost::asio::posix::stream_descriptor;
  using batch = std::vector<std::pair<run_no, report>>;

  // Any thread.
  void send(std::string frame);
  void send_all(std::vector<std::string> frames);
  void on_shard(void (process_channel::*what)());

  // The rest runs on the shard.
  void begin();
  void order_start(unique_fd socket, unique_fd output);
  void heard(const launch_report& what);
  void flush();
  void await_input();
  void read();
  bool read_some(batch& reports);
  void take_in(const frame_bytes& frame, batch& reports);
  bool greet(run_no run, report& first);
  void input_over();
  void await_output();
  void read_output();
  void too_late();
  void not_read();
  void was_killed();
  void has_stayed();
  void fail(std::string why);
  void finish();
  void report_gone();

  runtime& rt_;
  const std::size_t shard_;
  const std::shared_ptr<const process_options> options_;
  const std::weak_ptr<launcher_link> link_;
  process_token token_ = 0; ///< Set before any other thread knows this.
  outbox outbox_{outbound_bytes_max};
  std::atomic<bool> killed_{false};

  // The rest belongs to the shard.
  report_sink sink_; ///< Empty once `gone` was reported.
  descriptor socket_;
  descriptor output_;
  wire::frame_reader reader_;
  output_lines lines_;
  std::string why_; ///< Of the end, as far as it is our doing.
  std::string how_; ///< Of the end, as the launcher tells it.
  std::int64_t pid_ = 0;
  timer_source::id deadline_ = 0;
  bool greeted_ = false;
  bool reading_ = false; ///< Frames still count.
  bool input_open_ = false;
  bool ended_ = false;
};

} // namespace heddle::worker
