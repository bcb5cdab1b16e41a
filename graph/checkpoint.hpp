#pragma once

#include "graph/values.hpp"
#include "worker/worker.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::graph {

/// A write that a super-step keeps until it is over. `task` is `nobody` for
/// what came with a command.
struct pending_write {
  std::string task;
  write what;
};

inline constexpr std::string_view nobody
  = "00000000-0000-0000-0000-000000000000";

/// A thread's state as a machine holds it.
struct thread_copy {
  position at;
  std::shared_ptr<const channel_values> values;
  std::vector<version> stored; ///< The versions that the store holds.
  std::vector<pending_write> pending;
  std::string run; ///< Whose run made the checkpoint; empty: unknown.
  std::string id;  ///< Of the checkpoint that was loaded; empty: none.
  std::string loaded_parent; ///< Its parent.
};

thread_copy empty_copy(const plan& of);

/// Reads a stored checkpoint. Channels and nodes that the graph no longer has
/// are left out.
/// @returns `errc::invalid_argument` if another library wrote it.
result<thread_copy> load(const plan& of, const worker::tuple& stored);

/// The checkpoint of `from` as a `put`, but for its number. Everything counts
worker::put put_of(const plan& of, thread_copy& from, timestamp now,
                   std::string metadata);

/// Writes as they are sent, but for their number.
worker::writes writes_of(const plan& of, const std::string& checkpoint,
                         const std::string& task, std::string path,
                         const std::vector<write>& items);

/// `{"source":…,"step":…,"parents":{},…}`
std::string metadata_of(const position& at, const std::string& members);

} // namespace heddle::graph
