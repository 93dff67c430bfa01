/* What a process does to the files of a folder, written down or made to fail.

   Preloaded (LD_PRELOAD), with FOLDER the folder (its real path). With TRACE a file: each
   call is appended to it, a line and then the bytes written. With AT a number and FAULT an
   errno, or KILL: the so manieth call fails like that, once. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define FILES 1024

static int known[FILES]; /* 1: a file of the folder, 2: the folder, 3: standard output */
static int trace = -1;
static long calls, at;
static const char *folder, *fault;

static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_open)(const char *, int, ...);

__attribute__((constructor)) static void begin(void) {
  real_write = dlsym(RTLD_NEXT, "write");
  real_open = dlsym(RTLD_NEXT, "open64");
  folder = getenv("FOLDER");
  fault = getenv("FAULT");
  at = getenv("AT") ? atol(getenv("AT")) : 0;
  if (getenv("TRACE")) {
    trace = real_open(getenv("TRACE"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    known[1] = 3;
  }
}

static int mine(const char *path) {
  return folder && strncmp(path, folder, strlen(folder)) == 0;
}

static void note(const void *data, size_t size, const char *form, ...) {
  char line[8192];
  va_list arguments;
  if (trace < 0) return;
  va_start(arguments, form);
  int length = vsnprintf(line, sizeof line, form, arguments);
  va_end(arguments);
  real_write(trace, line, length);
  if (size) real_write(trace, data, size);
}

/* Whether this call fails: errno is set then. */
static int fails(void) {
  if (++calls != at || !fault) return 0;
  if (strcmp(fault, "KILL") == 0) kill(getpid(), SIGKILL);
  errno = atoi(fault);
  return 1;
}

static int opened(int fd, const char *path) {
  if (fd >= 0 && fd < FILES) {
    struct stat found;
    known[fd] = fstat(fd, &found) == 0 && S_ISDIR(found.st_mode) ? 2 : 1;
    note(0, 0, "open %d %s\n", fd, path);
  }
  return fd;
}

int open64(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  if (!mine(path)) return real_open(path, flags, mode);
  if (fails()) return -1;
  return opened(real_open(path, flags, mode), path);
}

int open(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return open64(path, flags, mode);
}

static int kind(int fd) { return fd >= 0 && fd < FILES ? known[fd] : 0; }

int close(int fd) {
  int (*real)(int) = dlsym(RTLD_NEXT, "close");
  if (kind(fd) && kind(fd) < 3) {
    note(0, 0, "close %d\n", fd);
    known[fd] = 0;
  }
  return real(fd);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset) {
  ssize_t (*real)(int, const void *, size_t, off64_t) = dlsym(RTLD_NEXT, "pwrite64");
  if (kind(fd) != 1) return real(fd, data, size, offset);
  if (fails()) return -1;
  ssize_t done = real(fd, data, size, offset);
  if (done > 0) note(data, done, "write %d %lld %zd\n", fd, (long long)offset, done);
  return done;
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset) {
  return pwrite64(fd, data, size, offset);
}

ssize_t write(int fd, const void *data, size_t size) {
  if (kind(fd) == 3) {
    note(data, size, "reply %zu\n", size);
    return real_write(fd, data, size);
  }
  if (kind(fd) != 1) return real_write(fd, data, size);
  off_t offset = lseek(fd, 0, SEEK_CUR);
  if (fails()) return -1;
  ssize_t done = real_write(fd, data, size);
  if (done > 0) note(data, done, "write %d %lld %zd\n", fd, (long long)offset, done);
  return done;
}

int ftruncate64(int fd, off64_t size) {
  int (*real)(int, off64_t) = dlsym(RTLD_NEXT, "ftruncate64");
  if (kind(fd) != 1) return real(fd, size);
  if (fails()) return -1;
  note(0, 0, "truncate %d %lld\n", fd, (long long)size);
  return real(fd, size);
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

static int synced(int fd, const char *name) {
  int (*real)(int) = dlsym(RTLD_NEXT, name);
  if (!kind(fd) || kind(fd) == 3) return real(fd);
  if (fails()) return -1;
  int done = real(fd);
  if (done == 0) note(0, 0, "sync %d\n", fd);
  return done;
}

int fsync(int fd) { return synced(fd, "fsync"); }
int fdatasync(int fd) { return synced(fd, "fdatasync"); }

int unlink(const char *path) {
  int (*real)(const char *) = dlsym(RTLD_NEXT, "unlink");
  if (!mine(path)) return real(path);
  if (fails()) return -1;
  int done = real(path);
  if (done == 0) note(0, 0, "unlink %s\n", path);
  return done;
}

int rename(const char *from, const char *to) {
  int (*real)(const char *, const char *) = dlsym(RTLD_NEXT, "rename");
  if (!mine(to)) return real(from, to);
  if (fails()) return -1;
  int done = real(from, to);
  if (done == 0) note(0, 0, "rename %s %s\n", from, to);
  return done;
}
