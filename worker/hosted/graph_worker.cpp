#include "worker/hosted/graph_worker.hpp"

#include "runtime/runtime.hpp"
#include "worker/hosted/graph_library.hpp"
#include "worker/native/launcher.hpp"
#include "worker/wire/decode_orders.hpp"
#include "worker/wire/encode_reports.hpp"
#include "worker/wire/frame_reader.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace heddle::worker::hosted {

namespace {

constexpr std::size_t frame_bytes_max = 512U << 20U; // The server is trusted.

/// The worker's end of the socket. Any thread may send.
class socket_end {
public:
  explicit socket_end(int fd) : fd_(fd) {}

  /// Waits while the server does not read; credit bounds what can be waiting.
  void send(const std::string& frames) {
    std::lock_guard guard{mutex_};
    std::string_view rest = frames;
    while (!rest.empty()) {
      auto sent = ::send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR)
        continue;
      if (sent <= 0)
        return; // The reader sees the end, too.
      rest.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  /// Takes in what there is. @returns false at the end.
  bool read(wire::frame_reader& into,
            std::vector<std::shared_ptr<const std::string>>& frames) {
    auto space = into.space();
    for (;;) {
      auto got = ::recv(fd_, space.data(), space.size(), 0);
      if (got < 0 && errno == EINTR)
        continue;
      return got > 0 && into.received(static_cast<std::size_t>(got), frames);
    }
  }

  /// Ends a read under way.
  void shut() { ::shutdown(fd_, SHUT_RD); }

private:
  const int fd_;
  std::mutex mutex_; // Frames are sent whole.
};

hello hello_of(const loaded_library& library) {
  hello result;
  result.language = "c++";
  result.pid = ::getpid();
  result.versions
    = json_text{R"({"c++":")" + std::to_string(__cplusplus) + "\"}"};
  for (const auto& [id, graph] : library.graphs)
    result.graphs.push_back({id, graph.description(), graph.schemas(), {}});
  for (const auto& [id, why] : library.broken)
    result.graphs.push_back({id, {}, {}, why});
  return result;
}

std::string level_name(log_level level) {
  switch (level) {
    case log_level::debug: return "debug";
    case log_level::info: return "info";
    case log_level::warning: return "warning";
    case log_level::error: return "error";
  }
  return "info";
}

log_sink log_to(socket_end& socket) {
  return [&socket](log_level level, std::string_view text, log_fields fields) {
    std::string line{text};
    for (const auto& field : fields)
      line += ' ' + field.name + '=' + field.value;
    socket.send(wire::encode_report(0, log{level_name(level), line}));
  };
}

/// What the executor reports goes out as frames, but for its hello: that was
/// said.
report_sink frames_to(socket_end& socket) {
  return [&socket](std::vector<std::pair<run_no, report>> batch) {
    std::string frames;
    bool over = false;
    for (const auto& [run, what] : batch) {
      over |= std::holds_alternative<gone>(what);
      if (!std::holds_alternative<hello>(what))
        frames += wire::encode_report(run, what);
    }
    socket.send(frames);
    if (over)
      socket.shut();
  };
}

} // namespace

int work(const std::string& library, int fd) {
  auto loaded = load_library(library);
  if (loaded.has_error()) {
    std::fprintf(stderr, "heddle graph-worker: %s\n",
                 loaded.error().detail.c_str());
    return 1;
  }
  socket_end socket{fd};
  runtime threads{1};
  std::optional<native::native_launcher> executor;
  socket.send(wire::encode_report(0, hello_of(*loaded)));
  wire::order_reader orders{[&](const wire::order_reader::welcome& what) {
    native::native_options how;
    how.graphs = loaded->graphs;
    how.credit_run_bytes = what.credit_run_bytes;
    how.log = log_to(socket);
    executor.emplace(threads, std::move(how));
    return executor->launch(frames_to(socket));
  }};
  wire::frame_reader reader{frame_bytes_max};
  std::vector<std::shared_ptr<const std::string>> frames;
  int code = 0;
  while (code == 0 && socket.read(reader, frames)) {
    for (const auto& frame : std::exchange(frames, {}))
      if (auto taken = orders.take(frame); taken.has_error()) {
        std::fprintf(stderr, "heddle graph-worker: %s\n",
                     taken.error().detail.c_str());
        code = 1;
      }
  }
  std::fflush(nullptr);
  ::_exit(code); // Whatever the nodes are still at.
}

int list_graphs(const std::string& library) {
  auto loaded = load_library(library);
  if (loaded.has_error()) {
    std::fprintf(stderr, "%s\n", loaded.error().detail.c_str());
    return 1;
  }
  for (const auto& id : loaded->ids())
    std::printf("%s\n", id.c_str());
  return 0;
}

} // namespace heddle::worker::hosted
