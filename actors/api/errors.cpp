#include "actors/api/guest.hpp"
#include "actors/api/outcome.hpp"

#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>

#include <string>

// Errors on their way out and back.

namespace heddle::actors {

namespace {

constexpr auto error_category = caf::atom("heddle");
constexpr auto run_category = caf::atom("heddlerun");

} // namespace

caf::error to_caf(const error& why) {
  return {static_cast<std::uint8_t>(why.code), error_category,
          caf::make_message(why.detail)};
}

caf::error outcome_reason(run_status how) {
  if (how == run_status::success)
    return {};
  // Values of an error begin at 1.
  return {static_cast<std::uint8_t>(static_cast<std::uint8_t>(how) + 1),
          run_category};
}

} // namespace heddle::actors

namespace heddle::inline v0 {

error from_caf(const caf::actor_system& sys, const caf::error& why) {
  if (why.category() == actors::error_category) {
    auto text = why.context().match_elements<std::string>()
                  ? why.context().get_as<std::string>(0)
                  : std::string{};
    return {static_cast<errc>(why.code()), std::move(text)};
  }
  if (why.category() == actors::run_category)
    return {errc::conflict, "The run did not end well."};
  if (why == caf::sec::request_timeout)
    return {errc::unavailable, "There was no answer in time."};
  if (why == caf::sec::request_receiver_down
      || why == caf::exit_reason::user_shutdown)
    return {errc::unavailable, "Whoever was asked is gone."};
  return {errc::internal, sys.render(why)};
}

std::optional<run_status> run_outcome(const caf::error& reason) {
  if (!reason)
    return run_status::success;
  if (reason.category() != actors::run_category)
    return std::nullopt;
  return static_cast<run_status>(reason.code() - 1);
}

caf::actor_system& actor_system_of(server& srv) {
  return srv.internals().home.system();
}

} // namespace heddle::inline v0
