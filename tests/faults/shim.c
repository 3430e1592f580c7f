// Makes system calls on files below one folder fail, for LD_PRELOAD. The environment selects them:
//   TTP_FAULT_BELOW   the folder
//   TTP_FAULT_ARMED   a file: while it does not exist, no call is counted and none fails
//   TTP_FAULT_CALL    write, sync, rename or open
//   TTP_FAULT_AT      the first call that fails, from 1 on; 0: none fails, calls are only counted
//   TTP_FAULT_ERRNO   the number of the error; 0: the call does nothing and reports success, a lie
//   TTP_FAULT_LASTS   1: all calls from then on fail too; armed: as long as the file TTP_FAULT_ARMED is there
//   TTP_FAULT_SPACE   a file with two numbers: the free MiB of the folder's file system, and all of them
//   TTP_FAULT_TOLD    a file that gets a line for each call: its number, its path, "failed" if it failed
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long calls;
static atomic_int armed;
static __thread int inside;

static const char* setting(const char* name) {
  const char* value = getenv(name);
  return value ? value : "";
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int is_below(const char* path) {
  const char* folder = setting("TTP_FAULT_BELOW");
  return *folder && strncmp(path, folder, strlen(folder)) == 0;
}

static void tell(long number, const char* path, int fails) {
  const char* file = setting("TTP_FAULT_TOLD");
  if (!*file) return;
  const int fd = REAL(open)(file, O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (fd < 0) return;
  char line[PATH_MAX + 64];
  const int length = snprintf(line, sizeof line, "%ld %s%s\n", number, path, fails ? " failed" : "");
  if (REAL(write)(fd, line, (size_t)length) != length) abort();
  close(fd);
}

/// Whether this call must fail; then its error is in errno.
static int fails(const char* call, const char* path) {
  if (inside || strcmp(setting("TTP_FAULT_CALL"), call) != 0 || !is_below(path)) return 0;
  inside = 1;
  if (!armed || strcmp(setting("TTP_FAULT_LASTS"), "armed") == 0)
    armed = access(setting("TTP_FAULT_ARMED"), F_OK) == 0;
  int result = 0;
  if (armed) {
    const long number = ++calls, at = atol(setting("TTP_FAULT_AT"));
    result = at > 0 && (number == at || (number > at && *setting("TTP_FAULT_LASTS")));
    tell(number, path, result);
  }
  inside = 0;
  if (result) errno = atoi(setting("TTP_FAULT_ERRNO"));
  return result;
}

static int fails_on(const char* call, int fd) {
  if (inside) return 0;
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return fails(call, path);
}

/// The result of a failing call: -1, or the value of success if the call lies.
static ssize_t failed(ssize_t success) {
  return errno ? -1 : success;
}

ssize_t write(int fd, const void* data, size_t size) {
  return fails_on("write", fd) ? failed((ssize_t)size) : REAL(write)(fd, data, size);
}
ssize_t pwrite(int fd, const void* data, size_t size, off_t at) {
  return fails_on("write", fd) ? failed((ssize_t)size) : REAL(pwrite)(fd, data, size, at);
}
ssize_t pwrite64(int fd, const void* data, size_t size, off64_t at) {
  return fails_on("write", fd) ? failed((ssize_t)size) : REAL(pwrite64)(fd, data, size, at);
}
int fdatasync(int fd) {
  return fails_on("sync", fd) ? (int)failed(0) : REAL(fdatasync)(fd);
}
int fsync(int fd) {
  return fails_on("sync", fd) ? (int)failed(0) : REAL(fsync)(fd);
}
int sync_file_range(int fd, off64_t at, off64_t bytes, unsigned flags) {
  return fails_on("sync", fd) ? (int)failed(0) : REAL(sync_file_range)(fd, at, bytes, flags);
}
int rename(const char* from, const char* to) {
  return fails("rename", to) ? (int)failed(0) : REAL(rename)(from, to);
}

#define STATVFS(name)                                                          \
  int name(const char* path, struct name* about) {                             \
    const int result = REAL(name)(path, about);                                \
    FILE* file = result == 0 && is_below(path) ? fopen(setting("TTP_FAULT_SPACE"), "r") : NULL; \
    unsigned long available = 0, all = 0;                                      \
    if (file && fscanf(file, "%lu %lu", &available, &all) == 2) {              \
      about->f_frsize = about->f_bsize = 1 << 20;                              \
      about->f_bavail = about->f_bfree = available;                            \
      about->f_blocks = all;                                                   \
    }                                                                          \
    if (file) fclose(file);                                                    \
    return result;                                                             \
  }
STATVFS(statvfs)
STATVFS(statvfs64)

#define OPEN(name)                                                      \
  int name(const char* path, int flags, ...) {                          \
    va_list more;                                                       \
    va_start(more, flags);                                              \
    const mode_t mode = (flags & O_CREAT) ? va_arg(more, mode_t) : 0;   \
    va_end(more);                                                       \
    if ((flags & O_ACCMODE) != O_RDONLY && fails("open", path)) return -1; \
    return REAL(name)(path, flags, mode);                               \
  }
OPEN(open)
OPEN(open64)
