// A Python graph in a server in a C++ program: worker processes run it.
//
//   python <langgraph.json> [<interpreter with langgraph>]

#include <heddle/events.hpp>
#include <heddle/open.hpp>

#include <csignal>
#include <cstdio>

int main(int argc, char** argv) {
  if (argc < 2)
    return 2;
  // First of all: this forks, and what follows has OS threads.
  auto host = heddle::worker_host::start().value();
  std::signal(SIGPIPE, SIG_IGN);
  heddle::python_workers python{std::move(host), argv[1], {"chat"}};
  if (argc > 2)
    python.python = argv[2];
  heddle::open_options what;
  what.python = std::move(python);
  auto srv = heddle::open(std::move(what)).value();

  heddle::run_create order;
  order.assistant = "chat";
  order.input = heddle::json_text{
    R"({"messages":[{"role":"user","content":"What is 6*7?"}]})"};
  order.stream_modes = {"updates"};
  heddle::events news{*srv, std::nullopt, order};
  for (const auto& event : news)
    std::printf("%s %s\n", event.name.c_str(), event.data.str().c_str());
  std::puts(news.ended() ? "the run is over" : "no end came");
}
