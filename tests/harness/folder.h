/* A folder of its own for a test, files in it, and what the program complains of. */
#ifndef GRADMARK_TEST_FOLDER_H
#define GRADMARK_TEST_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

/* Set-up of a test, in cmocka's form: makes a folder and works in it, so that files are named without a path. */
int folder_enter(void **unused);
/* Tear-down: removes it with everything in it. */
int folder_leave(void **unused);
/* The number of entries. */
size_t folder_count(void);

struct bytes {
  unsigned char *data;
  size_t count;
};
struct bytes file_read(const char *name);
void file_write(const char *name, const void *data, size_t count);

/* From here to complaint_end, what goes to stderr is kept. */
void complaint_begin(void);
/* Fails unless it was exactly one sentence of `gradmark:` that holds `part`, or nothing where `part` is NULL. */
void complaint_end(const char *part);
/* The same, but tells what is wrong; NULL where nothing is. */
const char *complaint_wrong(const char *part);

#endif
