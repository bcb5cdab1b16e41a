#pragma once

#include "heddle/ids.hpp"
#include "heddle/json.hpp"
#include "heddle/time.hpp"

#include <sqlite3.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

// A connection to SQLite: cached prepared statements, typed binding, cursors.
// One OS thread at a time.

namespace heddle::sqlite {

/// What SQLite refused, with its extended result code.
class failure : public std::runtime_error {
public:
  failure(int code, const std::string& what)
    : std::runtime_error(what), code_(code) {}

  /// Extended result code.
  int code() const noexcept { return code_; }
  /// Primary result code: `SQLITE_FULL`, `SQLITE_IOERR`, …
  int kind() const noexcept { return code_ & 0xff; }

private:
  int code_;
};

/// Bytes to be stored as a blob.
struct blob_view {
  std::string_view bytes;
};

/// A prepared statement that can tell how many bytes were bound to it.
class binder {
public:
  binder(sqlite3_stmt* stmt, bool copy) : stmt_(stmt), copy_(copy) {}

  template <class... Args>
  std::uint64_t all(const Args&... args) {
    (one(args), ...);
    return bytes_;
  }

private:
  template <class T>
  requires(std::is_integral_v<T> || std::is_enum_v<T>) void one(T value) {
    sqlite3_bind_int64(stmt_, ++at_, static_cast<std::int64_t>(value));
  }
  void one(std::nullptr_t) { sqlite3_bind_null(stmt_, ++at_); }
  void one(timestamp when) { one(to_micros(when)); }
  void one(std::string_view text);
  void one(const std::string& text) { one(std::string_view{text}); }
  void one(const char* text) { one(std::string_view{text}); }
  void one(blob_view blob);
  void one(const json_text& text);
  template <class Tag>
  void one(const basic_id<Tag>& id) {
    one(blob_view{{reinterpret_cast<const char*>(id.bytes().data()), 16}});
  }
  template <class T>
  void one(const std::optional<T>& value) {
    if (value)
      one(*value);
    else
      one(nullptr);
  }

  sqlite3_stmt* stmt_;
  bool copy_;
  int at_ = 0;
  std::uint64_t bytes_ = 0;
};

class connection;

/// The rows of a query. Ends, and gives the statement back, when destroyed.
class cursor {
public:
  cursor(connection& owner, const char* sql, sqlite3_stmt* stmt)
    : owner_(&owner), sql_(sql), stmt_(stmt) {}
  cursor(const cursor&) = delete;
  cursor& operator=(const cursor&) = delete;
  cursor(cursor&& other) noexcept
    : owner_(other.owner_), sql_(other.sql_),
      stmt_(std::exchange(other.stmt_, nullptr)) {}
  ~cursor();

  /// @returns false after the last row.
  bool next();

  bool is_null(int column) const {
    return sqlite3_column_type(stmt_, column) == SQLITE_NULL;
  }
  std::int64_t integer(int column) const {
    return sqlite3_column_int64(stmt_, column);
  }
  /// Text or blob; valid until the next step.
  std::string_view view(int column) const;
  std::string text(int column) const { return std::string{view(column)}; }
  /// Empty if NULL.
  json_text json(int column) const;
  timestamp time(int column) const { return from_micros(integer(column)); }
  template <class Id>
  Id id(int column) const {
    uuid_bytes bytes{};
    auto raw = view(column);
    if (raw.size() == bytes.size())
      std::memcpy(bytes.data(), raw.data(), bytes.size());
    return Id{bytes};
  }

private:
  connection* owner_;
  const char* sql_;
  sqlite3_stmt* stmt_;
};

/// The first column of the rows that are left.
std::vector<std::int64_t> numbers_of(cursor rows);

/// Statements are cached by the *address* of their text, which must therefore
/// be a literal or live as long as the connection.
class connection {
public:
  connection(const std::string& path, int flags);
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection();

  /// Runs one statement to its end. @returns the number of rows changed.
  template <class... Args>
  std::int64_t run(const char* sql, const Args&... args) {
    auto* stmt = acquire(sql);
    bytes_ += binder{stmt, false}.all(args...);
    return finish(sql, stmt);
  }

  template <class... Args>
  cursor select(const char* sql, const Args&... args) {
    auto* stmt = acquire(sql);
    binder{stmt, true}.all(args...);
    return cursor{*this, sql, stmt};
  }

  /// The first column of the first row, or `fallback`.
  template <class... Args>
  std::int64_t number(std::int64_t fallback, const char* sql,
                      const Args&... args) {
    auto rows = select(sql, args...);
    return rows.next() && !rows.is_null(0) ? rows.integer(0) : fallback;
  }

  /// Runs many statements, uncached: schema, pragmas.
  void script(const char* sql);

  std::int64_t last_id() const { return sqlite3_last_insert_rowid(db_); }
  bool in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }
  /// Bytes bound by `run` so far: how the writer measures a batch.
  std::uint64_t bytes() const noexcept { return bytes_; }
  sqlite3* raw() const noexcept { return db_; }

private:
  friend class cursor;
  sqlite3_stmt* acquire(const char* sql);
  void release(const char* sql, sqlite3_stmt* stmt) noexcept;
  std::int64_t finish(const char* sql, sqlite3_stmt* stmt);
  [[noreturn]] void fail(int code);

  sqlite3* db_ = nullptr;
  std::uint64_t bytes_ = 0;
  /// Idle statements by the address of their text.
  std::unordered_map<const char*, std::vector<sqlite3_stmt*>> idle_;
};

} // namespace heddle::sqlite
