#pragma once

#include "core/json_slice.hpp"
#include "core/schema.hpp"
#include "heddle/requests.hpp"

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace heddle::core {

/// A body that is JSON. In it, `\u0000` has become U+FFFD.
struct request_body {
  body_text text;
  std::string_view root;
};

/// Checks the body as a whole.
/// - `errc::bad_request`: nested too deep.
/// - `errc::invalid_argument`: not JSON, or NUL in the name of a setting.
result<request_body> open_body(const body_text& body);

/// Reads the members of one object by the rules of its schema. Each function
/// gives "absent" for what is absent or wrong; the first problem is kept.
class object_reader {
public:
  struct bounds {
    std::int64_t least = std::numeric_limits<std::int64_t>::min();
    std::int64_t most = std::numeric_limits<std::int64_t>::max();
  };

  object_reader(const request_body& body, place at = {});

  const std::optional<error>& problem() const noexcept { return problem_; }
  void fail(error why);
  void take_problem(const object_reader& part);

  bool has(std::string_view name) const {
    return members_.find(name).has_value();
  }
  const object_slices& members() const noexcept { return members_; }
  place at(std::string_view name) const { return at_.member(name); }
  void require(std::string_view name);

  std::optional<std::string_view> raw(std::string_view name) const {
    return members_.find(name);
  }
  json_text any(std::string_view name) const;
  json_text object(std::string_view name) {
    return typed(name, json_kind::object);
  }
  json_text array(std::string_view name) {
    return typed(name, json_kind::array);
  }
  json_text string_as_json(std::string_view name) {
    return typed(name, json_kind::string);
  }
  std::optional<std::string> string(std::string_view name);
  std::optional<bool> boolean(std::string_view name);
  std::optional<double> number(std::string_view name);
  std::optional<std::int64_t> integer(std::string_view name, bounds within);
  std::vector<std::string> strings(std::string_view name);
  std::vector<std::string> choices(std::string_view name,
                                   std::span<const std::string_view> allowed);
  /// @returns the position in `allowed`.
  std::optional<std::size_t> choice(std::string_view name,
                                    std::span<const std::string_view> allowed);
  /// A reader of the object `name`, if there is one.
  std::optional<object_reader> part(std::string_view name) {
    return part(name, at(name));
  }
  /// As above; `where` is what its problems tell of its place.
  std::optional<object_reader> part(std::string_view name, const place& where);

private:
  json_text typed(std::string_view name, json_kind wanted);

  request_body body_;
  place at_;
  object_slices members_;
  std::optional<error> problem_;
};

/// Opens a body that is an object and reads it. The first problem wins: of the
/// body as a whole, then what `read` reported to the reader.
template <class Read>
auto read_body(const body_text& body, Read read)
  -> result<std::invoke_result_t<Read&, object_reader&>> {
  auto opened = open_body(body);
  if (!opened)
    return opened.error();
  object_reader from{*opened};
  auto what = read(from);
  if (from.problem())
    return *from.problem();
  return what;
}

} // namespace heddle::core
