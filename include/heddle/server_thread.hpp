#pragma once

namespace heddle::inline v0 {

namespace detail {

/// Set by the OS threads of a server, once, when they start.
inline thread_local bool is_server_thread = false;

} // namespace detail

/// Whether the caller is an OS thread that some server of this process started
/// for itself. Callbacks and sinks are called on such threads: what would wait
/// for a server there might wait for itself, and is refused instead.
inline bool on_server_thread() noexcept {
  return detail::is_server_thread;
}

} // namespace heddle::inline v0
