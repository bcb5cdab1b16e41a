// A disk that loses its power, to be preloaded (LD_PRELOAD) into a program.
//
// Under the folder $POWER_LOSS_DIR it counts what a program does to files. At
// the count $POWER_LOSS_AT it makes the folder what a disk may hold after a
// power cut there, and kills the process: of everything that was not synced,
// each sector is kept or dropped, by $POWER_LOSS_SEED (and if it is set, with
// $POWER_LOSS_KEEP in 100). So are lengths of files, and the names of files
// that are new in a folder that was not synced. What was synced stays. With
// $POWER_LOSS_LIES=1 no sync does anything: a disk that lies, to see that the
// loss is found.
//
// If the program ends first, the count is written to $POWER_LOSS_COUNT.
//
// Memory that is mapped is not seen: the store maps only its `-shm`, which
// SQLite makes anew after a crash; here it is filled with rubbish.

#include "tests/crash/shim/disk.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdarg>

using heddle::crash::disk;

namespace {

template <class F>
F next(const char* name) {
  return reinterpret_cast<F>(::dlsym(RTLD_NEXT, name));
}

mode_t mode_of(int flags, va_list rest) {
  return (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
}

} // namespace

extern "C" {

int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  auto mode = mode_of(flags, rest);
  va_end(rest);
  static auto real = next<int (*)(const char*, int, ...)>("open64");
  auto held = disk::get().lock();
  bool makes = (flags & O_CREAT) != 0 && disk::get().is_missing(path);
  if (makes)
    disk::get().step();
  int fd = real(path, flags, mode);
  if (makes && fd >= 0)
    disk::get().made(path);
  return fd;
}

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  auto mode = mode_of(flags, rest);
  va_end(rest);
  return open64(path, flags, mode);
}

int mkdir(const char* path, mode_t mode) noexcept {
  static auto real = next<int (*)(const char*, mode_t)>("mkdir");
  auto held = disk::get().lock();
  bool makes = disk::get().is_missing(path);
  if (makes)
    disk::get().step();
  int code = real(path, mode);
  if (makes && code == 0)
    disk::get().made(path);
  return code;
}

int unlink(const char* path) noexcept {
  static auto real = next<int (*)(const char*)>("unlink");
  auto held = disk::get().lock();
  if (disk::get().covers(path)) {
    disk::get().step();
    disk::get().will_unlink(path);
  }
  return real(path);
}

ssize_t pwrite64(int fd, const void* data, size_t size, off64_t at) {
  static auto real
    = next<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
  auto held = disk::get().lock();
  if (disk::get().covers(fd))
    disk::get().write(fd, data, size, at);
  return real(fd, data, size, at);
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t at) {
  return pwrite64(fd, data, size, at);
}

int ftruncate64(int fd, off64_t size) noexcept {
  static auto real = next<int (*)(int, off64_t)>("ftruncate64");
  auto held = disk::get().lock();
  if (disk::get().covers(fd))
    disk::get().truncate(fd, size);
  return real(fd, size);
}

int ftruncate(int fd, off_t size) noexcept {
  return ftruncate64(fd, size);
}

int fdatasync(int fd) {
  static auto real = next<int (*)(int)>("fdatasync");
  auto held = disk::get().lock();
  disk::get().sync(fd);
  return real(fd);
}

int fsync(int fd) {
  static auto real = next<int (*)(int)>("fsync");
  auto held = disk::get().lock();
  disk::get().sync(fd);
  return real(fd);
}

} // extern "C"
