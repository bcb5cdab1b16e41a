#include "http/router.hpp"

#include <algorithm>
#include <utility>

namespace heddle::http {

struct router::node {
  std::vector<std::pair<std::string_view, std::unique_ptr<node>>> names;
  std::unique_ptr<node> param;
  std::vector<const route*> here;
  std::vector<const route*> below; ///< Patterns that end in `*`.

  node* named(std::string_view segment) const {
    for (const auto& [name, child] : names)
      if (name == segment)
        return child.get();
    return nullptr;
  }

  node& at(std::string_view segment) {
    if (segment.front() == '{') {
      if (!param)
        param = std::make_unique<node>();
      return *param;
    }
    if (auto* child = named(segment))
      return *child;
    return *names.emplace_back(segment, std::make_unique<node>()).second;
  }
};

namespace {

using segments = std::span<const std::string_view>;

const route* with_method(const std::vector<const route*>& routes, verb method) {
  for (const auto* r : routes)
    if (r->method == method)
      return r;
  return nullptr;
}

/// One search: the route found, and all that would be with another method.
struct search {
  verb method;
  router::match result;
  std::vector<const route*> others;
  std::size_t depth = 0;

  bool offer(const std::vector<const route*>& routes) {
    result.found = with_method(routes, method);
    if (result.found)
      return true;
    others.insert(others.end(), routes.begin(), routes.end());
    return false;
  }
};

template <class Node>
bool descend(const Node& at, segments path, search& s) {
  if (path.empty())
    return s.offer(at.here);
  if (const auto* child = at.named(path.front()))
    if (descend(*child, path.subspan(1), s))
      return true;
  if (at.param && !path.front().empty()) {
    s.result.params[s.depth++] = path.front();
    if (descend(*at.param, path.subspan(1), s))
      return true;
    --s.depth;
  }
  return s.offer(at.below);
}

std::string allowed_methods(const std::vector<const route*>& routes) {
  std::vector<std::string_view> names;
  for (const auto* r : routes) {
    auto text = boost::beast::http::to_string(r->method);
    names.emplace_back(text.data(), text.size());
    if (r->method == verb::get)
      names.emplace_back("HEAD");
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::string list;
  for (auto name : names)
    list.append(list.empty() ? "" : ", ").append(name);
  return list;
}

} // namespace

router::router(std::span<const route> table)
  : table_(table), root_(std::make_unique<node>()) {
  for (const auto& r : table_)
    add(r);
}

router::~router() = default;

void router::add(const route& r) {
  auto* at = root_.get();
  auto rest = r.pattern.substr(1);
  while (!rest.empty()) {
    auto segment = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(rest.size(), segment.size() + 1));
    if (segment == "*")
      return at->below.push_back(&r);
    at = &at->at(segment);
  }
  at->here.push_back(&r);
}

router::match router::find(verb method, segments path) const {
  search s;
  s.method = method == verb::head ? verb::get : method;
  if (!descend(*root_, path, s))
    s.result.allowed = allowed_methods(s.others);
  s.result.api
    = std::any_of(s.others.begin(), s.others.end(),
                  [](const route* r) { return !r->has(route_trait::meta); });
  if (s.result.found)
    s.result.api = !s.result.found->has(route_trait::meta);
  return std::move(s.result);
}

} // namespace heddle::http
