#include "app/project.hpp"

#include "app/dotenv.hpp"
#include "app/project_rules.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <utility>

namespace heddle::app {

namespace fs = std::filesystem;

namespace {

using json = nlohmann::ordered_json;

/// An error that ends the reading; caught where the reading begins.
struct refused {
  std::string why;
};

std::string named(std::string_view key) {
  return "\"" + std::string{key} + "\"";
}

std::string string_at(const json& value, const std::string& name) {
  if (!value.is_string())
    throw refused{name + " must be a string"};
  return value.get<std::string>();
}

std::vector<std::string> strings_at(const json& value,
                                    const std::string& name) {
  if (!value.is_array())
    throw refused{name + " must be an array of strings"};
  std::vector<std::string> result;
  for (const auto& each : value)
    result.push_back(string_at(each, "every element of " + name));
  return result;
}

bool bool_at(const json& value, const std::string& name) {
  if (!value.is_boolean())
    throw refused{name + " must be true or false"};
  return value.get<bool>();
}

/// The part of the document at `path`; null if there is none.
const json& at(const json& document, const char* path) {
  static const json none;
  json::json_pointer where{path};
  return document.contains(where) ? document[where] : none;
}

// -- graphs -------------------------------------------------------------------

bool is_javascript(std::string_view file) {
  constexpr std::string_view ends[]
    = {".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx"};
  return std::ranges::any_of(ends,
                             [&](auto end) { return file.ends_with(end); });
}

/// `path` is `file.py:name` or `module.path:name`.
void check_graph_path(const std::string& name, const std::string& path) {
  auto colon = path.rfind(':');
  auto file = path.substr(0, colon);
  if (colon == path.npos || file.empty() || colon + 1 == path.size())
    throw refused{name
                  + " must be \"file.py:variable\" or "
                    "\"module:variable\", not \""
                  + path + "\""};
  if (is_javascript(file))
    throw refused{name + " is a JavaScript graph (" + file
                  + "); Heddle runs Python graphs only so far"};
  if (file.find('/') != file.npos && !file.ends_with(".py"))
    throw refused{name + " names \"" + file + "\", which is no Python file"};
}

std::vector<std::string> read_graphs(const json& graphs) {
  if (!graphs.is_object() || graphs.empty())
    throw refused{"\"graphs\" must name at least one graph"};
  std::vector<std::string> result;
  for (const auto& [id, value] : graphs.items()) {
    auto name = named("graphs." + id);
    if (id.empty())
      throw refused{"a graph in \"graphs\" has an empty name"};
    if (value.is_object()) {
      for (const auto& [key, part] : value.items())
        if (key != "path" && key != "description" && !part.is_null())
          throw refused{name + ": " + named(key)
                        + " is not supported by Heddle yet"};
      if (!value.contains("path"))
        throw refused{name + " has no \"path\""};
      check_graph_path(name, string_at(value["path"], name + " path"));
    } else {
      check_graph_path(name, string_at(value, name));
    }
    result.push_back(id);
  }
  return result;
}

// -- the rest -----------------------------------------------------------------

std::map<std::string, std::string> read_env_file(const fs::path& file) {
  std::ifstream in{file};
  if (!in)
    throw refused{"\"env\" names " + file.string() + ", which cannot be read"};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  auto parsed = parse_dotenv(text);
  if (parsed.has_error())
    throw refused{file.string() + ": " + parsed.error().detail};
  return *parsed;
}

std::map<std::string, std::string> read_env(const json& env,
                                            const fs::path& folder) {
  if (env.is_null())
    return {};
  if (env.is_string())
    return read_env_file(folder / env.get<std::string>());
  if (!env.is_object())
    throw refused{"\"env\" must be an object or the name of a file"};
  std::map<std::string, std::string> result;
  for (const auto& [key, value] : env.items())
    result[key] = string_at(value, named("env." + key));
  return result;
}

/// What `http/` does whatever the file says; it may say the same.
bool is_how_it_is(const std::string& key, const json& value) {
  constexpr std::string_view exposed[]
    = {"content-location", "x-pagination-total", "x-pagination-next"};
  if (key == "allow_methods" || key == "allow_headers")
    return std::ranges::count(strings_at(value, named(key)), "*") > 0;
  if (key == "expose_headers")
    return std::ranges::all_of(
      strings_at(value, named(key)), [&](std::string name) {
        std::ranges::transform(name, name.begin(), [](unsigned char c) {
          return static_cast<char>(std::tolower(c));
        });
        return std::ranges::count(exposed, name) > 0;
      });
  return (key == "max_age" && value == 600)
         || (key == "allow_credentials" && value == false);
}

std::optional<std::vector<std::string>> read_cors(const json& cors) {
  if (cors.is_null())
    return std::nullopt;
  if (!cors.is_object())
    throw refused{"\"http.cors\" must be an object"};
  std::vector<std::string> origins;
  for (const auto& [key, value] : cors.items()) {
    auto name = named("http.cors." + key);
    if (key == "allow_origins")
      origins = strings_at(value, name);
    else if (!value.is_null() && !is_how_it_is(key, value))
      throw refused{name + ": " + value.dump()
                    + " is not supported by Heddle yet"};
  }
  return origins;
}

/// What protects is on already; what opens is for the operator to say.
std::optional<bool> read_webhooks(const json& document) {
  const auto& url = at(document, "/webhooks/url");
  if (!url.is_object())
    return std::nullopt;
  for (auto key : {"disable_loopback", "disable_private_ips"}) {
    auto name = named(std::string{"webhooks.url."} + key);
    if (url.contains(key) && !bool_at(url[key], name))
      throw refused{name
                    + ": false is not taken from the file; use "
                      "--webhook-allow-loopback or "
                      "--webhook-allow-private"};
  }
  return !url.contains("require_https")
         || bool_at(url["require_https"], named("webhooks.url.require_https"));
}

void check_checkpointer(const json& backend) {
  if (!backend.is_null() && backend != "default")
    throw refused{"\"checkpointer.backend\" other than \"default\" is not "
                  "supported by Heddle yet"};
}

project read_document(const json& document, const fs::path& file) {
  project result;
  result.file = file;
  result.graphs = read_graphs(at(document, "/graphs"));
  result.env = read_env(at(document, "/env"), file.parent_path());
  result.cors_origins = read_cors(at(document, "/http/cors"));
  result.webhook_https = read_webhooks(document);
  check_checkpointer(at(document, "/checkpointer/backend"));
  if (const auto& list = at(document, "/dependencies"); !list.is_null())
    strings_at(list, "\"dependencies\"");
  return result;
}

} // namespace

result<project> parse_project(std::string_view text, const fs::path& file) {
  auto prefix = file.string() + ": ";
  try {
    auto document = json::parse(text);
    if (auto why = check_keys(document))
      return error{why->code, prefix + why->detail};
    return read_document(document, file);
  } catch (const refused& it) {
    return error{errc::invalid_argument, prefix + it.why};
  } catch (const json::parse_error& why) {
    return error{errc::invalid_argument,
                 prefix + "not valid JSON at byte " + std::to_string(why.byte)};
  }
}

result<project> read_project(const fs::path& file) {
  std::error_code failed;
  auto whole = fs::weakly_canonical(fs::absolute(file), failed);
  std::ifstream in{whole, std::ios::binary};
  if (failed || fs::is_directory(whole, failed) || !in)
    return error{errc::not_found, "cannot read " + file.string()
                                    + ": name a langgraph.json with --config"};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  return parse_project(text, whole);
}

} // namespace heddle::app
