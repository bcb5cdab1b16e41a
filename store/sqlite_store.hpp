#pragma once

#include "store/store.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

namespace heddle {

namespace sqlite {
class connection;
struct environment;
} // namespace sqlite

struct sqlite_options {
  std::size_t readers = 3; ///< OS threads with a connection each.
  /// Ends a bulk slice after so many runs instead of by time, so that a
  /// simulation repeats; 0: by time.
  std::size_t slice_rows_max = 0;
  std::uint32_t pages_max = 0; ///< Size limit in pages of 4 KiB; 0: none.
  /// Triggers that abort what the life cycle forbids. For tests.
  bool ghosts = false;
  /// For the TTL of items; any thread. Empty: the system's clock.
  std::function<timestamp()> clock;
  /// One line about something that went wrong; any thread. Empty: stderr.
  std::function<void(std::string_view)> log;
};

/// The answer of a store that has stopped, or has too much to do.
error store_unavailable();

/// Opens the store in `dir`, or makes a new one there (mode 0700). Blocks.
///
/// Refused, each with one line that names the directory: another server has it
/// open (`errc::conflict`); it holds files but no store of ours, a store of a
/// newer version, or lies on a network file system (`errc::invalid_argument`);
/// it cannot be read or written (`errc::internal`).
result<std::unique_ptr<store>> open_sqlite(const std::filesystem::path& dir,
                                           sqlite_options options = {});

/// The store of tests and of the simulator: the same SQL on a database in
/// memory, where nothing happens until the test says so. There is no second
/// implementation of the rules that could be wrong in its own way.
///
/// Everything runs on the calling OS thread.
class stepped_store final : public store {
public:
  explicit stepped_store(sqlite_options options = {});
  ~stepped_store() override;

  void write(lane where, std::function<void(write_tx&)> op,
             std::function<void(result<commit_number>)> done) override;
  void read(std::function<void(result<read_tx*>)> job) override;
  std::uint64_t marks_begun() const noexcept override;
  /// Commits and reads what is queued.
  void stop() override;

  /// Commits the next write, urgent ones first. @returns false if there is
  /// none.
  bool commit_one();
  /// Commits up to `limit` writes in one transaction. @returns how many.
  std::size_t commit_batch(std::size_t limit);
  /// Runs the reads that are queued now. @returns how many.
  std::size_t run_reads();
  std::size_t queued_writes() const noexcept;
  std::size_t queued_reads() const noexcept;

  /// What a power cut leaves: queued writes and reads are forgotten, nobody is
  /// told.
  void crash();

  /// For tests that look at the rows themselves, or bring their own statements.
  sqlite::connection& database() noexcept;
  sqlite::environment& shared() noexcept;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace heddle
