#pragma once

#include "worker/printable.hpp"
#include "worker/wire/msgpack.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::worker::wire {

/// One field of a map that is read into a `T`: a frame's body is a table of
/// these.
template <class T>
struct field {
  std::string_view name;
  bool needed;
  void (*read)(unpacker& in, T& out);
};

constexpr bool needed = true;
constexpr bool optional = false;

/// Reads a map. An optional field may be nil, which reads as absent; unknown
/// fields are skipped, so that a newer worker may say more.
template <class T, std::size_t N>
void read_fields(unpacker& in, T& out, const field<T> (&table)[N]) {
  static_assert(N <= 32);
  std::uint32_t seen = 0;
  auto count = in.map();
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    auto name = in.text_view();
    std::size_t at = 0;
    while (at < N && table[at].name != name)
      ++at;
    if (at == N) {
      in.skip();
      continue;
    }
    if ((seen & (1U << at)) != 0)
      in.fail("given twice");
    else if (table[at].needed || !in.take_nil())
      table[at].read(in, out);
    seen |= 1U << at;
    if (!in.ok())
      in.blame(name);
  }
  for (std::size_t at = 0; at < N; ++at)
    if (table[at].needed && (seen & (1U << at)) == 0)
      in.fail("no field '" + std::string{table[at].name} + "'");
}

/// Reads an array, each element by `read`.
template <class T>
void read_items(unpacker& in, std::vector<T>& out,
                void (*read)(unpacker& in, T& out)) {
  auto count = in.array();
  for (std::size_t i = 0; i < count && in.ok(); ++i)
    read(in, out.emplace_back());
}

inline void read_text(unpacker& in, std::string& out) {
  out = in.text();
}

/// The place of `text` in `names`, where its meaning has the same place; fails
/// and gives 0 if it is not among them.
template <std::size_t N>
std::size_t read_name(unpacker& in, const std::string_view (&names)[N]) {
  constexpr std::size_t shown_bytes_max = 40;
  auto text = in.text_view();
  for (std::size_t i = 0; i < N && in.ok(); ++i)
    if (names[i] == text)
      return i;
  in.fail("'" + printable(text, shown_bytes_max) + "' is not known");
  return 0;
}

} // namespace heddle::worker::wire
