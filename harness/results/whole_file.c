#define _GNU_SOURCE
#include "results/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

enum { MODE = 0644 };

static void forget(struct whole_file *file) {
  if (file->descriptor >= 0) close(file->descriptor);
  if (file->temporary) unlink(file->temporary);
  free(file->temporary);
  free(file->path);
  *file = (struct whole_file){.descriptor = -1};
}

/* An unnamed file in the folder of `path`, or else one named `<path>.<process>.part`. */
static bool open_hidden(struct whole_file *file) {
  char *copy = strdup(file->path);
  if (!copy) return false;
  const bool can_appear = access("/proc/self/fd", X_OK) == 0; /* how an unnamed file gets its name */
  file->descriptor = can_appear ? open(dirname(copy), O_TMPFILE | O_WRONLY | O_CLOEXEC, MODE) : -1;
  if (!can_appear) errno = EOPNOTSUPP;
  free(copy);
  if (file->descriptor >= 0) return true;
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL) return false;
  if (asprintf(&file->temporary, "%s.%ld.part", file->path, (long)getpid()) < 0) {
    file->temporary = NULL;
    return false;
  }
  file->descriptor = open(file->temporary, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, MODE);
  if (file->descriptor >= 0) return true;
  free(file->temporary);
  file->temporary = NULL;
  return false;
}

bool whole_file_open(struct whole_file *file, const char *path) {
  struct stat there;
  *file = (struct whole_file){.descriptor = -1, .path = strdup(path)};
  const size_t length = strlen(path);
  if (length == 0 || path[length - 1] == '/') {
    cli_fail("'%s' does not name a file", path);
  } else if (lstat(path, &there) == 0) {
    cli_fail("'%s' exists already; nothing is overwritten", path);
  } else if (errno == ENOENT && file->path && open_hidden(file)) {
    return true;
  } else {
    cli_fail("'%s' cannot be written: %s", path, strerror(errno));
  }
  forget(file);
  return false;
}

static bool write_all(int descriptor, const char *data, size_t bytes) {
  while (bytes) {
    const ssize_t written = write(descriptor, data, bytes);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    data += written;
    bytes -= (size_t)written;
  }
  return fsync(descriptor) == 0 || errno == EINVAL;
}

/* link() and linkat() fail where a file exists: nothing is ever replaced. */
static bool appear(const struct whole_file *file) {
  if (file->temporary) return link(file->temporary, file->path) == 0;
  char self[64];
  snprintf(self, sizeof self, "/proc/self/fd/%d", file->descriptor);
  return linkat(AT_FDCWD, self, AT_FDCWD, file->path, AT_SYMLINK_FOLLOW) == 0;
}

bool whole_file_finish(struct whole_file *file, const char *data, size_t bytes) {
  const bool done = write_all(file->descriptor, data, bytes) && appear(file);
  if (!done) cli_fail("'%s' was not written: %s", file->path, strerror(errno));
  forget(file);
  return done;
}

void whole_file_abandon(struct whole_file *file) { forget(file); }
