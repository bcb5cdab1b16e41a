#pragma once

#include "bench/load_generator/scenario.hpp"

namespace heddle::load {

/// Where a round was: in what it says.
struct place {
  std::size_t server = 0;
  std::size_t round = 0;
  std::size_t connections = 0;
  double rate = 0;
};

// Each prints one line of JSON to stdout.
void print_scenarios();
void print_server(std::size_t index, const target& at, std::string_view info,
                  const graphs& has);
/// CPU in microseconds for a request, of the generator and of the bare server.
void print_bare(double own_us, double server_us, double per_second);
/// `bare_us`: of the bare server, 0 if that was not measured.
void print_round(const scenario& what, const place& where, const tally& found,
                 double bare_us);
void print_fill(std::size_t server, std::size_t threads, const tally& found);

} // namespace heddle::load
