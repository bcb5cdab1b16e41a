#include "graph/ids.hpp"

#include "heddle/ids.hpp"

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <mutex>
#include <random>

namespace heddle::graph {

namespace {

/// Between the start of the Gregorian calendar and 1970, in 100 ns.
constexpr std::uint64_t gregorian = 0x01B21DD213814000ULL;

uuid_bytes bytes_of(std::uint64_t high, std::uint64_t low) {
  uuid_bytes made{};
  for (std::size_t i = 0; i < 8; ++i) {
    made[i] = static_cast<std::uint8_t>(high >> (56 - 8 * i));
    made[i + 8] = static_cast<std::uint8_t>(low >> (56 - 8 * i));
  }
  return made;
}

constexpr std::uint64_t variant(std::uint64_t low) {
  return (low & 0x3FFFFFFFFFFFFFFFULL) | 0x8000000000000000ULL;
}

/// The ticks of a version 6 UUID; 0 if it is none.
std::uint64_t ticks_of(std::string_view text) {
  auto bytes = parse_uuid(text);
  if (!bytes || (*bytes)[6] >> 4 != 6)
    return 0;
  std::uint64_t high = 0;
  for (std::size_t i = 0; i < 8; ++i)
    high = high << 8 | (*bytes)[i];
  return (high >> 16) << 12 | (high & 0xFFF);
}

uuid_bytes hashed(std::string_view space, std::string_view name) {
  boost::uuids::uuid in{};
  if (auto bytes = parse_uuid(space))
    std::copy(bytes->begin(), bytes->end(), in.begin());
  auto made = boost::uuids::name_generator_sha1{in}(name.data(), name.size());
  uuid_bytes bytes{};
  std::copy(made.begin(), made.end(), bytes.begin());
  return bytes;
}

class system_source final : public randomness {
public:
  std::uint64_t bits() override {
    std::lock_guard lock{mutex_};
    return generator_();
  }

  timestamp now() override {
    return std::chrono::time_point_cast<std::chrono::microseconds>(
      std::chrono::system_clock::now());
  }

private:
  static std::mt19937_64 seeded() {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device(),
                       device(), device(), device(), device()};
    return std::mt19937_64{seed};
  }

  std::mutex mutex_;
  std::mt19937_64 generator_ = seeded();
};

} // namespace

std::shared_ptr<randomness> system_randomness() {
  return std::make_shared<system_source>();
}

std::string random_uuid(randomness& chance) {
  auto high = (chance.bits() & ~0xF000ULL) | 0x4000ULL;
  return format_uuid(bytes_of(high, variant(chance.bits())));
}

std::string checkpoint_uuid(timestamp when, std::string_view after,
                            std::int64_t step, randomness& chance) {
  auto ticks = static_cast<std::uint64_t>(to_micros(when)) * 10 + gregorian
               + chance.bits() % 10;
  ticks = std::max(ticks, ticks_of(after) + 1);
  auto high = (ticks >> 12) << 16 | 0x6000ULL | (ticks & 0xFFF);
  auto sequence = static_cast<std::uint64_t>(step) & 0x3FFF;
  auto low = sequence << 48 | (chance.bits() & 0xFFFFFFFFFFFFULL);
  return format_uuid(bytes_of(high, variant(low)));
}

timestamp time_of(std::string_view checkpoint) {
  auto ticks = ticks_of(checkpoint);
  if (ticks < gregorian)
    return {};
  return from_micros(static_cast<std::int64_t>((ticks - gregorian) / 10));
}

std::string task_uuid(std::string_view checkpoint,
                      std::initializer_list<std::string_view> parts) {
  std::string name;
  for (auto part : parts)
    name.append(part).push_back('\0');
  return format_uuid(hashed(checkpoint, name));
}

std::string interrupt_id(std::string_view task_namespace,
                         std::size_t answered) {
  std::string name{task_namespace};
  if (answered > 0)
    name += "|" + std::to_string(answered);
  auto text = format_uuid(hashed({}, name));
  std::erase(text, '-');
  return text;
}

bool is_interrupt_id(std::string_view text) noexcept {
  return text.size() == 32
         && text.find_first_not_of("0123456789abcdef")
              == std::string_view::npos;
}

std::string version::str() const {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%020llu.%016llx",
                static_cast<unsigned long long>(number),
                static_cast<unsigned long long>(random));
  return text.data();
}

version version::parse(std::string_view text) {
  version read;
  auto dot = std::min(text.find('.'), text.size());
  std::from_chars(text.data(), text.data() + dot, read.number);
  if (dot < text.size())
    std::from_chars(text.data() + dot + 1, text.data() + text.size(),
                    read.random, 16);
  return read;
}

} // namespace heddle::graph
