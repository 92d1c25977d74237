#define _GNU_SOURCE
#include "folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64], before[4096];

/* In memory where that can be: a busy disk takes seconds to say that a file is safe. */
int folder_enter(void **unused) {
  (void)unused;
  strcpy(folder, "/dev/shm/gradmark-test-XXXXXX");
  if (!mkdtemp(folder)) {
    strcpy(folder, "/tmp/gradmark-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
  }
  assert_non_null(getcwd(before, sizeof before));
  assert_int_equal(chdir(folder), 0);
  return 0;
}

static int remove_one(const char *path, const struct stat *there, int kind, struct FTW *walk) {
  (void)there, (void)kind, (void)walk;
  return remove(path);
}

int folder_leave(void **unused) {
  (void)unused;
  assert_int_equal(chdir(before), 0);
  assert_int_equal(nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
  return 0;
}

size_t folder_count(void) {
  size_t count = 0;
  DIR *all = opendir(".");
  assert_non_null(all);
  for (const struct dirent *one; (one = readdir(all));)
    count += strcmp(one->d_name, ".") != 0 && strcmp(one->d_name, "..") != 0;
  closedir(all);
  return count;
}

struct bytes file_read(const char *name) {
  struct stat there;
  const int file = open(name, O_RDONLY | O_CLOEXEC);
  assert_true(file >= 0);
  assert_int_equal(fstat(file, &there), 0);
  struct bytes bytes = {malloc((size_t)there.st_size + 1), (size_t)there.st_size};
  assert_non_null(bytes.data);
  assert_int_equal(read(file, bytes.data, bytes.count), bytes.count);
  close(file);
  return bytes;
}

void file_write(const char *name, const void *data, size_t count) {
  const int file = open(name, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
  assert_true(file >= 0);
  assert_int_equal(write(file, data, count), count);
  close(file);
}

static FILE *kept_stderr, *caught;

/* The stream is exchanged, not the descriptor: what a sanitizer has to say is still seen. */
void complaint_begin(void) {
  caught = fdopen(memfd_create("stderr", MFD_CLOEXEC), "w");
  assert_non_null(caught);
  setvbuf(caught, NULL, _IONBF, 0);
  kept_stderr = stderr;
  stderr = caught;
}

const char *complaint_wrong(const char *part) {
  static char wrong[1200];
  char text[1024];
  stderr = kept_stderr;
  const ssize_t length = pread(fileno(caught), text, sizeof text - 1, 0);
  fclose(caught);
  text[length > 0 ? length : 0] = '\0';
  const bool one = length > 0 && strchr(text, '\n') == text + length - 1 && strncmp(text, "gradmark: ", 10) == 0;
  if (part ? one && strstr(text, part) : length == 0) return NULL;
  snprintf(wrong, sizeof wrong, "'%s' was to hold '%s'", text, part ? part : "nothing");
  return wrong;
}

void complaint_end(const char *part) {
  const char *wrong = complaint_wrong(part);
  if (wrong) fail_msg("%s", wrong);
}
