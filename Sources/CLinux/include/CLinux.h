// What Swift's Glibc module does not offer: headers it leaves out, functions it hides behind
// _GNU_SOURCE, and macros that are not plain constants. No logic.
#ifndef HOOKLINE_CLINUX_H
#define HOOKLINE_CLINUX_H

#include <malloc.h>
#include <netdb.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>

// Declared again because the Glibc module was built without _GNU_SOURCE.
extern int accept4(int, struct sockaddr *, socklen_t *, int);
extern int pipe2(int[2], int);
extern int pthread_setname_np(pthread_t, const char *);
extern long syscall(long, ...);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);

static inline int clinux_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags) {
  return accept4(fd, address, length, flags);
}

static inline int clinux_pipe2(int descriptors[2], int flags) {
  return pipe2(descriptors, flags);
}

static inline ssize_t clinux_getrandom(void *buffer, size_t length, unsigned flags) {
  return getrandom(buffer, length, flags);
}

static inline int clinux_set_thread_name(const char *name) {
  return pthread_setname_np(pthread_self(), name);
}

static inline int clinux_spawn_close_from(posix_spawn_file_actions_t *actions, int first) {
  return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

static inline int clinux_pidfd_open(pid_t process) {
  return (int)syscall(SYS_pidfd_open, process, 0);
}

// pthread_t is an integer on Linux, but POSIX does not promise it, so Swift is given a word.
static inline unsigned long clinux_current_thread(void) {
  return (unsigned long)pthread_self();
}

// Blocks of at least so many bytes are mapped, and given back when they are freed. 1 is success.
static inline int clinux_map_blocks_from(int byte_count) {
  return mallopt(M_MMAP_THRESHOLD, byte_count);
}

// Enumerators that import as differing Swift types.
enum {
  CLINUX_SOCK_STREAM = SOCK_STREAM,
  CLINUX_SOCK_NONBLOCK = SOCK_NONBLOCK,
  CLINUX_SOCK_CLOEXEC = SOCK_CLOEXEC,
  CLINUX_MSG_NOSIGNAL = MSG_NOSIGNAL,
  CLINUX_SHUT_RD = SHUT_RD,
  CLINUX_SHUT_WR = SHUT_WR,
  CLINUX_EPOLL_CLOEXEC = EPOLL_CLOEXEC,
  CLINUX_EFD_CLOEXEC = EFD_CLOEXEC,
  CLINUX_EFD_NONBLOCK = EFD_NONBLOCK,
};

#endif
