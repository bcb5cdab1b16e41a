#include <cstdio>
#include <heddle/events.hpp>
#include <heddle/open.hpp>

using namespace std::chrono_literals;
using heddle::json_text;

heddle::task<json_text> weave(json_text, heddle::graph::node_context& ctx) {
  for (int row = 1;; ++row) {
    ctx.write(json_text{std::to_string(row)});
    co_await heddle::delay(10ms); // A cancel ends it here.
  }
}

int main() {
  heddle::graph::builder loom;
  loom.channel("cloth").node("weave", weave).entry("weave").finish("weave");
  heddle::open_options what; // In memory, without HTTP.
  what.graphs.emplace("loom", loom.compile().value());
  auto srv = heddle::open(std::move(what)).value();

  heddle::run_create order;
  order.assistant = "loom";
  order.input = json_text{R"({"cloth":"linen"})"};
  order.stream_modes = {"custom"};
  heddle::events news{*srv, std::nullopt, order};
  for (const auto& event : news)
    if (event.data.view() == "3") // Enough: all that runs, stops.
      srv->cancel({heddle::cancel_by_status{true, true}}).get(5s).value();
  std::puts(news.ended() ? "the run is over" : "no end came");
}
