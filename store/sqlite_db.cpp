#include "store/sqlite_db.hpp"

#include <memory>

namespace heddle::sqlite {

void binder::one(std::string_view text) {
  bytes_ += text.size();
  // A null pointer would bind NULL instead of the empty text.
  const auto* data = text.data() == nullptr ? "" : text.data();
  sqlite3_bind_text64(stmt_, ++at_, data, text.size(),
                      copy_ ? SQLITE_TRANSIENT : SQLITE_STATIC, SQLITE_UTF8);
}

void binder::one(blob_view blob) {
  bytes_ += blob.bytes.size();
  const auto* data = blob.bytes.data() == nullptr ? "" : blob.bytes.data();
  sqlite3_bind_blob64(stmt_, ++at_, data, blob.bytes.size(),
                      copy_ ? SQLITE_TRANSIENT : SQLITE_STATIC);
}

void binder::one(const json_text& text) {
  if (text.empty())
    one(nullptr);
  else
    one(text.view());
}

cursor::~cursor() {
  if (stmt_ != nullptr)
    owner_->release(sql_, stmt_);
}

bool cursor::next() {
  auto code = sqlite3_step(stmt_);
  if (code == SQLITE_ROW)
    return true;
  if (code == SQLITE_DONE)
    return false;
  owner_->fail(code);
}

std::string_view cursor::view(int column) const {
  const auto* data
    = static_cast<const char*>(sqlite3_column_blob(stmt_, column));
  auto size = sqlite3_column_bytes(stmt_, column);
  return data == nullptr
           ? std::string_view{}
           : std::string_view{data, static_cast<std::size_t>(size)};
}

json_text cursor::json(int column) const {
  auto text = view(column);
  return text.empty() ? json_text{} : json_text{std::string{text}};
}

std::vector<std::int64_t> numbers_of(cursor rows) {
  std::vector<std::int64_t> out;
  while (rows.next())
    out.push_back(rows.integer(0));
  return out;
}

connection::connection(const std::string& path, int flags) {
  auto code = sqlite3_open_v2(path.c_str(), &db_, flags, nullptr);
  if (code != SQLITE_OK) {
    failure why{code, db_ == nullptr ? "out of memory" : sqlite3_errmsg(db_)};
    sqlite3_close_v2(db_);
    throw why;
  }
  sqlite3_extended_result_codes(db_, 1);
}

connection::~connection() {
  for (auto& [sql, stmts] : idle_)
    for (auto* stmt : stmts)
      sqlite3_finalize(stmt);
  sqlite3_close_v2(db_);
}

void connection::script(const char* sql) {
  auto code = sqlite3_exec(db_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK)
    fail(code);
}

sqlite3_stmt* connection::acquire(const char* sql) {
  auto& waiting = idle_[sql];
  if (!waiting.empty()) {
    auto* stmt = waiting.back();
    waiting.pop_back();
    return stmt;
  }
  sqlite3_stmt* stmt = nullptr;
  auto code = sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt,
                                 nullptr);
  if (code != SQLITE_OK)
    fail(code);
  return stmt;
}

void connection::release(const char* sql, sqlite3_stmt* stmt) noexcept {
  sqlite3_reset(stmt);
  idle_[sql].push_back(stmt);
}

std::int64_t connection::finish(const char* sql, sqlite3_stmt* stmt) {
  int code = SQLITE_ROW;
  while (code == SQLITE_ROW)
    code = sqlite3_step(stmt);
  if (code != SQLITE_DONE) {
    std::string what = sqlite3_errmsg(db_);
    release(sql, stmt);
    throw failure{code, what};
  }
  auto changed = sqlite3_changes64(db_);
  release(sql, stmt);
  return changed;
}

void connection::fail(int code) {
  throw failure{code, sqlite3_errmsg(db_)};
}

} // namespace heddle::sqlite
