#pragma once

#include "heddle/ids.hpp"
#include "heddle/json.hpp"
#include "heddle/run.hpp"
#include "heddle/thread.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace heddle::inline v0 {

enum class sort_order : std::uint8_t { ascending, descending };

/// Which threads, and in which order.
struct thread_query {
  /// What to sort by.
  enum class key : std::uint8_t { id, status, created, updated, state_updated };
  std::vector<thread_id> ids;
  json_text metadata; ///< Containment; empty: all.
  json_text values;   ///< Containment; empty: all.
  std::optional<thread_status> status;
  std::uint32_t limit = 10;
  std::uint64_t offset = 0;
  key sort = key::updated;
  sort_order order = sort_order::descending;
};

/// Which assistants, and in which order.
struct assistant_query {
  /// What to sort by.
  enum class key : std::uint8_t { id, created, updated, name, graph };
  json_text metadata;
  std::string graph;
  std::string name; ///< Part of it, in any case.
  std::uint32_t limit = 10;
  std::uint64_t offset = 0;
  key sort = key::created;
  sort_order order = sort_order::descending;
};

/// Which runs of a thread, newest first.
struct run_query {
  thread_id thread;
  std::optional<run_status> status;
  std::uint32_t limit = 10;
  std::uint64_t offset = 0;
};

} // namespace heddle::inline v0
