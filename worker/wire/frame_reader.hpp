#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace heddle::worker::wire {

/// Cuts what arrives into frames. Each frame gets a buffer of its own, which
/// the slices of its payload then share: a slice that is kept keeps only its
/// own frame. The rest of a frame that is known to be large is read right into
/// that buffer. Does no I/O.
class frame_reader {
public:
  explicit frame_reader(std::size_t frame_bytes_max);

  /// Where the next bytes shall go; never empty. Valid until `received`.
  std::span<char> space();

  /// Takes in `bytes` that are now at the start of `space()`. Whole frames are
  /// added to `frames`.
  /// @returns false if a frame is empty or larger than allowed: nothing more
  /// can be read then.
  bool received(std::size_t bytes,
                std::vector<std::shared_ptr<const std::string>>& frames);

private:
  void begin(std::size_t length);
  void grow();

  std::size_t frame_bytes_max_;
  std::vector<char> chunk_;
  std::string length_; ///< Of the next frame, as far as it arrived.
  std::shared_ptr<std::string> frame_;
  std::size_t wanted_ = 0; ///< Length of `frame_`; it is filled up to
  std::size_t filled_ = 0; ///< here.
};

} // namespace heddle::worker::wire
