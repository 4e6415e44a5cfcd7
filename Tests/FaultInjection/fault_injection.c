// Makes the N-th operation on files under a folder fail, or ends the process there.
//
// Loaded with LD_PRELOAD. Settings in the environment:
//   FAULT_PATH   the folder; operations on files elsewhere are left alone
//   FAULT_AT     the number of the operation that fails, from 1; 0 only counts
//   FAULT_KIND   eio, enospc, eintr, short (half of a write, then ENOSPC), kill
//   FAULT_COUNT  how many operations in a row fail, by default 1
//   FAULT_LOG    a file that is given one line for each operation: number, name, descriptor's path
//   FAULT_TRACE  a file that is given what was written and synced, to find what a power failure leaves:
//                'W' path-length offset byte-count path bytes, 'T' path-length size 0 path,
//                'S' path-length 0 0 path, 'R' from-length to-length 0 from to, 'U' path-length 0 0
//                path; numbers are eight bytes, in the machine's order
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *folder;
static const char *kind = "eio";
static long fails_at, fail_count = 1, number;
static int log_file = -1, trace_file = -1;

__attribute__((constructor)) static void start(void) {
  const char *value;
  folder = getenv("FAULT_PATH");
  if ((value = getenv("FAULT_KIND"))) kind = value;
  if ((value = getenv("FAULT_AT"))) fails_at = atol(value);
  if ((value = getenv("FAULT_COUNT"))) fail_count = atol(value);
  const int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
  if ((value = getenv("FAULT_LOG"))) log_file = (int)syscall(SYS_open, value, flags, 0600);
  if ((value = getenv("FAULT_TRACE"))) trace_file = (int)syscall(SYS_open, value, flags, 0600);
}

static int is_ours(const char *path) {
  return folder && strncmp(path, folder, strlen(folder)) == 0;
}

// The path of a descriptor; an empty string when it has none.
static void path_of(int descriptor, char path[PATH_MAX]) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const ssize_t length = readlink(link, path, PATH_MAX - 1);
  path[length < 0 ? 0 : length] = 0;
}

// Counts an operation and says whether it fails.
static int fails(const char *name, const char *path) {
  pthread_mutex_lock(&lock);
  const long current = ++number;
  if (log_file >= 0) {
    char line[PATH_MAX + 64];
    const int length = snprintf(line, sizeof line, "%ld %s %s\n", current, name, path);
    syscall(SYS_write, log_file, line, length);
  }
  pthread_mutex_unlock(&lock);
  const int is_it = fails_at > 0 && current >= fails_at && current < fails_at + fail_count;
  if (is_it && strcmp(kind, "kill") == 0) kill(getpid(), SIGKILL);
  return is_it;
}

static int error_number(void) {
  if (strcmp(kind, "enospc") == 0 || strcmp(kind, "short") == 0) return ENOSPC;
  if (strcmp(kind, "eintr") == 0) return EINTR;
  return EIO;
}

static void trace(char event, uint64_t a, uint64_t b, uint64_t c, const char *first,
                  const void *rest, size_t length) {
  if (trace_file < 0) return;
  pthread_mutex_lock(&lock);
  const uint64_t head[3] = {a, b, c};
  syscall(SYS_write, trace_file, &event, 1);
  syscall(SYS_write, trace_file, head, sizeof head);
  syscall(SYS_write, trace_file, first, strlen(first));
  if (length) syscall(SYS_write, trace_file, rest, length);
  pthread_mutex_unlock(&lock);
}

// Whether a write of so many bytes goes through; `*count` becomes less for a short one.
static int may_write(const char *name, const char *path, size_t *count) {
  if (!is_ours(path)) return 1;
  if (!fails(name, path)) return 1;
  if (strcmp(kind, "short") == 0 && *count > 1) {
    *count /= 2;
    return 1;
  }
  errno = error_number();
  return 0;
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
  char path[PATH_MAX];
  path_of(descriptor, path);
  if (!may_write("write", path, &count)) return -1;
  const off_t offset = is_ours(path) ? (off_t)syscall(SYS_lseek, descriptor, 0, SEEK_CUR) : 0;
  const ssize_t written = syscall(SYS_write, descriptor, bytes, count);
  if (written > 0 && is_ours(path))
    trace('W', strlen(path), offset, written, path, bytes, written);
  return written;
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
  char path[PATH_MAX];
  path_of(descriptor, path);
  if (!may_write("pwrite", path, &count)) return -1;
  const ssize_t written = syscall(SYS_pwrite64, descriptor, bytes, count, offset);
  if (written > 0 && is_ours(path))
    trace('W', strlen(path), offset, written, path, bytes, written);
  return written;
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off_t offset) {
  return pwrite(descriptor, bytes, count, offset);
}

static int synchronize(const char *name, long call, int descriptor) {
  char path[PATH_MAX];
  path_of(descriptor, path);
  if (is_ours(path) && fails(name, path)) {
    errno = error_number();
    return -1;
  }
  const int result = (int)syscall(call, descriptor);
  if (result == 0 && is_ours(path)) trace('S', strlen(path), 0, 0, path, 0, 0);
  return result;
}

int fsync(int descriptor) { return synchronize("fsync", SYS_fsync, descriptor); }

int fdatasync(int descriptor) { return synchronize("fdatasync", SYS_fdatasync, descriptor); }

int ftruncate(int descriptor, off_t length) {
  char path[PATH_MAX];
  path_of(descriptor, path);
  if (is_ours(path) && fails("ftruncate", path)) {
    errno = error_number();
    return -1;
  }
  const int result = (int)syscall(SYS_ftruncate, descriptor, length);
  if (result == 0 && is_ours(path)) trace('T', strlen(path), length, 0, path, 0, 0);
  return result;
}

int ftruncate64(int descriptor, off_t length) { return ftruncate(descriptor, length); }

int posix_fallocate(int descriptor, off_t offset, off_t length) {
  char path[PATH_MAX];
  path_of(descriptor, path);
  if (is_ours(path) && fails("fallocate", path)) return error_number();
  return syscall(SYS_fallocate, descriptor, 0, offset, length) == 0 ? 0 : errno;
}

int posix_fallocate64(int descriptor, off_t offset, off_t length) {
  return posix_fallocate(descriptor, offset, length);
}

int unlink(const char *path) {
  if (is_ours(path) && fails("unlink", path)) {
    errno = error_number();
    return -1;
  }
  const int result = (int)syscall(SYS_unlink, path);
  if (result == 0 && is_ours(path)) trace('U', strlen(path), 0, 0, path, 0, 0);
  return result;
}

int rename(const char *from, const char *to) {
  if (is_ours(from) && fails("rename", from)) {
    errno = error_number();
    return -1;
  }
  const int result = (int)syscall(SYS_rename, from, to);
  if (result == 0 && is_ours(from))
    trace('R', strlen(from), strlen(to), 0, from, to, strlen(to));
  return result;
}
