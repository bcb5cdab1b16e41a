#pragma once

#include "worker/wire/msgpack.hpp"
#include "worker/worker.hpp"

// The bodies of the frames that need more than a line to read, and the blobs in
// them.

namespace heddle::worker::wire {

/// `[type, bytes]`
void read_blob(unpacker& in, blob& out);

/// `type, bytes`, among the items of an array.
void read_blob_parts(unpacker& in, blob& out);

void read(unpacker& in, hello& out);
void read(unpacker& in, events& out);
void read(unpacker& in, put& out);
void read(unpacker& in, writes& out);
void read(unpacker& in, view& out);
void read(unpacker& in, get& out);
void read(unpacker& in, list& out);
void read(unpacker& in, store_ops& out);
void read(unpacker& in, latest_state& out);
void read(unpacker& in, end& out);
void read(unpacker& in, answer& out);
void read(unpacker& in, pong& out);
void read(unpacker& in, beat& out);
void read(unpacker& in, log& out);

} // namespace heddle::worker::wire
