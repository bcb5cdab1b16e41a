#pragma once

#include "app/settings.hpp"
#include "heddle/error.hpp"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::app {

/// One thing an operator can choose: on the command line by its flag, else by
/// the variable `HEDDLE_<FLAG>`, else by the reference's name for it.
struct option {
  std::string_view flag;        ///< `--stop-grace`
  std::string_view placeholder; ///< `DURATION`; empty: a switch.
  std::string_view group;       ///< Heading in `--help`.
  std::string_view help;
  std::string_view shown; ///< The default, as `--help` shows it.
  std::string_view alias; ///< The reference's variable, or empty.
  result<void> (*set)(settings& where, std::string_view value);
  bool adds = false; ///< Given again, it adds to what was given before.
};

/// All of them, in the order of `--help`.
std::span<const option> option_table();

/// `HEDDLE_STOP_GRACE` for `--stop-grace`.
std::string variable_of(const option& what);

/// A value that somebody gave for an option.
struct given {
  std::string value;
  std::string source; ///< For messages: `--port`, `HEDDLE_PORT`, …
};
using given_options = std::map<const option*, given>;

/// What the variables choose. `HEDDLE_TEST_…` are left alone.
/// - `errc::invalid_argument`: an unknown `HEDDLE_…` variable, or one of the
///   reference whose effect Heddle lacks and that must not be ignored.
result<given_options>
read_variables(const std::map<std::string, std::string>& variables);

/// The defaults with what is given; bad values are refused by their source.
result<settings> make_settings(const given_options& from);

} // namespace heddle::app
