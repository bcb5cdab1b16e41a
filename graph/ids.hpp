#pragma once

#include "graph/randomness.hpp"
#include "heddle/time.hpp"

#include <compare>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace heddle::graph {

/// A version 4 UUID.
std::string random_uuid(randomness& chance);

/// A version 6 UUID of `when`, and later than the checkpoint `after` (or any,
/// if empty), so that ids sort in the order of their making.
std::string checkpoint_uuid(timestamp when, std::string_view after,
                            std::int64_t step, randomness& chance);

/// When a checkpoint with that id was made; the epoch if it is none of ours.
timestamp time_of(std::string_view checkpoint);

/// A UUID that is the same for the same parts: of a task in a checkpoint.
std::string task_uuid(std::string_view checkpoint,
                      std::initializer_list<std::string_view> parts);

/// 32 hexadecimal digits: the id of a task's interrupt after so many answers.
std::string interrupt_id(std::string_view task_namespace, std::size_t answered);
bool is_interrupt_id(std::string_view text) noexcept;

/// The version of a channel's value: a number that grows, and 64 random bits,
/// so that a fork never meets an old version with another value.
struct version {
  std::uint64_t number = 0; ///< 0: none.
  std::uint64_t random = 0;

  auto operator<=>(const version&) const = default;

  std::string str() const;
  static version parse(std::string_view text);
};

} // namespace heddle::graph
