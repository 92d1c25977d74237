/* Reading the small text files of /proc and /sys. Every path is taken below `root`, so that tests can make a machine
 * up in a directory; "" is the real one. A file that cannot be read, for whatever reason, is simply not visible. */
#ifndef GRADMARK_SYSTEM_FILES_H
#define GRADMARK_SYSTEM_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SYSTEM_PATH = 512 };

/* The whole file, to be freed; NULL if it cannot be read. */
char *system_file_text(const char *root, const char *path);

/* The first line without the white space around it; false if the file cannot be read. */
__attribute__((format(printf, 4, 5))) bool system_file_line(const char *root, char *line, size_t size,
                                                            const char *path_format, ...);

/* The value of the first line "name : value" of a text such as /proc/meminfo. */
bool system_text_field(const char *text, const char *name, char *value, size_t size);

/* The same of a file's text; false if the file cannot be read, too. */
bool system_file_field(const char *root, char *value, size_t size, const char *path, const char *name);

/* The value as a whole number; what follows it (" kB") is passed over. */
bool system_text_number(const char *text, const char *name, long long *number);

/* The choice in brackets of a line such as "always [madvise] never"; false if there is none. */
bool system_chosen(const char *line, char *choice, size_t size);

/* Copies as much as fits, always ended by a zero. */
void system_copy(char *to, size_t size, const char *from);

/* How many numbers a list such as "0-3,8" names, up to what cannot be read. */
unsigned system_list_count(const char *list);

/* The limits that Linux control groups (v1 and v2; containers, batch systems, systemd) set on this process: its own
 * group's and those of all groups around it that can be seen. */
/* Processor time, in CPUs: 1.5 is three halves of one. 0: no limit. False if it cannot be seen whether there is one. */
bool control_groups_cpu(const char *root, double *cpus);

/* The smallest memory limit, and the least that any of the limits leaves now; both UINT64_MAX without a limit. False
 * if it cannot be seen whether there is one. */
bool control_groups_memory(const char *root, uint64_t *limit, uint64_t *left);

#endif
