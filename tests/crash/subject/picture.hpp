#pragma once

#include "heddle/server.hpp"
#include "store/sqlite_db.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace heddle::crash {

/// All that a rollback has to bring back of a thread: as the API shows it, and
/// the rows of its checkpoints, values and writes as they are. Its runs stand
/// apart, because they say whether the rest must be the same.
struct picture {
  std::string runs;
  std::string text;
};

/// Rows of the database itself, read beside the server that works on it (or on
/// a database that is at rest).
class database {
public:
  explicit database(const std::filesystem::path& dir);

  /// All columns of all rows, one per line, but for those that hold a time at
  /// which something was done.
  std::string dump();

  /// The rows of a thread in the tables that belong to checkpoints.
  std::string dump_thread(const thread_id& thread);

  /// The same of one table.
  std::string dump_table(const std::string& name) { return table(name, ""); }

  /// What SQLite's own checks and ours on lonely rows find; nothing if all is
  /// well.
  std::vector<std::string> complaints();

  std::int64_t count(const char* sql);

private:
  std::string table(const std::string& name, const std::string& where);

  sqlite::connection db_;
};

/// The runs of a picture alone.
std::string list_runs(server& api, const thread_id& thread);

/// Blocks for the answers.
picture take_picture(server& api, database& rows, const thread_id& thread);

} // namespace heddle::crash
