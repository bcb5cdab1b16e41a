#include "http/target.hpp"

#include "http/ascii.hpp"

#include <algorithm>

namespace heddle::http {

namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

/// The byte of the escape at `at`, or -1.
int escape_at(std::string_view text, std::size_t at) {
  if (at + 2 >= text.size())
    return -1;
  auto high = hex_digit(text[at + 1]);
  auto low = hex_digit(text[at + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/// Decodes into `scratch`, which has room: views of it stay valid.
std::optional<std::string_view> decode_segment(std::string_view raw,
                                               std::string& scratch) {
  if (raw.find('%') == std::string_view::npos)
    return raw;
  auto start = scratch.size();
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '%') {
      scratch += raw[i];
      continue;
    }
    auto byte = escape_at(raw, i);
    if (byte <= 0 || byte == '/')
      return std::nullopt;
    scratch += static_cast<char>(byte);
    i += 2;
  }
  return std::string_view{scratch}.substr(start);
}

/// Takes `scheme://host` off an absolute form.
std::string_view origin_form(std::string_view target) {
  for (std::string_view scheme : {"http://", "https://"}) {
    if (!iequals(target.substr(0, scheme.size()), scheme))
      continue;
    auto path = target.find_first_of("/?", scheme.size());
    return path == std::string_view::npos ? "/" : target.substr(path);
  }
  return target;
}

std::string decode_value(std::string_view raw) {
  std::string text;
  text.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    auto byte = raw[i] == '%' ? escape_at(raw, i) : -1;
    if (byte >= 0) {
      text += static_cast<char>(byte);
      i += 2;
    } else {
      text += raw[i] == '+' ? ' ' : raw[i];
    }
  }
  if (is_utf8(text))
    return text;
  std::string clean;
  for (char c : text)
    if (static_cast<unsigned char>(c) < 0x80)
      clean += c;
    else
      clean += "\xEF\xBF\xBD";
  return clean;
}

/// Calls `f(raw value)` for each parameter of that name, in order.
template <class F>
void each_value(std::string_view raw, std::string_view key, F f) {
  while (!raw.empty()) {
    auto pair = raw.substr(0, raw.find('&'));
    raw.remove_prefix(std::min(raw.size(), pair.size() + 1));
    auto equals = pair.find('=');
    auto name = pair.substr(0, equals);
    // A plain name is compared as it is; an escaped one is rare.
    auto same = name == key
                || (name.find_first_of("%+") != std::string_view::npos
                    && decode_value(name) == key);
    if (same)
      f(equals == std::string_view::npos ? std::string_view{}
                                         : pair.substr(equals + 1));
  }
}

/// Bytes that follow a lead byte, or -1 for what cannot lead. Overlong forms
/// and surrogates are left to the second byte's bounds.
int utf8_tail(unsigned char lead) {
  if (lead < 0x80)
    return 0;
  if (lead >= 0xC2 && lead <= 0xDF)
    return 1;
  if (lead >= 0xE0 && lead <= 0xEF)
    return 2;
  if (lead >= 0xF0 && lead <= 0xF4)
    return 3;
  return -1;
}

bool second_byte_fits(unsigned char lead, unsigned char second) {
  switch (lead) {
    case 0xE0: return second >= 0xA0;
    case 0xED: return second <= 0x9F;
    case 0xF0: return second >= 0x90;
    case 0xF4: return second <= 0x8F;
    default: return true;
  }
}

} // namespace

bool is_utf8(std::string_view text) noexcept {
  auto byte
    = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (std::size_t i = 0; i < text.size();) {
    auto tail = utf8_tail(byte(i));
    if (tail < 0 || i + static_cast<std::size_t>(tail) >= text.size())
      return false;
    if (tail > 0 && !second_byte_fits(byte(i), byte(i + 1)))
      return false;
    for (int n = 1; n <= tail; ++n)
      if ((byte(i + static_cast<std::size_t>(n)) & 0xC0) != 0x80)
        return false;
    i += static_cast<std::size_t>(tail) + 1;
  }
  return true;
}

std::optional<path_parts> split_target(std::string_view target,
                                       std::string& scratch) {
  target = origin_form(target);
  path_parts parts;
  auto mark = target.find('?');
  parts.path = target.substr(0, mark);
  if (mark != std::string_view::npos)
    parts.query = target.substr(mark + 1);
  scratch.clear();
  scratch.reserve(parts.path.size());
  auto rest = parts.path;
  if (!rest.empty() && rest.front() == '/')
    rest.remove_prefix(1);
  while (!rest.empty()) {
    auto raw = rest.substr(0, rest.find('/'));
    auto segment = decode_segment(raw, scratch);
    if (!segment || *segment == ".." || !is_utf8(*segment))
      return std::nullopt;
    if (parts.count == path_parts::segments_max)
      parts.too_many = true;
    else
      parts.decoded[parts.count++] = *segment;
    parts.slash_at_end = raw.size() < rest.size();
    rest.remove_prefix(std::min(rest.size(), raw.size() + 1));
  }
  return parts;
}

std::optional<std::string> query_text::last(std::string_view key) const {
  std::optional<std::string_view> found;
  each_value(raw_, key, [&](std::string_view value) { found = value; });
  if (!found)
    return std::nullopt;
  return decode_value(*found);
}

std::vector<std::string> query_text::all(std::string_view key) const {
  std::vector<std::string> values;
  each_value(raw_, key, [&](std::string_view value) {
    values.push_back(decode_value(value));
  });
  return values;
}

bool query_text::truth(std::string_view key) const {
  auto value = last(key);
  return value
         && (*value == "1" || iequals(*value, "true")
             || iequals(*value, "yes"));
}

} // namespace heddle::http
