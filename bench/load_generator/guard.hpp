#pragma once

#include "bench/load_generator/client.hpp"

namespace heddle::load {

/// Counts what an operation throws, and leaves its connections: what may still
/// come on them belongs to it. @returns whether it went well.
template <class Act>
task<bool> guarded(client& c, Act act) {
  try {
    co_await act();
    co_return true;
  } catch (const unsupported& why) {
    c.out.unsupported = why.what();
  } catch (const std::exception& why) {
    c.out.fail(why.what());
  }
  c.main.close();
  c.aside.close();
  co_return false;
}

} // namespace heddle::load
