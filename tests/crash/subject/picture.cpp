#include "tests/crash/subject/picture.hpp"

#include "heddle/render.hpp"
#include "tests/crash/subject/house.hpp"

#include <algorithm>
#include <array>
#include <regex>
#include <set>

namespace heddle::crash {

namespace {

constexpr std::array tables{
  "meta",       "assistant",  "thread", "thread_body", "run",  "run_body",
  "checkpoint", "early_view", "value",  "write",       "live", "event",
  "event_end",  "outbox",     "bulk",   "leaf",        "item"};

/// Every table whose rows belong to a run, and a thread's rows to their thread.
constexpr std::array lonely{
  "SELECT count(*) FROM checkpoint WHERE run<>0 AND run NOT IN (SELECT n FROM "
  "run)",
  "SELECT count(*) FROM value WHERE run<>0 AND run NOT IN (SELECT n FROM run)",
  "SELECT count(*) FROM write WHERE run<>0 AND run NOT IN (SELECT n FROM run)",
  "SELECT count(*) FROM live WHERE run<>0 AND run NOT IN (SELECT n FROM run)",
  "SELECT count(*) FROM event WHERE run NOT IN (SELECT n FROM run)",
  "SELECT count(*) FROM event_end WHERE run NOT IN (SELECT n FROM run)",
  "SELECT count(*) FROM run_body WHERE n NOT IN (SELECT n FROM run)",
  "SELECT count(*) FROM run WHERE n NOT IN (SELECT n FROM run_body)",
  "SELECT count(*) FROM run WHERE thread NOT IN (SELECT n FROM thread)",
  "SELECT count(*) FROM checkpoint WHERE thread NOT IN (SELECT n FROM thread)",
  "SELECT count(*) FROM value WHERE thread NOT IN (SELECT n FROM thread)",
  "SELECT count(*) FROM write WHERE thread NOT IN (SELECT n FROM thread)",
  "SELECT count(*) FROM thread WHERE n NOT IN (SELECT n FROM thread_body)",
  "SELECT count(*) FROM thread_body WHERE n NOT IN (SELECT n FROM thread)",
  "SELECT count(*) FROM run WHERE status=1",
  "SELECT count(*) FROM run WHERE status=0 AND cancel IS NULL AND head=0 AND "
  "thread NOT IN (SELECT thread FROM run WHERE status=0 AND head=1)",
};

/// The body of a webhook says when its run ended: with the recovery, if that
/// carried out a cancel.
std::string without_times(const std::string& line) {
  static const std::regex times{
    R"re("(run_ended_at|webhook_sent_at|updated_at)":"[^"]*")re"};
  return std::regex_replace(line, times, "");
}

bool is_time_of_doing(const std::string& table, std::string_view column) {
  return column == "updated" || column == "due" || column == "state_updated"
         || (column == "at" && table != "live");
}

} // namespace

database::database(const std::filesystem::path& dir)
  : db_((dir / "heddle.db").string(),
        SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX) {
  sqlite3_db_config(db_.raw(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_busy_timeout(db_.raw(), 5000);
}

std::string database::table(const std::string& name, const std::string& where) {
  // Not through the connection's cache, which knows statements by address.
  auto sql = "SELECT * FROM " + name + " " + where;
  sqlite3_stmt* stmt = nullptr;
  if (sqlite3_prepare_v2(db_.raw(), sql.c_str(), -1, &stmt, nullptr)
      != SQLITE_OK)
    throw std::runtime_error{sqlite3_errmsg(db_.raw())};
  std::vector<std::string> lines;
  while (sqlite3_step(stmt) == SQLITE_ROW) {
    std::string line;
    for (int i = 0; i < sqlite3_column_count(stmt); ++i) {
      if (is_time_of_doing(name, sqlite3_column_name(stmt, i)))
        continue;
      const auto* bytes
        = static_cast<const char*>(sqlite3_column_blob(stmt, i));
      auto size = static_cast<std::size_t>(sqlite3_column_bytes(stmt, i));
      line += '|';
      for (auto c : std::string_view{bytes ? bytes : "", bytes ? size : 0})
        if (c >= ' ' && c <= '~')
          line += c;
        else
          line += "\\" + std::to_string(static_cast<unsigned char>(c));
    }
    if (name == "outbox")
      line = without_times(line);
    lines.push_back(line + '\n');
  }
  sqlite3_finalize(stmt);
  std::ranges::sort(lines);
  std::string result = name + ":\n";
  for (const auto& line : lines)
    result += line;
  return result;
}

std::string database::dump() {
  db_.script("BEGIN");
  std::string result;
  for (const auto* name : tables)
    result += table(name, "");
  db_.script("COMMIT");
  return result;
}

std::string database::dump_thread(const thread_id& thread) {
  std::string hex;
  for (auto byte : thread.bytes()) {
    constexpr auto digits = "0123456789abcdef";
    hex += {digits[byte >> 4U], digits[byte & 15U]};
  }
  auto where = "WHERE thread=(SELECT n FROM thread WHERE id=x'" + hex + "')";
  std::string result;
  for (const auto* name : {"checkpoint", "value", "write", "live"})
    result += table(name, where);
  return result;
}

std::vector<std::string> database::complaints() {
  std::vector<std::string> result;
  auto check = db_.select("PRAGMA integrity_check");
  while (check.next())
    if (auto text = check.text(0); text != "ok")
      result.push_back("integrity_check: " + text);
  auto keys = db_.select("PRAGMA foreign_key_check");
  while (keys.next())
    result.push_back("foreign_key_check: " + keys.text(0));
  for (const auto* sql : lonely)
    if (db_.number(0, sql) != 0)
      result.push_back(std::string{"rows that nothing accounts for: "} + sql);
  return result;
}

std::int64_t database::count(const char* sql) {
  return db_.number(0, sql);
}

namespace {

std::string text_of(const result<json_text>& got) {
  return got.has_error() ? "refused: " + got.error().detail : got->str();
}

std::string thread_text(server& api, const thread_id& thread) {
  auto got = await<thread_record>(
    "get_thread", [&](auto done) { api.get_thread(thread, std::move(done)); });
  if (got.has_error())
    return "refused: " + got.error().detail;
  // Its metadata and config are not rolled back: docs/cancel.md.
  return to_json(*got, {"thread_id", "created_at", "status", "values",
                        "interrupts", "error", "state_updated_at"});
}

} // namespace

namespace {

std::vector<run_record> runs_of(server& api, const thread_id& thread) {
  auto runs = await<std::vector<run_record>>("list_runs", [&](auto done) {
    api.list_runs({thread, {}, 1000, 0}, std::move(done));
  });
  return runs.has_value() ? std::move(*runs) : std::vector<run_record>{};
}

} // namespace

std::string list_runs(server& api, const thread_id& thread) {
  std::set<std::string> ids;
  for (const auto& run : runs_of(api, thread))
    ids.insert(run.id.str());
  std::string result;
  for (const auto& id : ids)
    result += id + ' ';
  return result;
}

picture take_picture(server& api, database& rows, const thread_id& thread) {
  picture result{list_runs(api, thread), {}};
  for (const auto& run : runs_of(api, thread))
    result.text += to_json(run) + '\n';
  result.text += thread_text(api, thread) + '\n';
  result.text
    += text_of(await<json_text>(
         "get_state",
         [&](auto done) { api.get_state(thread, {}, std::move(done)); }))
       + '\n';
  history_search all;
  all.limit = 1000;
  result.text
    += text_of(await<json_text>(
         "get_history",
         [&](auto done) { api.get_history(thread, all, std::move(done)); }))
       + '\n';
  result.text += rows.dump_thread(thread);
  return result;
}

} // namespace heddle::crash
