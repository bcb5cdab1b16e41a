#include "app/plan.hpp"

#include "app/api_keys.hpp"
#include "app/python.hpp"

#include <arpa/inet.h>

#include <cstdint>
#include <utility>

namespace heddle::app {

namespace fs = std::filesystem;

namespace {

bool is_given(const given_options& from, std::string_view flag) {
  for (const auto& [what, how] : from)
    if (what->flag == flag)
      return true;
  return false;
}

/// What the project's file says about options, where nobody else does.
result<void> add_project(const project& what, given_options& options,
                         settings& chosen) {
  auto more = read_variables(what.env);
  if (more.has_error())
    return error{more.error().code,
                 what.file.string() + ": env: " + more.error().detail};
  options.insert(more->begin(), more->end());
  auto made = make_settings(options);
  if (made.has_error())
    return made.error();
  chosen = *made;
  if (what.cors_origins && !is_given(options, "--cors-allow-origins"))
    chosen.cors_origins = *what.cors_origins;
  if (what.webhook_https.value_or(false))
    chosen.server.webhook_https = true;
  return {};
}

/// Graph libraries can be all there is to serve.
result<project> the_project(const settings& chosen, bool named) {
  if (named || chosen.graph_libraries.empty() || fs::exists(chosen.config))
    return read_project(chosen.config);
  project none;
  none.file = fs::absolute(chosen.config);
  return none;
}

result<void> add_keys(serve_plan& plan) {
  if (!plan.chosen.api_key_file.empty()) {
    auto keys = read_api_keys(plan.chosen.api_key_file);
    if (keys.has_error())
      return keys.error();
    plan.api_keys = std::move(*keys);
  }
  if (plan.api_keys.empty() && !plan.chosen.insecure
      && !is_loopback(plan.chosen.host))
    return error{errc::forbidden,
                 "--host=" + plan.chosen.host
                   + " lets others in: add --api-key-file FILE, or --insecure "
                     "if something else keeps them out"};
  return {};
}

} // namespace

bool is_loopback(const std::string& host) {
  constexpr std::uint32_t first_byte = 0xFF000000U;
  in_addr four{};
  if (inet_pton(AF_INET, host.c_str(), &four) == 1)
    return (ntohl(four.s_addr) & first_byte) == 0x7F000000U;
  in6_addr six{};
  if (inet_pton(AF_INET6, host.c_str(), &six) == 1)
    return IN6_IS_ADDR_LOOPBACK(&six);
  return host == "localhost";
}

result<serve_plan> make_plan(const given_options& command_line,
                             const std::map<std::string, std::string>& env) {
  auto options = command_line;
  auto variables = read_variables(env);
  if (variables.has_error())
    return variables.error();
  options.insert(variables->begin(), variables->end());
  auto chosen = make_settings(options);
  if (chosen.has_error())
    return chosen.error();
  auto what = the_project(*chosen, is_given(options, "--config"));
  if (what.has_error())
    return what.error();

  serve_plan plan{*chosen, *what, {}, {}, {}, {}};
  if (auto done = add_project(plan.what, options, plan.chosen);
      done.has_error())
    return done.error();
  if (auto done = add_keys(plan); done.has_error())
    return done.error();
  plan.data = plan.chosen.data.empty() ? plan.what.folder() / ".heddle"
                                       : fs::absolute(plan.chosen.data);
  for (const auto& file : plan.chosen.graph_libraries) {
    auto library = ask_library(file);
    if (library.has_error())
      return library.error();
    plan.libraries.push_back(std::move(*library));
  }
  if (plan.what.graphs.empty())
    return plan;
  auto python
    = choose_python(plan.chosen.python, env, HEDDLE_HOME "/.venv/bin/python");
  if (python.has_error())
    return python.error();
  plan.python = *python;
  return plan;
}

} // namespace heddle::app
