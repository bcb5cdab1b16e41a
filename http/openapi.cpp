#include "http/openapi.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <iterator>

namespace heddle::http {

namespace {

using json = nlohmann::ordered_json;

/// Every property `graph_id` may be one of these only.
void name_graphs(json& schemas, const json& names) {
  for (auto& schema : schemas) {
    auto properties = schema.find("properties");
    if (properties == schema.end())
      continue;
    auto graph = properties->find("graph_id");
    if (graph != properties->end() && graph->is_object())
      (*graph)["enum"] = names;
  }
}

} // namespace

result<std::string> read_openapi(const std::string& file) {
  if (file.empty())
    return std::string{};
  std::ifstream in{file};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  if (!text.starts_with('{') || !json::accept(text))
    return error{errc::invalid_argument,
                 "cannot read the API description " + file};
  return text;
}

const std::string&
openapi_document::naming(const std::vector<graph_status>& graphs) {
  std::call_once(named_, [&] {
    auto document = json::parse(text_);
    auto names = json::array();
    for (const auto& graph : graphs)
      names.push_back(graph.id);
    auto schemas = json::json_pointer{"/components/schemas"};
    if (!names.empty() && document.contains(schemas))
      name_graphs(document[schemas], names);
    text_ = document.dump(-1, ' ', false, json::error_handler_t::replace);
  });
  return text_;
}

} // namespace heddle::http
