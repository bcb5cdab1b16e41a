#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>

namespace heddle::inline v0 {

/// Why an operation failed. Values start at 1 (CAF reserves 0 for "no error")
/// and are append-only: clients see the names, logs see the numbers.
enum class errc : std::uint8_t {
  not_found = 1,    ///< Does not exist, or there is none to act on.
  conflict,         ///< The operation does not fit the current state.
  invalid_argument, ///< Well-formed, but a value is not acceptable.
  bad_request,      ///< Not usable as a request at all.
  too_large,        ///< Over a stated limit.
  unavailable,      ///< Shutting down, overloaded, or the one asked is gone.
  not_built,        ///< Part of the API, not of this server.
  no_space,         ///< The store cannot grow; nothing was written.
  forbidden,        ///< The caller may not do this.
  internal,         ///< A bug or a broken disk. Logged.
  made_in_part,     ///< Made and kept, but not with all that was asked for.
};

/// An `errc` plus one text for humans. Where the API fixes the text, it is
/// that text to the letter.
struct error {
  errc code;
  std::string detail;
  bool operator==(const error&) const = default;
};

/// A value or the reason there is none. Nothing below `http/` throws for an
/// expected failure; exceptions mean "bug" and end the actor that raised them.
template <class T>
using result = boost::system::result<T, error>;

/// Makes `result<T>::value()` throw when there is no value. Found by ADL.
[[noreturn]] inline void
throw_exception_from_error(const error& why, const boost::source_location&) {
  throw std::runtime_error{why.detail};
}

} // namespace heddle::inline v0
