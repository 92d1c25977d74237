/* A file that appears whole or not at all. */
#ifndef GRADMARK_WHOLE_FILE_H
#define GRADMARK_WHOLE_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct whole_file {
  int descriptor;
  bool replaces; /* an older file */
  char *path;
  char *temporary; /* NULL where the system can keep a file without a name until it is finished */
};

/* Reserves room for a file at `path`, before any work is done for it: complains and returns false if something is
 * there already, or the folder does not exist or cannot be written. Until whole_file_finish nothing is visible there,
 * and a killed program leaves nothing behind (but for a `.part` file on file systems without unnamed files). */
bool whole_file_open(struct whole_file *file, const char *path);

/* The same for a file that takes the place of an older one, in one step: at any moment the older file is there or the
 * new one. Complains if what is there is no regular file (a symbolic link is none) or may not be written.
 * For some microseconds before that step the new file, whole, is named `<path>.gradmark-part`; where a program is
 * killed just then, the next one that writes `path` removes it. */
bool whole_file_open_replacing(struct whole_file *file, const char *path);

/* Adds to the file; complains, abandons the file and returns false if it cannot. */
bool whole_file_write(struct whole_file *file, const void *data, size_t bytes);

/* Adds the last bytes, brings everything to the disk and makes the file appear; complains and returns false (the disk
 * is full, somebody else made the file meanwhile) and then leaves nothing behind. The file is closed in either case. */
bool whole_file_finish(struct whole_file *file, const void *data, size_t bytes);

/* Gives up: nothing appears. */
void whole_file_abandon(struct whole_file *file);

#endif
