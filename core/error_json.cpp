#include "core/error_json.hpp"

namespace heddle::core {

json_text error_json(std::string_view name, std::string_view message) {
  return json_text{"{\"error\":" + json_quote(name)
                   + ",\"message\":" + json_quote(message) + '}'};
}

json_text cancelled_json(cancel_action action, std::string_view reason) {
  auto rollback = action == cancel_action::rollback;
  return error_json(rollback ? "UserRollback" : "UserInterrupt", reason);
}

json_text out_of_attempts_json(const run_id& run, std::uint32_t strikes_max) {
  return error_json("RuntimeError", "Run " + run.str()
                                      + " exceeded max attempts ("
                                      + std::to_string(strikes_max) + ").");
}

} // namespace heddle::core
