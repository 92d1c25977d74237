#define _GNU_SOURCE
#include "results/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "guardian.h"

enum { MODE = 0644, ATTEMPTS = 100 };

static void release(struct whole_file *file) {
  if (file->descriptor >= 0) close(file->descriptor);
  if (file->temporary) unlink(file->temporary), guardian_file(NULL);
  free(file->temporary);
  free(file->path);
  *file = (struct whole_file){.descriptor = -1};
}

/* The folder of `path`, opened with `flags`; below 0 if it cannot be. */
static int open_folder(const char *path, int flags) {
  char *copy = strdup(path);
  const int descriptor = copy ? open(dirname(copy), flags | O_CLOEXEC, MODE) : -1;
  free(copy);
  return descriptor;
}

/* Creates `<path>.<process>-<attempt>.part`, which nobody has: a killed process of the same number may have left some.
 */
static bool open_named(struct whole_file *file) {
  for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (asprintf(&file->temporary, "%s.%ld-%d.part", file->path, (long)getpid(), attempt) < 0) break;
    file->descriptor = open(file->temporary, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, MODE);
    if (file->descriptor >= 0) return guardian_file(file->temporary), true;
    free(file->temporary);
    file->temporary = NULL;
    if (errno != EEXIST) return false;
  }
  file->temporary = NULL;
  return false;
}

/* An unnamed file in the folder, or else a named one. */
static bool open_hidden(struct whole_file *file) {
  const bool can_link = access("/proc/self/fd", X_OK) == 0; /* how an unnamed file gets its name */
  if (!can_link) return open_named(file);
  file->descriptor = open_folder(file->path, O_TMPFILE | O_WRONLY);
  if (file->descriptor >= 0) return true;
  return (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL) && open_named(file);
}

/* The name that an unnamed file has before it takes another's place. */
static char *staged_name(const char *path) {
  char *name;
  return asprintf(&name, "%s.gradmark-part", path) < 0 ? NULL : name;
}

/* May a file with the staged name be made? Not if it is too long. */
static bool can_be_staged(const char *path) {
  struct stat there;
  char *staged = staged_name(path);
  const bool can = staged && (lstat(staged, &there) == 0 || errno == ENOENT);
  free(staged);
  return can;
}

/* Complains and returns false if no file may be made at `path`. */
static bool may_be_written(const char *path, bool replaces) {
  struct stat there;
  const size_t length = strlen(path);
  if (length == 0 || path[length - 1] == '/') return cli_fail("'%s' does not name a file", path), false;
  const bool exists = lstat(path, &there) == 0;
  if (exists && !replaces) return cli_fail("'%s' exists already; nothing is overwritten", path), false;
  if (exists && !S_ISREG(there.st_mode))
    return cli_fail("'%s' is not a regular file and is not overwritten", path), false;
  const bool may = exists ? access(path, W_OK) == 0 : errno == ENOENT;
  if (may && (!replaces || can_be_staged(path))) return true;
  return cli_fail("'%s' cannot be written: %s", path, strerror(errno)), false;
}

static bool open_to(struct whole_file *file, const char *path, bool replaces) {
  *file = (struct whole_file){.descriptor = -1, .replaces = replaces};
  if (!may_be_written(path, replaces)) return false;
  file->path = strdup(path);
  if (file->path && open_hidden(file)) return true;
  cli_fail("'%s' cannot be written: %s", path, strerror(errno));
  release(file);
  return false;
}

bool whole_file_open(struct whole_file *file, const char *path) { return open_to(file, path, false); }

bool whole_file_open_replacing(struct whole_file *file, const char *path) { return open_to(file, path, true); }

static bool write_all(int descriptor, const char *data, size_t bytes) {
  while (bytes) {
    const ssize_t written = write(descriptor, data, bytes);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    data += written;
    bytes -= (size_t)written;
  }
  return true;
}

static bool sync_file(int descriptor) { return fsync(descriptor) == 0 || errno == EINVAL; }

/* link() and linkat() fail where a file exists: nothing is replaced. */
static bool link_as(const struct whole_file *file, const char *name) {
  if (file->temporary) return link(file->temporary, name) == 0;
  char self[64];
  snprintf(self, sizeof self, "/proc/self/fd/%d", file->descriptor);
  return linkat(AT_FDCWD, self, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
}

/* Waits for others that are about to replace a file in the folder, a second at most. */
static void lock_folder(int folder) {
  for (int attempt = 0; attempt < ATTEMPTS && flock(folder, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK; attempt++)
    usleep(10000);
}

/* With the folder locked, what bears the staged name was left by a program that was killed. */
static bool replace_unnamed(const struct whole_file *file, const char *staged) {
  if (!link_as(file, staged) && (errno != EEXIST || unlink(staged) != 0 || !link_as(file, staged))) return false;
  if (rename(staged, file->path) == 0) return true;
  const int why = errno;
  unlink(staged);
  errno = why;
  return false;
}

static bool publish(const struct whole_file *file, int folder) {
  if (!file->replaces) return link_as(file, file->path);
  if (file->temporary) return rename(file->temporary, file->path) == 0;
  char *staged = staged_name(file->path);
  lock_folder(folder);
  const bool done = staged && replace_unnamed(file, staged);
  const int why = errno;
  flock(folder, LOCK_UN);
  free(staged);
  errno = why;
  return done;
}

static void complain(const struct whole_file *file) {
  cli_fail("'%s' was not written: %s", file->path, strerror(errno));
}

bool whole_file_write(struct whole_file *file, const void *data, size_t bytes) {
  if (write_all(file->descriptor, data, bytes)) return true;
  complain(file);
  release(file);
  return false;
}

bool whole_file_finish(struct whole_file *file, const void *data, size_t bytes) {
  const int folder = open_folder(file->path, O_RDONLY | O_DIRECTORY); /* may fail: it need not be readable */
  const bool done = write_all(file->descriptor, data, bytes) && sync_file(file->descriptor) && publish(file, folder);
  if (!done) complain(file);
  release(file);
  if (folder >= 0) {
    sync_file(folder); /* a sudden loss of power must not undo the name; the data are safe already */
    close(folder);
  }
  return done;
}

void whole_file_abandon(struct whole_file *file) { release(file); }
