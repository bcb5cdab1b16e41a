#pragma once

#include "store/sqlite_db.hpp"

namespace heddle::sqlite {

/// Marks a file as ours: `PRAGMA application_id`.
inline constexpr int application_id = 0x48444c31; // "HDL1"

/// The newest schema this program knows.
int schema_version() noexcept;

/// Settings of the one connection that writes. `memory`: no file behind it.
void configure_writer(connection& db, bool memory);
/// Settings of a connection that only reads.
void configure_reader(connection& db);

/// Brings the schema up to date, each numbered step in its own transaction.
/// Throws `std::runtime_error` with one clear line if the database is newer.
void migrate(connection& db);

/// Triggers that abort whatever the life cycle of a run does not allow. For
/// tests: the guards must never let one fire.
void add_ghosts(connection& db);

} // namespace heddle::sqlite
