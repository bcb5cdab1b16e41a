#pragma once

#include "worker/wire/msgpack.hpp"
#include "worker/worker.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace heddle::worker::wire {

/// Bytes of the length before a frame: u32, little endian.
constexpr std::size_t length_bytes = 4;

/// Puts `length` where a frame begins.
void put_length(char* at, std::size_t length) noexcept;

std::size_t get_length(const char* at) noexcept;

/// A packer that begins with the head of a frame and ends as a whole one.
class frame_packer : public packer {
public:
  frame_packer(std::string_view type, run_no run) {
    out_.assign(length_bytes, '\0');
    array(3).text(type).natural(run);
  }

  void reserve(std::size_t payload_bytes) {
    constexpr std::size_t heads_bytes = 256;
    out_.reserve(payload_bytes + heads_bytes);
  }

  std::string finish() {
    put_length(out_.data(), out_.size() - length_bytes);
    return take();
  }
};

} // namespace heddle::worker::wire
