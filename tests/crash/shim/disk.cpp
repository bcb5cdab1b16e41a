#include "tests/crash/shim/disk.hpp"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace heddle::crash {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t sector = 512;

std::string variable(const char* name) {
  const auto* text = ::getenv(name);
  return text == nullptr ? std::string{} : text;
}

std::uint64_t number(const char* name) {
  return std::strtoull(variable(name).c_str(), nullptr, 10);
}

std::string path_of(int fd) {
  char buffer[4096];
  auto link = "/proc/self/fd/" + std::to_string(fd);
  auto size = ::readlink(link.c_str(), buffer, sizeof buffer);
  return size < 0 ? std::string{}
                  : std::string{buffer, static_cast<std::size_t>(size)};
}

std::string folder_of(const std::string& path) {
  return fs::path{path}.parent_path().string();
}

std::string content_of(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// Not in place: the other OS threads of the process see no rubbish in the
/// moment that is left to them.
void replace(const std::string& path, const std::string& content) {
  auto fresh = path + ".fresh";
  std::ofstream{fresh, std::ios::binary | std::ios::trunc} << content;
  fs::rename(fresh, path);
}

} // namespace

disk& disk::get() {
  static disk one;
  return one;
}

disk::disk()
  : root_(variable("POWER_LOSS_DIR")), at_(number("POWER_LOSS_AT")),
    lies_(number("POWER_LOSS_LIES") != 0), dice_(number("POWER_LOSS_SEED")) {
  // Some disks lose all, some hardly anything, most something.
  constexpr unsigned percents[] = {0, 20, 50, 80, 95, 100};
  keep_percent_ = percents[dice_() % std::size(percents)];
  if (!variable("POWER_LOSS_KEEP").empty())
    keep_percent_ = static_cast<unsigned>(number("POWER_LOSS_KEEP"));
}

disk::~disk() = default;

bool disk::covers(const char* path) const {
  return !root_.empty() && std::string_view{path}.starts_with(root_);
}

bool disk::is_missing(const char* path) const {
  struct stat found {};
  return covers(path) && ::lstat(path, &found) != 0;
}

bool disk::covers(int fd) {
  return find(fd) != nullptr;
}

/// What a file held when it was first met counts as synced, unless the file is
/// new.
disk::file* disk::find(int fd) {
  struct stat found {};
  if (root_.empty() || ::fstat(fd, &found) != 0 || !S_ISREG(found.st_mode))
    return nullptr;
  auto& known = files_[{found.st_dev, found.st_ino}];
  if (!known.is_known) {
    known.is_known = true;
    known.path = path_of(fd);
    if (!covers(known.path.c_str()) || known.path.ends_with("-shm"))
      known.path.clear();
    else
      known.durable = content_of(known.path);
  }
  return known.path.empty() ? nullptr : &known;
}

void disk::step() {
  if (++count_ == at_)
    lose_power();
  if (at_ == 0)
    write_count();
}

/// Each time, for the program may end in a way nobody is told of, and in one
/// piece over what was there, for it may end right here. By system calls: the
/// functions of that name are the shim's.
void disk::write_count() const {
  static const auto file = variable("POWER_LOSS_COUNT");
  static const auto fd = ::syscall(SYS_openat, AT_FDCWD, file.c_str(),
                                   O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0)
    return;
  auto text = std::to_string(count_);
  ::syscall(SYS_pwrite64, fd, text.data(), text.size(), 0); // It only grows.
}

void disk::made(const char* path) {
  made_.emplace_back(path);
}

/// A file that is unlinked may come back: nothing of ours relies on it being
/// gone before its folder is synced. Journals are; SQLite syncs those folders.
void disk::will_unlink(const char* path) {
  std::erase(made_, std::string{path});
  struct stat found {};
  if (::lstat(path, &found) == 0)
    files_.erase({found.st_dev, found.st_ino});
}

void disk::write(int fd, const void* data, std::size_t size, off_t at) {
  find(fd)->changes.push_back(
    {at, std::string{static_cast<const char*>(data), size}, false});
  step(); // It may have arrived in part.
}

void disk::truncate(int fd, off_t size) {
  find(fd)->changes.push_back({size, {}, true});
  step();
}

void disk::sync(int fd) {
  auto* known = find(fd);
  auto path = known ? known->path : path_of(fd);
  // A folder may be outside: the one that holds the root.
  if (!known && !covers(path.c_str()) && path != folder_of(root_))
    return;
  step();
  if (lies_)
    return;
  if (!known) {
    std::erase_if(made_,
                  [&](const auto& one) { return folder_of(one) == path; });
    return;
  }
  for (const auto& one : known->changes) {
    if (one.cut) {
      known->durable.resize(static_cast<std::size_t>(one.at));
      continue;
    }
    auto at = static_cast<std::size_t>(one.at);
    known->durable.resize(
      std::max(known->durable.size(), at + one.bytes.size()));
    known->durable.replace(at, one.bytes.size(), one.bytes);
  }
  known->changes.clear();
}

bool disk::keeps() {
  return dice_() % 100 < keep_percent_;
}

/// Keeps some of the sectors, and of a new length perhaps only some.
void disk::apply(std::string& content, const change& what) {
  if (what.cut) {
    if (keeps())
      content.resize(static_cast<std::size_t>(what.at));
    return;
  }
  auto begin = static_cast<std::size_t>(what.at);
  auto end = begin + what.bytes.size();
  for (auto at = begin; at < end;) {
    auto until = std::min(end, (at / sector + 1) * sector);
    if (keeps()) {
      content.resize(std::max(content.size(), until));
      content.replace(at, until - at, what.bytes, at - begin, until - at);
    }
    at = until;
  }
}

void disk::rewrite(const file& what) {
  auto content = what.durable;
  for (const auto& one : what.changes)
    apply(content, one);
  replace(what.path, content);
}

void disk::lose_power() {
  for (const auto& [key, known] : files_)
    if (!known.path.empty())
      rewrite(known);
  root_.clear(); // From here on nothing is counted.
  for (const auto& [key, known] : files_)
    if (auto shm = known.path + "-shm"; fs::exists(shm)) {
      std::string rubbish(fs::file_size(shm), '\0');
      for (auto& byte : rubbish)
        byte = static_cast<char>(dice_());
      replace(shm, rubbish);
    }
  for (const auto& path : made_)
    if (!keeps()) {
      std::error_code ignored;
      fs::remove_all(path, ignored);
    }
  ::kill(::getpid(), SIGKILL);
  for (;;)
    ::pause();
}

} // namespace heddle::crash
