#pragma once

#include "heddle/json.hpp"
#include "heddle/time.hpp"
#include "store/store.hpp"

namespace heddle::actors {

// The operations of a graph's long-term store, as the worker sends them
// (docs/worker-protocol.md, `store`): a JSON array in, a JSON array of results
// out, in one transaction. Throws on what is no such array.

/// Whether any of them writes.
bool item_ops_write(const json_text& ops);

json_text read_item_ops(read_tx& tx, const json_text& ops);
json_text run_item_ops(write_tx& tx, const json_text& ops, timestamp now);

} // namespace heddle::actors
