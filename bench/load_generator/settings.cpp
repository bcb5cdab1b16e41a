#include "bench/load_generator/settings.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/ip/address.hpp>

#include <charconv>
#include <stdexcept>

namespace heddle::load {

namespace {

std::uint16_t parse_port(std::string_view text, std::string_view url) {
  std::uint16_t port = 0;
  auto end = text.data() + text.size();
  auto [at, failed] = std::from_chars(text.data(), end, port);
  if (failed != std::errc{} || at != end || port == 0)
    throw std::invalid_argument{std::string{url} + ": no such port"};
  return port;
}

/// Splits `host:port`, with an IPv6 address in brackets.
void set_authority(target& to, std::string_view text) {
  auto end = text.starts_with('[') ? text.find(']') : text.find(':');
  if (text.starts_with('[')) {
    if (end == text.npos)
      throw std::invalid_argument{to.url + ": no end of the address"};
    to.host = text.substr(1, end - 1);
    ++end;
  } else {
    to.host = text.substr(0, end);
  }
  if (end < text.size() && text[end] == ':')
    to.port = parse_port(text.substr(end + 1), to.url);
  if (to.host.empty())
    throw std::invalid_argument{to.url + ": no host"};
}

void check(const settings& asked) {
  if (asked.targets.empty() && !asked.list)
    throw std::invalid_argument{"which server? Give its URL"};
  for (const auto& each : asked.targets)
    if (!asked.allow_remote && !is_loopback(each.host))
      throw std::invalid_argument{
        each.url
        + " is not on this machine: a load on somebody else's server "
          "needs --allow-remote"};
  for (auto each : asked.connections)
    if (each == 0 || each > 10'000)
      throw std::invalid_argument{"connections: 1 to 10000"};
}

/// The amounts of `--smoke`: only whether it works.
void make_small(settings& asked) {
  asked.connections = {4};
  asked.time = seconds{0.3};
  asked.count = 24;
  asked.rounds = 1;
  asked.tokens = 50;
  asked.bulk = 10;
}

void add_amounts(CLI::App& app, settings& into) {
  app
    .add_option("--connections", into.connections,
                "so many at once; several, with commas: one after the other")
    ->delimiter(',');
  app.add_option("--rate", into.rate,
                 "open loop: operations per second, whatever the server does "
                 "(without it a closed loop)");
  app.add_option_function<double>(
    "--time", [&](double s) { into.time = seconds{s}; },
    "seconds of a round at most (2)");
  app.add_option("--count", into.count, "operations of a round at most");
  app.add_option("--rounds", into.rounds, "of each scenario and server");
  app.add_option_function<double>(
    "--timeout", [&](double s) { into.timeout = seconds{s}; },
    "seconds for an answer, or of silence in a stream (10)");
  app.add_option_function<double>(
    "--stop-limit", [&](double s) { into.stop_limit = seconds{s}; },
    "seconds from a cancel to the end of its run (10)");
  app.add_option("--tokens", into.tokens, "events of a run that streams");
  app.add_option("--bulk", into.bulk, "runs of one bulk cancel by ids");
}

void add_graph(settings& into, const std::string& text) {
  auto equals = text.find('=');
  if (equals == text.npos)
    throw CLI::ValidationError{"--graph", "takes ROLE=GRAPH"};
  into.graphs[text.substr(0, equals)] = text.substr(equals + 1);
}

void add_rest(CLI::App& app, settings& into, std::vector<std::string>& urls) {
  app.add_option("url", urls, "http://host:port of one server, or of several");
  app
    .add_option("--scenario", into.scenarios, "only this one; may be repeated")
    ->allow_extra_args(false);
  app.add_flag("--list", into.list, "says what the scenarios are");
  app.add_flag("--smoke", into.smoke, "tiny amounts: only whether it works");
  app
    .add_option_function<std::vector<std::string>>(
      "--graph",
      [&](const std::vector<std::string>& all) {
        for (const auto& each : all)
          add_graph(into, each);
      },
      "trivial=NAME, slow=NAME or tokens=NAME; else those that are known")
    ->allow_extra_args(false);
  app
    .add_option("--header", into.headers,
                "sent with every request, as \"x-api-key: …\"")
    ->allow_extra_args(false);
  app.add_option("--fill", into.fill,
                 "creates threads until there are so many, and ends");
  app.add_option_function<double>(
    "--fill-time", [&](double s) { into.fill_time = seconds{s}; },
    "seconds of that at most (600)");
  app.add_flag("--allow-remote", into.allow_remote,
               "also a server on another machine");
  app.add_flag("!--no-bare", into.bare,
               "without the bare server that the own CPU is held against");
}

} // namespace

target parse_url(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  target result;
  result.url = url;
  if (!url.starts_with(scheme))
    throw std::invalid_argument{result.url + ": only http:// can be loaded"};
  auto rest = url.substr(scheme.size());
  auto slash = rest.find('/');
  set_authority(result, rest.substr(0, slash));
  if (slash != rest.npos)
    result.prefix = rest.substr(slash);
  while (result.prefix.ends_with('/'))
    result.prefix.pop_back();
  return result;
}

bool is_loopback(std::string_view host) {
  boost::system::error_code failed;
  auto address = boost::asio::ip::make_address(host, failed);
  return failed ? host == "localhost" : address.is_loopback();
}

settings read_settings(int argc, char** argv) {
  settings result;
  std::vector<std::string> urls;
  CLI::App app{"Loads Agent Servers, and prints what it found: a line of JSON "
               "for each round. ./bench/load makes the report of it."};
  add_rest(app, result, urls);
  add_amounts(app, result);
  // What is asked for beside --smoke wins over what that means.
  for (int i = 1; i < argc; ++i)
    if (std::string_view{argv[i]} == "--smoke")
      make_small(result);
  try {
    app.parse(argc, argv);
    for (const auto& each : urls)
      result.targets.push_back(parse_url(each));
    check(result);
  } catch (const CLI::ParseError& stop) {
    std::exit(app.exit(stop) == 0 ? 0 : 2);
  } catch (const std::invalid_argument& wrong) {
    std::fprintf(stderr, "heddle_load: %s\n", wrong.what());
    std::exit(2);
  }
  return result;
}

} // namespace heddle::load
