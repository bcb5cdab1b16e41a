#include "worker/wire/msgpack.hpp"

#include "heddle/json_check.hpp"

#include "worker/wire/utf8.hpp"

#include <msgpuck.h>

#include <limits>

namespace heddle::worker::wire {

namespace {

/// The longest head of a value: a type byte and eight more.
constexpr std::size_t head_bytes_max = 9;

} // namespace

packer& packer::nil() {
  char head[head_bytes_max];
  out_.append(head, mp_encode_nil(head));
  return *this;
}

packer& packer::boolean(bool value) {
  char head[head_bytes_max];
  out_.append(head, mp_encode_bool(head, value));
  return *this;
}

packer& packer::integer(std::int64_t value) {
  if (value >= 0)
    return natural(static_cast<std::uint64_t>(value));
  char head[head_bytes_max];
  out_.append(head, mp_encode_int(head, value));
  return *this;
}

packer& packer::natural(std::uint64_t value) {
  char head[head_bytes_max];
  out_.append(head, mp_encode_uint(head, value));
  return *this;
}

packer& packer::text(std::string_view value) {
  char head[head_bytes_max];
  out_.append(head,
              mp_encode_strl(head, static_cast<std::uint32_t>(value.size())));
  out_.append(value);
  return *this;
}

packer& packer::bytes(std::string_view value) {
  char head[head_bytes_max];
  out_.append(head,
              mp_encode_binl(head, static_cast<std::uint32_t>(value.size())));
  out_.append(value);
  return *this;
}

packer& packer::array(std::size_t count) {
  char head[head_bytes_max];
  out_.append(head, mp_encode_array(head, static_cast<std::uint32_t>(count)));
  return *this;
}

packer& packer::map(std::size_t count) {
  char head[head_bytes_max];
  out_.append(head, mp_encode_map(head, static_cast<std::uint32_t>(count)));
  return *this;
}

// `mp_check`, which would check a whole frame at once, counts pending values in
// an int that maps of 2^31 pairs overflow. So each value is checked on its own,
// before it is read.

unpacker::unpacker(std::shared_ptr<const std::string> frame)
  : frame_(std::move(frame)), at_(frame_->data()),
    end_(frame_->data() + frame_->size()) {
  // nop
}

void unpacker::fail(std::string_view why) {
  if (ok())
    problem_ = why;
}

void unpacker::blame(std::string_view where) {
  problem_.insert(0, std::string{where} + ": ");
}

std::size_t unpacker::left() const noexcept {
  return static_cast<std::size_t>(end_ - at_);
}

bool unpacker::expect(bool fits, std::string_view what) {
  if (!ok())
    return false;
  if (at_end())
    fail("the frame ends early");
  else if (!fits)
    fail("not " + std::string{what});
  return ok();
}

bool unpacker::take_nil() {
  if (!ok() || at_end() || mp_typeof(*at_) != MP_NIL)
    return false;
  mp_decode_nil(&at_);
  return true;
}

bool unpacker::next_is_text() const {
  return ok() && !at_end() && mp_typeof(*at_) == MP_STR;
}

bool unpacker::boolean() {
  if (!expect(!at_end() && mp_typeof(*at_) == MP_BOOL, "a boolean"))
    return false;
  return mp_decode_bool(&at_);
}

std::int64_t unpacker::integer() {
  if (!at_end() && mp_typeof(*at_) == MP_INT) {
    if (!expect(mp_check_int(at_, end_) <= 0, "a whole integer"))
      return 0;
    return mp_decode_int(&at_);
  }
  auto value = natural();
  if (value > std::numeric_limits<std::int64_t>::max()) {
    fail("too large an integer");
    return 0;
  }
  return static_cast<std::int64_t>(value);
}

std::uint64_t unpacker::natural() {
  if (!expect(!at_end() && mp_typeof(*at_) == MP_UINT, "a natural number")
      || !expect(mp_check_uint(at_, end_) <= 0, "a whole number"))
    return 0;
  return mp_decode_uint(&at_);
}

std::int32_t unpacker::i32() {
  auto value = integer();
  using limits = std::numeric_limits<std::int32_t>;
  if (value < limits::min() || value > limits::max()) {
    fail("too large an integer");
    return 0;
  }
  return static_cast<std::int32_t>(value);
}

std::uint32_t unpacker::u32() {
  auto value = natural();
  if (value > std::numeric_limits<std::uint32_t>::max()) {
    fail("too large a number");
    return 0;
  }
  return static_cast<std::uint32_t>(value);
}

std::string_view unpacker::take(std::size_t length) {
  if (length > left()) {
    fail("the frame ends early");
    return {};
  }
  std::string_view taken{at_, length};
  at_ += length;
  return taken;
}

std::string_view unpacker::text_view() {
  if (!expect(!at_end() && mp_typeof(*at_) == MP_STR, "a string")
      || !expect(mp_check_strl(at_, end_) <= 0, "a whole string"))
    return {};
  auto text = take(mp_decode_strl(&at_));
  if (!is_utf8(text)) {
    fail("not UTF-8");
    return {};
  }
  return text;
}

json_text unpacker::bytes() {
  if (!expect(!at_end() && mp_typeof(*at_) == MP_BIN, "binary")
      || !expect(mp_check_binl(at_, end_) <= 0, "whole binary"))
    return {};
  auto slice = take(mp_decode_binl(&at_));
  return ok() ? json_text{frame_, slice} : json_text{};
}

json_text unpacker::json() {
  auto text = bytes();
  if (!ok())
    return {};
  if (auto wrong = json_problem(text.view())) {
    fail("not JSON: " + *wrong);
    return {};
  }
  return text;
}

std::size_t unpacker::array() {
  if (!expect(!at_end() && mp_typeof(*at_) == MP_ARRAY, "an array")
      || !expect(mp_check_array(at_, end_) <= 0, "a whole array"))
    return 0;
  std::size_t count = mp_decode_array(&at_);
  if (count > left()) {
    fail("the frame ends early");
    return 0;
  }
  return count;
}

void unpacker::array_of(std::size_t count) {
  auto found = array();
  if (ok() && found != count)
    fail("not an array of " + std::to_string(count));
}

std::size_t unpacker::map() {
  if (!expect(!at_end() && mp_typeof(*at_) == MP_MAP, "a map")
      || !expect(mp_check_map(at_, end_) <= 0, "a whole map"))
    return 0;
  std::size_t count = mp_decode_map(&at_);
  if (count > left() / 2) {
    fail("the frame ends early");
    return 0;
  }
  return count;
}

void unpacker::skip() {
  for (std::uint64_t pending = 1; pending > 0 && ok(); --pending)
    skip_one(pending);
}

void unpacker::skip_one(std::uint64_t& pending) {
  if (!expect(true, ""))
    return;
  switch (mp_typeof(*at_)) {
    case MP_NIL: mp_decode_nil(&at_); break;
    case MP_BOOL: mp_decode_bool(&at_); break;
    case MP_UINT: natural(); break;
    case MP_INT: integer(); break;
    case MP_STR: text_view(); break;
    case MP_BIN: bytes(); break;
    case MP_ARRAY: pending += array(); break;
    case MP_MAP: pending += 2 * map(); break;
    case MP_FLOAT: take(1 + sizeof(float)); break;
    case MP_DOUBLE: take(1 + sizeof(double)); break;
    default: fail("a value of a type that is not used here");
  }
}

} // namespace heddle::worker::wire
