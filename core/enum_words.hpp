#pragma once

#include <array>
#include <string_view>

// The words that requests choose from, in the order in which the texts of a
// refusal name them.

namespace heddle::core {

using std::string_view;

inline constexpr std::array<string_view, 4> multitask_words{
  "reject", "rollback", "interrupt", "enqueue"};
inline constexpr std::array<string_view, 2> if_not_exists_words{"create",
                                                                "reject"};
inline constexpr std::array<string_view, 2> on_completion_words{"delete",
                                                                "keep"};
inline constexpr std::array<string_view, 2> on_disconnect_words{"cancel",
                                                                "continue"};
inline constexpr std::array<string_view, 3> durability_words{"sync", "async",
                                                             "exit"};
inline constexpr std::array<string_view, 2> if_exists_words{"raise",
                                                            "do_nothing"};
inline constexpr std::array<string_view, 2> sort_order_words{"asc", "desc"};
inline constexpr std::array<string_view, 2> ttl_words{"delete", "keep_latest"};
inline constexpr std::array<string_view, 3> cancel_status_words{
  "pending", "running", "all"};
inline constexpr std::array<string_view, 4> thread_status_words{
  "idle", "busy", "interrupted", "error"};

} // namespace heddle::core
