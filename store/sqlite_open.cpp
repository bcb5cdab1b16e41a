#include "store/sqlite_open.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace heddle::sqlite {

namespace {

namespace fs = std::filesystem;

constexpr const char* database_name = "heddle.db";
constexpr const char* lock_name = ".lock";

error refusal(const fs::path& dir, errc code, const std::string& why) {
  return {code, "data directory " + dir.string() + ": " + why};
}

error system_refusal(const fs::path& dir, int number) {
  return refusal(dir, errc::internal, std::generic_category().message(number));
}

/// Holds something, but nothing of ours.
bool is_foreign(const fs::path& dir) {
  if (fs::exists(dir / database_name))
    return false;
  for (const auto& entry : fs::directory_iterator{dir})
    if (entry.path().filename() != lock_name
        && entry.path().filename() != "lost+found")
      return true;
  return false;
}

std::optional<error> make_directory(const fs::path& dir) {
  std::error_code why;
  if (dir.has_parent_path())
    fs::create_directories(dir.parent_path(), why);
  if (::mkdir(dir.c_str(), 0700) != 0 && errno != EEXIST)
    return system_refusal(dir, errno);
  if (!fs::is_directory(dir, why))
    return refusal(dir, errc::invalid_argument, "is not a directory");
  return std::nullopt;
}

/// Makes the name of a file and of the directories above it durable. SQLite
/// syncs what it puts beside its database, but a power cut could take that
/// alone, or the directory as a whole. @returns an error number, or 0.
int sync_names(const fs::path& file) {
  for (auto at = fs::absolute(file).lexically_normal(); at.has_relative_path();
       at = at.parent_path()) {
    auto fd
      = ::open(at.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) // Not ours to read, so not ours to have made.
      return 0;
    auto code = ::fsync(fd) == 0 || errno == EINVAL ? 0 : errno;
    ::close(fd);
    if (code != 0)
      return code;
  }
  return 0;
}

/// @returns an error number, or 0.
int make_database(const fs::path& file) {
  // SQLite gives the mode of this file to those it puts beside it.
  auto fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0)
    return errno;
  auto code = ::fchmod(fd, 0600) == 0 ? 0 : errno;
  ::close(fd);
  // As long as it is empty, a crash may have come before this.
  return code == 0 && fs::file_size(file) == 0 ? sync_names(file) : code;
}

} // namespace

std::optional<const char*> network_file_system(const fs::path& dir) {
  static constexpr std::array<std::pair<std::uint32_t, const char*>, 10> known{{
    {0x6969, "nfs"},
    {0xFF534D42, "cifs"},
    {0xFE534D42, "smb2"},
    {0x517B, "smb"},
    {0x65735546, "fuse"},
    {0x01021997, "9p"},
    {0x5346414F, "afs"},
    {0x564C, "ncp"},
    {0x00C36400, "ceph"},
    {0x01161970, "gfs2"},
  }};
  struct statfs found {};
  if (::statfs(dir.c_str(), &found) != 0)
    return std::nullopt;
  for (auto [magic, name] : known)
    if (static_cast<std::uint32_t>(found.f_type) == magic)
      return name;
  return std::nullopt;
}

result<std::unique_ptr<data_directory>>
data_directory::claim(const fs::path& dir) try {
  if (auto why = make_directory(dir))
    return *why;
  if (auto network = network_file_system(dir))
    return refusal(dir, errc::invalid_argument,
                   std::string{"lies on a network file system ("} + *network
                     + "), where a store cannot be kept safely");
  if (is_foreign(dir))
    return refusal(dir, errc::invalid_argument,
                   "holds files, but none of heddle's; give an empty one");
  if (::chmod(dir.c_str(), 0700) != 0)
    return system_refusal(dir, errno);
  auto lock
    = ::open((dir / lock_name).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0)
    return system_refusal(dir, errno);
  std::unique_ptr<data_directory> out{new data_directory{dir, lock}};
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0)
    return errno == EWOULDBLOCK
             ? refusal(dir, errc::conflict, "is used by another heddle server")
             : system_refusal(dir, errno);
  if (auto number = make_database(out->database()))
    return system_refusal(dir, number);
  return out;
} catch (const fs::filesystem_error& why) {
  return refusal(dir, errc::internal, why.code().message());
}

data_directory::~data_directory() {
  ::close(lock_);
}

fs::path data_directory::database() const {
  return dir_ / database_name;
}

} // namespace heddle::sqlite
