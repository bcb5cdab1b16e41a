#include "core/error_json.hpp"

namespace heddle::core {

json_text error_json(std::string_view name, std::string_view message) {
  return json_text{"{\"error\":" + json_quote(name)
                   + ",\"message\":" + json_quote(message) + '}'};
}

} // namespace heddle::core
