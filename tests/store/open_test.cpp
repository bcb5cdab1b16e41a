#include "tests/store/fixture.hpp"

#include <sys/stat.h>

#include <fstream>

// Opening a data directory: what is made, and what is refused.

using namespace heddle;
using namespace heddle::test;

namespace {

std::string refusal(const std::filesystem::path& dir) {
  auto opened = open_sqlite(dir, quiet());
  return opened.has_error() ? opened.error().detail : "";
}

void script(const std::filesystem::path& file, const char* sql) {
  sqlite::connection db{file.string(),
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE};
  db.script(sql);
}

mode_t mode_of(const std::filesystem::path& path) {
  struct stat found {};
  REQUIRE(::stat(path.c_str(), &found) == 0);
  return found.st_mode & 0777;
}

} // namespace

TEST_CASE("a new data directory is private, an old one is found again",
          "[store]") {
  temp_directory dir;
  auto data = dir.path() / "deep" / "data";
  {
    auto opened = open_sqlite(data, quiet());
    REQUIRE(opened.has_value());
    CHECK(mode_of(data) == 0700);
    for (const auto& entry : std::filesystem::directory_iterator{data})
      CHECK(mode_of(entry.path()) == 0600);
  }
  CHECK(refusal(data).empty());
}

TEST_CASE("a second server on the directory is refused", "[store]") {
  temp_directory dir;
  auto first = open_sqlite(dir.path() / "d", quiet());
  REQUIRE(first.has_value());
  auto second = open_sqlite(dir.path() / "d", quiet());
  REQUIRE(second.has_error());
  CHECK(second.error().code == errc::conflict);
  CHECK(second.error().detail
        == "data directory " + (dir.path() / "d").string()
             + ": is used by another heddle server");
  first->reset();
  CHECK(refusal(dir.path() / "d").empty());
}

TEST_CASE("a directory that is not ours is refused, and left alone",
          "[store]") {
  temp_directory dir;
  std::ofstream{dir.path() / "thesis.txt"} << "all of it";
  CHECK_THAT(refusal(dir.path()), Contains("none of heddle's"));
  CHECK_FALSE(std::filesystem::exists(dir.path() / "heddle.db"));
  CHECK_FALSE(std::filesystem::exists(dir.path() / ".lock"));
  CHECK_THAT(refusal(dir.path() / "thesis.txt"),
             Contains("is not a directory"));
}

TEST_CASE("a database of somebody else, or garbage, is refused", "[store]") {
  temp_directory dir;
  script(dir.path() / "heddle.db", "CREATE TABLE cats(name)");
  CHECK_THAT(refusal(dir.path()), Contains("not heddle's"));
  temp_directory other;
  std::ofstream{other.path() / "heddle.db"} << std::string(5000, 'x');
  CHECK_THAT(refusal(other.path()), Contains("cannot be used"));
  CHECK_THAT(refusal(other.path()), !Contains("\n"));
}

TEST_CASE("a newer database is refused, and left alone", "[store]") {
  temp_directory dir;
  auto data = dir.path() / "d";
  REQUIRE(refusal(data).empty());
  script(data / "heddle.db", "PRAGMA user_version=999");
  CHECK_THAT(refusal(data), Contains("newer version of heddle (schema 999"));
  sqlite::connection db{(data / "heddle.db").string(), SQLITE_OPEN_READONLY};
  CHECK(db.number(0, "PRAGMA user_version") == 999);
}
