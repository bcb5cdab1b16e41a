#pragma once

#include "heddle/json.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

// MessagePack, as much of it as our protocols use. The only place that knows
// the library behind it.

namespace heddle::worker::wire {

/// Writes values one after the other.
class packer {
public:
  packer& nil();
  packer& boolean(bool value);
  packer& integer(std::int64_t value);
  packer& natural(std::uint64_t value);
  packer& text(std::string_view value);
  packer& bytes(std::string_view value);
  /// `count` values follow.
  packer& array(std::size_t count);
  /// `count` pairs follow.
  packer& map(std::size_t count);

  std::string take() { return std::move(out_); }

protected:
  std::string out_;
};

/// Reads values one after the other from bytes that nobody vouches for. The
/// first misfit is kept in `problem`; from then on every read gives an empty
/// value, so that a reader needs to ask only where it loops or believes.
class unpacker {
public:
  /// Slices that are handed out share `frame`.
  explicit unpacker(std::shared_ptr<const std::string> frame);

  bool ok() const noexcept { return problem_.empty(); }
  const std::string& problem() const noexcept { return problem_; }
  bool at_end() const noexcept { return at_ == end_; }

  /// Records what is wrong, unless something was before.
  void fail(std::string_view why);

  /// Puts `where` before the problem that just came up.
  void blame(std::string_view where);

  /// Takes the next value if it is nil.
  bool take_nil();

  bool boolean();
  std::int64_t integer();
  std::uint64_t natural();
  std::int32_t i32();
  std::uint32_t u32();
  /// UTF-8. The view is into the frame.
  std::string_view text_view();
  std::string text() { return std::string{text_view()}; }
  json_text bytes();
  /// Bytes that are one valid JSON value.
  json_text json();
  /// How many values follow. Never more than bytes are left.
  std::size_t array();
  /// Expects an array of exactly `count`.
  void array_of(std::size_t count);
  /// How many pairs follow. Never more than bytes are left.
  std::size_t map();
  void skip();

private:
  std::size_t left() const noexcept;
  /// Fails unless the next value is of this type, and its head is there.
  bool expect(int type, std::string_view what);
  bool next_is(int type) const;
  std::string_view take(std::size_t length);
  void skip_one(std::uint64_t& pending);

  std::shared_ptr<const std::string> frame_;
  const char* at_;
  const char* end_;
  std::string problem_;
};

} // namespace heddle::worker::wire
