// What a server takes that does nothing.
//
// Measured: memory of the program's own process once all graphs are loaded
// (its workers are other processes) and it has rested, also with 100 000 queued
// runs in its store; CPU while it rests; the time from its start until it
// listens, on an empty directory and on one with 100 000 runs.
// Not measured: the workers' memory and the time until they are ready.

#include "bench/lib/disk.hpp"
#include "bench/lib/feed.hpp"
#include "bench/lib/report.hpp"
#include "bench/lib/whole_server.hpp"

#include <chrono>
#include <filesystem>

using namespace heddle::bench;

namespace {

void look(report& out, const std::string& name, const served& server,
          std::chrono::milliseconds time) {
  auto cpu = idle_ms_per_s(server, time);
  auto mib = [&](const char* field) {
    return static_cast<double>(server.process->memory_kib(field)) / 1024;
  };
  out.put(name + "_rss_mib", mib("VmRSS"));
  out.put(name + "_private_mib", mib("RssAnon"));
  out.put(name + "_cpu_ms_per_s", cpu);
}

} // namespace

int main(int argc, char** argv) {
  auto opts = read_options(argc, argv);
  if (!has_python(opts))
    return 0;
  scratch dir{opts.data};
  std::chrono::milliseconds time{opts.smoke ? 100 : 3000};
  report out{"footprint"};
  put_starts(out, "start_ms", opts, dir.at("empty"));
  look(out, "idle", serve_whole(opts, dir.at("empty")), time);
  auto queued = opts.amount(100'000, 200);
  fill(dir.at("full"), queued, 1);
  out.put("full_mib", static_cast<double>(std::filesystem::file_size(
                        dir.at("full") + "/heddle.db"))
                        / (1 << 20));
  put_starts(out, "start_full_ms", opts, dir.at("full"));
  {
    auto server = serve_in_child(dir.at("full")); // No worker takes them.
    look(out, "queued", server, time);
  }
  out.print();
}
