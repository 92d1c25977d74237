/* A file that appears whole or not at all, and never in place of another. */
#ifndef GRADMARK_WHOLE_FILE_H
#define GRADMARK_WHOLE_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct whole_file {
  int descriptor;
  char *path;
  char *temporary; /* NULL where the system can keep a file without a name until it is finished */
};

/* Reserves room for a file at `path`, before any work is done for it: complains and returns false if something is
 * there already, or the folder does not exist or cannot be written. Until whole_file_finish nothing is visible there,
 * and a killed program leaves nothing behind (but for a `.part` file on file systems without unnamed files). */
bool whole_file_open(struct whole_file *file, const char *path);

/* Writes everything to the disk and makes the file appear; complains and returns false (the disk is full, somebody else
 * made the file meanwhile) and then leaves nothing behind. The file is closed in either case. */
bool whole_file_finish(struct whole_file *file, const char *data, size_t bytes);

/* Gives up: nothing appears. */
void whole_file_abandon(struct whole_file *file);

#endif
