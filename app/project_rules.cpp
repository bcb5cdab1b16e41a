#include "app/project_rules.hpp"

#include "app/units.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::app {

namespace {

using json = nlohmann::ordered_json;
using text = std::string_view;

enum class built : std::uint8_t {
  yes,    ///< Heddle does it, or it needs nothing at run time.
  no,     ///< Refused if it asks for something.
  inside, ///< An object whose keys have rules of their own.
};

struct rule {
  text section; ///< "" is the top level.
  text key;
  built is;
};

constexpr rule rules[] = {
  {"", "graphs", built::yes},
  {"", "dependencies", built::yes},
  {"", "env", built::yes},
  {"", "http", built::inside},
  {"", "webhooks", built::inside},
  {"", "store", built::inside},
  {"", "checkpointer", built::inside},
  {"", "auth", built::no},
  {"", "encryption", built::no},
  {"", "ui", built::no},
  {"", "ui_config", built::no},
  {"", "node_version", built::no},
  // What follows is for building images.
  {"", "$schema", built::yes},
  {"", "python_version", built::yes},
  {"", "source", built::yes},
  {"", "pip_config_file", built::yes},
  {"", "pip_installer", built::yes},
  {"", "api_version", built::yes},
  {"", "base_image", built::yes},
  {"", "image_distro", built::yes},
  {"", "dockerfile_lines", built::yes},
  {"", "keep_pkg_tools", built::yes},
  {"", "_INTERNAL_docker_tag", built::yes},

  {"http", "cors", built::yes},
  {"http", "app", built::no},
  {"http", "configurable_headers", built::no},
  {"http", "logging_headers", built::no},
  {"http", "disable_assistants", built::no},
  {"http", "disable_threads", built::no},
  {"http", "disable_runs", built::no},
  {"http", "disable_meta", built::no},
  {"http", "disable_webhooks", built::no},
  {"http", "enable_custom_route_auth", built::no},
  {"http", "middleware_order", built::no},
  {"http", "mount_prefix", built::no},
  // These routes do not exist yet.
  {"http", "disable_store", built::yes},
  {"http", "disable_ui", built::yes},
  {"http", "disable_mcp", built::yes},
  {"http", "disable_a2a", built::yes},
  {"http", "disable_event_streaming", built::yes},

  {"webhooks", "url", built::inside},
  {"webhooks", "env_prefix", built::yes}, // Only matters for headers.
  {"webhooks", "headers", built::no},
  {"webhooks", "allowed_fields", built::no},
  {"webhooks.url", "require_https", built::yes},
  {"webhooks.url", "disable_loopback", built::yes},
  {"webhooks.url", "disable_private_ips", built::yes},
  {"webhooks.url", "allowed_domains", built::no},
  {"webhooks.url", "allowed_ports", built::no},
  {"webhooks.url", "max_url_length", built::no},

  {"store", "path", built::no},
  {"store", "index", built::no},
  {"store", "ttl", built::no},

  {"checkpointer", "backend", built::yes}, // Checked by its value.
  {"checkpointer", "path", built::no},
  {"checkpointer", "uri", built::no},
  {"checkpointer", "serde", built::no},
  {"checkpointer", "ttl", built::no},
};

bool asks_for_something(const json& value) {
  return !value.is_null() && value != false && value != ""
         && !(value.is_structured() && value.empty());
}

std::string name_in(text section, text key) {
  return section.empty() ? std::string{key}
                         : std::string{section} + "." + std::string{key};
}

error unknown_key(text section, text key) {
  std::vector<text> known;
  for (const auto& each : rules)
    if (each.section == section)
      known.push_back(each.key);
  return wrong("unknown key \"" + name_in(section, key) + "\"."
               + hint(key, known));
}

std::optional<error> check_section(text section, const json& object) {
  if (!object.is_object())
    return wrong("\"" + std::string{section} + "\" must be an object");
  for (const auto& [key, value] : object.items()) {
    auto found = std::ranges::find_if(rules, [&](const rule& r) {
      return r.section == section && r.key == key;
    });
    if (found == std::end(rules))
      return unknown_key(section, key);
    if (!asks_for_something(value))
      continue;
    auto name = name_in(section, key);
    if (found->is == built::no)
      return wrong("\"" + name + "\" is not supported by Heddle yet");
    if (found->is == built::inside)
      if (auto why = check_section(name, value))
        return why;
  }
  return std::nullopt;
}

} // namespace

std::optional<error> check_keys(const json& document) {
  if (!document.is_object())
    return wrong("expected a JSON object");
  return check_section("", document);
}

} // namespace heddle::app
