#include "worker/printable.hpp"

#include "worker/wire/utf8.hpp"

namespace heddle::worker {

namespace {

void escape(std::string& out, unsigned char c) {
  constexpr char digits[] = "0123456789abcdef";
  out += "\\x";
  out += digits[c >> 4U];
  out += digits[c & 15U];
}

/// Also the C1 controls, which terminals obey: U+0080 to U+009F.
bool is_control(std::string_view character) {
  auto first = static_cast<unsigned char>(character.front());
  if (character.size() == 1)
    return (first < 0x20 && first != '\t') || first == 0x7F;
  return first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0;
}

} // namespace

std::string printable(std::string_view untrusted, std::size_t bytes_max) {
  std::string out;
  auto rest = untrusted;
  while (!rest.empty()) {
    auto length = wire::utf8_length(rest);
    auto take = length == 0 ? 1 : length;
    if (untrusted.size() - rest.size() + take > bytes_max)
      return out + "…";
    auto character = rest.substr(0, take);
    if (length == 0 || is_control(character))
      for (char c : character)
        escape(out, static_cast<unsigned char>(c));
    else
      out += character;
    rest.remove_prefix(take);
  }
  return out;
}

} // namespace heddle::worker
