#include "tests/crash/subject/client.hpp"
#include "tests/crash/subject/judge.hpp"
#include "tests/crash/subject/script.hpp"

#include <unistd.h>

#include <fstream>
#include <iostream>

// The subject of the crash rigs: a whole server that plays a script and is
// killed somewhere in it, and what judges the directory that is left.
//
//   heddle_crash_subject play    DIR LEDGER SEED [all|hasty]
//   heddle_crash_subject recover DIR LEDGER
//   heddle_crash_subject verify  DIR LEDGER [DUMP]
//
// Exit codes: 0 all is well, 1 promises are broken (one line each), else the
// subject itself could not go on. `verify` writes into DUMP what the store
// holds after one recovery, times left out.

namespace {

using namespace heddle;
using namespace heddle::crash;

int play_script(const char* dir, const char* book_file, std::uint64_t seed,
                const std::string& how) {
  ledger book{book_file};
  house home{dir, book, temper::scripted};
  database rows{dir};
  client by{home, rows, book, seed,
            how == "hasty" ? defect::hasty : defect::none};
  if (how == "all")
    play_all(by);
  else
    play(by);
  book.add({{"t", "done"}});
  if (seed % 2 == 0 || how == "all")
    home.stop();
  _exit(0); // The others end as in a crash.
}

/// Marks of bulk cancels are finished in slices, while the server serves.
bool await_slices(database& rows) {
  for (int i = 0; i < 2000; ++i) {
    if (rows.count("SELECT count(*) FROM bulk") == 0)
      return true;
    usleep(5000);
  }
  return false;
}

int recover(const char* dir, const char* book_file) {
  ledger book{book_file};
  house home{dir, book, temper::absent};
  database rows{dir};
  return await_slices(rows) ? 0 : 5;
}

std::string recover_and_dump(const char* dir, ledger& book, judge* by,
                             std::vector<std::string>& wrong) {
  {
    house home{dir, book, temper::absent};
    database rows{dir};
    if (!await_slices(rows))
      wrong.emplace_back("a bulk cancel is never finished");
    if (by)
      by->look(home.api(), rows);
    for (const auto& line : home.complaints())
      wrong.push_back("logged: " + line);
  }
  database rows{dir};
  for (const auto& line : rows.complaints())
    wrong.push_back(line);
  return rows.dump();
}

/// Everything that was put back goes on to its end.
void live_on(const char* dir, ledger& book, judge& by, const char* book_file,
             std::size_t lines_before, std::vector<std::string>& wrong) {
  house home{dir, book, temper::willing};
  database rows{dir};
  bool over = false;
  for (int i = 0; i < 4000 && !over; ++i) {
    over = rows.count("SELECT count(*) FROM run WHERE status<2 AND cancel IS "
                      "NULL AND due<unixepoch('now','+30 minutes')*1000000")
           == 0;
    if (!over)
      usleep(5000);
  }
  if (!over)
    wrong.emplace_back("what was put back does not end");
  auto lines = read_ledger(book_file);
  lines.erase(lines.begin(),
              lines.begin() + static_cast<std::ptrdiff_t>(lines_before));
  by.look_again(home.api(), rows, lines);
  home.stop();
}

int verify(const char* dir, const char* book_file, const char* dump_file) {
  auto lines = read_ledger(book_file);
  judge by{lines};
  ledger book{book_file};
  std::vector<std::string> wrong;
  auto once = recover_and_dump(dir, book, &by, wrong);
  auto twice = recover_and_dump(dir, book, nullptr, wrong);
  if (once != twice)
    wrong.push_back("a second recovery changes something:\n" + once + "--- to\n"
                    + twice);
  if (dump_file)
    std::ofstream{dump_file} << once;
  live_on(dir, book, by, book_file, lines.size(), wrong);
  wrong.insert(wrong.end(), by.violations().begin(), by.violations().end());
  for (const auto& line : wrong)
    std::cout << line << '\n';
  std::cout << by.facts() << " facts, " << wrong.size() << " violations\n";
  std::cout.flush();
  _exit(wrong.empty() ? 0 : 1);
}

int usage() {
  std::cerr << "see the head of tests/crash/subject/main.cpp\n";
  return 2;
}

} // namespace

int main(int count, char** words) {
  std::string what = count > 3 ? words[1] : "";
  if (what == "play" && count > 4)
    return play_script(words[2], words[3], std::stoull(words[4]),
                       count > 5 ? words[5] : "");
  if (what == "recover")
    return recover(words[2], words[3]);
  if (what == "verify")
    return verify(words[2], words[3], count > 4 ? words[4] : nullptr);
  return usage();
}
