#include "worker/wire/msgpack.hpp"

#include "heddle/json_check.hpp"

#include "worker/wire/utf8.hpp"

// It defines its tables here: Debian's library of them is not for shared ones.
#define MP_SOURCE 1
#include <msgpuck.h>

#include <limits>

namespace heddle::worker::wire {

namespace {

/// The longest head of a value: a type byte and eight more.
constexpr std::size_t head_bytes_max = 9;

/// How many bytes the head of a value has: its type, and its length or number.
std::size_t head_bytes(char type) {
  switch (static_cast<unsigned char>(type)) {
    case 0xC4:
    case 0xCC:
    case 0xD0:
    case 0xD9: return 2;
    case 0xC5:
    case 0xCD:
    case 0xD1:
    case 0xDA:
    case 0xDC:
    case 0xDE: return 3;
    case 0xC6:
    case 0xCA:
    case 0xCE:
    case 0xD2: return 5;
    case 0xDB:
    case 0xDD:
    case 0xDF: return 5;
    case 0xCB:
    case 0xCF:
    case 0xD3: return head_bytes_max;
    default: return 1;
  }
}

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

// The library's own checks are not used. `mp_check`, for a whole frame, counts
// pending values in an int that maps of 2^31 pairs overflow. The others are
// declared pure, so the compiler may call them before the test that guards
// them. So the head of each value is checked here, before it is read.

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

bool unpacker::expect(int type, std::string_view what) {
  if (!ok())
    return false;
  if (at_end())
    fail("the frame ends early");
  else if (mp_typeof(*at_) != type)
    fail("not " + std::string{what});
  else if (head_bytes(*at_) > left())
    fail("the frame ends early");
  return ok();
}

bool unpacker::next_is(int type) const {
  return ok() && !at_end() && mp_typeof(*at_) == type;
}

bool unpacker::take_nil() {
  if (!next_is(MP_NIL))
    return false;
  mp_decode_nil(&at_);
  return true;
}

bool unpacker::boolean() {
  if (!expect(MP_BOOL, "a boolean"))
    return false;
  return mp_decode_bool(&at_);
}

std::int64_t unpacker::integer() {
  if (next_is(MP_INT))
    return expect(MP_INT, "") ? mp_decode_int(&at_) : 0;
  auto value = natural();
  if (value > std::numeric_limits<std::int64_t>::max()) {
    fail("too large an integer");
    return 0;
  }
  return static_cast<std::int64_t>(value);
}

std::uint64_t unpacker::natural() {
  if (!expect(MP_UINT, "a natural number"))
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
  if (!expect(MP_STR, "a string"))
    return {};
  auto text = take(mp_decode_strl(&at_));
  if (!is_utf8(text)) {
    fail("not UTF-8");
    return {};
  }
  return text;
}

json_text unpacker::bytes() {
  if (!expect(MP_BIN, "binary"))
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
  if (!expect(MP_ARRAY, "an array"))
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
  if (!expect(MP_MAP, "a map"))
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
  if (at_end())
    return fail("the frame ends early");
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
