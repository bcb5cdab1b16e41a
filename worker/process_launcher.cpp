#include "worker/process_launcher.hpp"

#include "worker/process/launcher_link.hpp"
#include "worker/process/process_channel.hpp"

#include <utility>

namespace heddle::worker {

process_launcher::process_launcher(runtime& rt, launcher_handle handle,
                                   process_options options)
  : rt_(rt), handle_(std::move(handle)),
    options_(std::make_shared<const process_options>(std::move(options))),
    link_(std::make_shared<launcher_link>(rt, handle_.take_fd())) {
  link_->open();
}

process_launcher::~process_launcher() {
  link_->close(); // Then the launcher exits, for which `handle_` waits.
}

std::shared_ptr<channel> process_launcher::launch(report_sink sink) {
  auto shard = next_shard_.fetch_add(1) % rt_.shards();
  auto made = std::make_shared<process_channel>(rt_, shard, options_, link_,
                                                std::move(sink));
  made->open();
  return made;
}

} // namespace heddle::worker
