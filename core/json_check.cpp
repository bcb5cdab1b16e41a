#include "heddle/json_check.hpp"

#include "heddle/requests.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <charconv>
#include <cmath>

namespace heddle::inline v0 {

namespace {

namespace json = boost::json;

/// The parser's own value is not exact near the limit.
bool fits_double(std::string_view number) {
  double value = 0;
  auto end = number.data() + number.size();
  return std::from_chars(number.data(), end, value).ec == std::errc{};
}

/// Takes part in nothing but the range of numbers.
struct null_handler {
  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);

  using text = json::string_view;
  using code = json::error_code;

  bool on_document_begin(code&) { return true; }
  bool on_document_end(code&) { return true; }
  bool on_object_begin(code&) { return true; }
  bool on_object_end(std::size_t, code&) { return true; }
  bool on_array_begin(code&) { return true; }
  bool on_array_end(std::size_t, code&) { return true; }
  bool on_key_part(text, std::size_t, code&) { return true; }
  bool on_key(text, std::size_t, code&) { return true; }
  bool on_string_part(text, std::size_t, code&) { return true; }
  bool on_string(text, std::size_t, code&) { return true; }
  bool on_number_part(text, code&) { return true; }
  bool on_int64(std::int64_t, text, code&) { return true; }
  bool on_uint64(std::uint64_t, text, code&) { return true; }
  bool on_bool(bool, code&) { return true; }
  bool on_null(code&) { return true; }
  bool on_comment_part(text, code&) { return true; }
  bool on_comment(text, code&) { return true; }

  bool on_double(double value, text number, code& ec) {
    constexpr double surely_in_range = 1e307;
    if (std::abs(value) < surely_in_range
        || fits_double({number.data(), number.size()}))
      return true;
    ec = json::error::exponent_overflow;
    return false;
  }
};

json::error_code parse(std::string_view text, std::size_t depth_max) {
  json::parse_options strict;
  strict.max_depth = depth_max;
  json::basic_parser<null_handler> parser{strict};
  json::error_code ec;
  auto read = parser.write_some(false, text.data(), text.size(), ec);
  if (!ec && read < text.size())
    ec = json::error::extra_data;
  return ec;
}

} // namespace

std::optional<std::string> json_problem(std::string_view text,
                                        std::size_t depth_max) {
  auto ec = parse(text, depth_max);
  if (!ec)
    return std::nullopt;
  return ec.message();
}

std::optional<error> check_json(std::string_view text) {
  auto ec = parse(text, json_depth_max);
  if (!ec)
    return std::nullopt;
  if (ec == json::error::too_deep)
    return error{errc::bad_request, "Recursion limit reached"};
  return error{errc::invalid_argument, "Invalid JSON in request body"};
}

} // namespace heddle::inline v0
