#include "http/answers.hpp"
#include "http/metrics_page.hpp"
#include "http/resources.hpp"

#include <nlohmann/json.hpp>

namespace heddle::http {

namespace {

using json = nlohmann::ordered_json;

reply healthy() {
  return json_reply(R"({"ok":true,"services":{}})");
}

} // namespace

// GET /, GET /ok?check_db=
// 200 while new work is accepted, else 503; 500 if the store does not answer.
void health(const request& req, context& ctx, responder respond) {
  auto check = query_number(req, "check_db", 0);
  if (!check)
    return respond(ctx.failure(check.error()));
  if (!ctx.srv.accepting())
    return respond(problem(503, "The server is shutting down"));
  if (*check == 0)
    return respond(healthy());
  ctx.srv.count_assistants({}, [respond = std::move(respond)](const auto& n) {
    respond(n ? healthy() : problem(500, "The store does not answer"));
  });
}

// GET /info
// 200 what this server is and can do.
void info(const request&, context& ctx, responder respond) {
  json text;
  text["version"] = ctx.opts.version;
  text["langgraph_py_version"] = ctx.opts.graph_library_version;
  text["flags"] = {{"assistants", true},
                   {"crons", false},
                   {"langsmith", false},
                   {"langsmith_tracing_replicas", false},
                   {"langsmith_tracing_session_on_runs", false}};
  text["host"] = {{"kind", "self-hosted"},
                  {"project_id", nullptr},
                  {"host_revision_id", nullptr},
                  {"revision_id", nullptr},
                  {"tenant_id", nullptr}};
  for (const auto& graph : ctx.srv.graphs()) {
    json shown{{"id", graph.id}, {"loaded", graph.loaded}};
    if (!graph.error.empty())
      shown["error"] = graph.error;
    text["graphs"].push_back(std::move(shown));
  }
  respond(json_reply(
    text.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)));
}

// GET /metrics?format=
// 200 Prometheus text, or JSON.
void show_metrics(const request& req, context& ctx, responder respond) {
  auto as_json = req.query.last("format") == "json";
  ctx.srv.metrics([respond = std::move(respond), &ctx,
                   as_json](const result<metrics_snapshot>& now) {
    if (!now)
      return respond(ctx.failure(now.error()));
    if (as_json)
      return respond(json_reply(metrics_json(*now, ctx.counts)));
    auto r = text_reply(200, metrics_text(*now, ctx.counts, ctx.connections));
    r.type = "text/plain; version=1.0.0; charset=utf-8";
    respond(std::move(r));
  });
}

// GET /openapi.json
// 200 the description of what is built, with the graphs that can be named.
void openapi(const request&, context& ctx, responder respond) {
  if (ctx.openapi.empty())
    return respond(problem(404, "Not Found"));
  respond(json_reply(ctx.openapi.naming(ctx.srv.graphs())));
}

// 501 whatever is asked.
void not_built(const request&, context& ctx, responder respond) {
  respond(ctx.failure({errc::not_built,
                       "This route is part of the API, but not built in "
                       "Heddle yet. README lists what is."}));
}

} // namespace heddle::http
