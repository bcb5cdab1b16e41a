#pragma once

#include "tests/fuzz/property.hpp"

#include <charconv>
#include <optional>

namespace heddle::fuzz {

/// The value of a header in `head`, whose names are in lower case.
inline std::optional<std::string_view> header(std::string_view head,
                                              std::string_view name) {
  auto line = "\r\n" + std::string{name} + ": ";
  auto at = head.find(line);
  if (at == std::string_view::npos)
    return std::nullopt;
  auto value = head.substr(at + line.size());
  return value.substr(0, value.find("\r\n"));
}

/// Takes one answer off, and checks that its JSON is some.
/// @returns whether it says that it is the last.
inline bool take_answer(std::string_view& said) {
  require(said.starts_with("HTTP/1."), "an answer starts with its version");
  auto end = said.find("\r\n\r\n");
  require(end != std::string_view::npos, "a head has an end");
  auto head = said.substr(0, end + 2);
  said.remove_prefix(end + 4);
  auto status = head.substr(9, 3);
  if (status == "100")
    return false;
  require(status >= "200" && status <= "599", "a status is one");
  require(header(head, "vary").has_value(), "an answer varies by origin");
  auto length = header(head, "content-length");
  bool last = header(head, "connection") == "close";
  if (!length)
    return last;
  std::size_t bytes = 0;
  std::from_chars(length->data(), length->data() + length->size(), bytes);
  auto body = said.substr(0, bytes);
  bool json = header(head, "content-type") == "application/json";
  // The body of an answer to HEAD is left out.
  if (body.size() < bytes || body.starts_with("HTTP/1."))
    return last;
  if (json)
    require(!check_json(body), "JSON is JSON");
  said.remove_prefix(bytes);
  return last;
}

/// All that was said are answers, and nothing comes after the last.
inline void require_answers(std::string_view said) {
  while (!said.empty())
    if (take_answer(said))
      require(said.empty() || !said.starts_with("HTTP/1.1 100"),
              "nothing comes after the last");
}

} // namespace heddle::fuzz
