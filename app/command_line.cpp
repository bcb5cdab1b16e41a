#include "app/command_line.hpp"

#include "app/units.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>

namespace heddle::app {

namespace {

constexpr const char* about
  = "An open Agent Server for LangGraph graphs, whose cancel can be trusted";

std::string help_of(const option& what) {
  auto text = std::string{what.help};
  text += " [" + std::string{what.shown} + "]";
  text += " (" + variable_of(what);
  if (!what.alias.empty())
    text += ", " + std::string{what.alias};
  return text + ")";
}

void add(CLI::App& to, const option& what, given_options& found) {
  auto flag = std::string{what.flag};
  auto take = [&what, &found](const std::string& value) {
    found[&what] = {value, std::string{what.flag}};
  };
  if (what.placeholder.empty()) {
    auto take_switch = [take](std::int64_t) { take("true"); };
    to.add_flag_function(flag, take_switch, help_of(what))
      ->group(std::string{what.group});
    return;
  }
  auto* made = to.add_option_function<std::string>(flag, take, help_of(what))
                 ->type_name(std::string{what.placeholder})
                 ->group(std::string{what.group});
  if (what.adds)
    made->join(',');
  else
    made->take_last();
}

/// The arguments that no option takes, with what was probably meant.
std::string say_unknown(const CLI::App& serve) {
  std::vector<std::string_view> flags{"--help"};
  for (const auto& each : option_table())
    flags.push_back(each.flag);
  auto unknown = serve.remaining().front();
  unknown = unknown.substr(0, unknown.find('='));
  return "unknown option " + unknown + "." + hint(unknown, flags)
         + " See heddle serve --help.";
}

} // namespace

command read_command_line(int argc, const char* const* argv) {
  command result;
  CLI::App program{about, "heddle"};
  program.set_version_flag("--version", "heddle " HEDDLE_VERSION);
  program.require_subcommand(1);
  auto serve = program.add_subcommand("serve", "Serve the graphs of a project");
  serve->allow_extras();
  for (const auto& each : option_table())
    add(*serve, each, result.options);
  // For `serve` itself: a library's worker, and what it has.
  auto worker = program.add_subcommand("graph-worker")->group("");
  worker->add_option("--library", result.text)->required();
  worker->add_flag("--list", result.list);
  try {
    program.parse(argc, argv);
    if (serve->remaining_size() > 0)
      return {command::kind::wrong, {}, say_unknown(*serve)};
  } catch (const CLI::CallForVersion& version) {
    return {command::kind::print, {}, std::string{version.what()} + "\n"};
  } catch (const CLI::CallForHelp&) {
    auto text
      = program.got_subcommand(serve) ? serve->help("heddle") : program.help();
    return {command::kind::print, {}, text};
  } catch (const CLI::ParseError& why) {
    return {command::kind::wrong,
            {},
            std::string{why.what()} + " See heddle --help."};
  }
  if (program.got_subcommand(worker))
    result.what = command::kind::graph_worker;
  return result;
}

} // namespace heddle::app
