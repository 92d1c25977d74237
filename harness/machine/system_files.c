#include "system_files.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Files under /proc have no size that could be asked for, so the buffer grows with what comes. */
static char *read_all(FILE *file) {
  size_t size = 4096, used = 0;
  char *text = malloc(size);
  while (text) {
    used += fread(text + used, 1, size - used - 1, file);
    if (used + 1 < size) break;
    size *= 2;
    char *larger = realloc(text, size);
    if (!larger) free(text);
    text = larger;
  }
  if (!text) return NULL;
  if (ferror(file)) {
    free(text);
    return NULL;
  }
  text[used] = '\0';
  return text;
}

char *system_file_text(const char *root, const char *path) {
  char full[SYSTEM_PATH];
  const int length = snprintf(full, sizeof full, "%s%s", root, path);
  if (length < 0 || (size_t)length >= sizeof full) return NULL;
  FILE *file = fopen(full, "re");
  if (!file) return NULL;
  char *text = read_all(file);
  fclose(file);
  return text;
}

/* Copies the line at `from` without the white space around it. */
static void copy_line(char *to, size_t size, const char *from) {
  from += strspn(from, " \t");
  size_t length = strcspn(from, "\n");
  while (length > 0 && isspace((unsigned char)from[length - 1])) length--;
  if (length >= size) length = size - 1;
  memcpy(to, from, length);
  to[length] = '\0';
}

bool system_file_line(const char *root, char *line, size_t size, const char *path_format, ...) {
  char path[SYSTEM_PATH];
  va_list args;
  va_start(args, path_format);
  const int length = vsnprintf(path, sizeof path, path_format, args);
  va_end(args);
  if (length < 0 || (size_t)length >= sizeof path) return false;
  char *text = system_file_text(root, path);
  if (!text) return false;
  copy_line(line, size, text);
  free(text);
  return true;
}

bool system_text_field(const char *text, const char *name, char *value, size_t size) {
  const size_t length = strlen(name);
  for (const char *line = text; line && *line; line = strchr(line, '\n'), line = line ? line + 1 : NULL) {
    if (strncmp(line, name, length) != 0) continue;
    const char *after = line + length + strspn(line + length, " \t");
    if (*after != ':') continue;
    copy_line(value, size, after + 1);
    return true;
  }
  return false;
}

bool system_file_field(const char *root, char *value, size_t size, const char *path, const char *name) {
  char *text = system_file_text(root, path);
  const bool found = text && system_text_field(text, name, value, size);
  free(text);
  return found;
}

bool system_text_number(const char *text, const char *name, long long *number) {
  char value[64], *end;
  if (!system_text_field(text, name, value, sizeof value)) return false;
  errno = 0;
  *number = strtoll(value, &end, 10);
  return errno == 0 && end != value;
}

bool system_chosen(const char *line, char *choice, size_t size) {
  const char *open = strchr(line, '['), *close = open ? strchr(open, ']') : NULL;
  if (!close) return false;
  snprintf(choice, size, "%.*s", (int)(close - open - 1), open + 1);
  return true;
}

void system_copy(char *to, size_t size, const char *from) {
  const size_t length = strlen(from), kept = length < size ? length : size - 1;
  memcpy(to, from, kept);
  to[kept] = '\0';
}

/* Gives the next range of the list and moves *list behind it; false at the end. */
static bool next_range(const char **list, unsigned *first, unsigned *last) {
  const char *at = *list + strspn(*list, ", \t\n");
  if (!isdigit((unsigned char)*at)) return false;
  char *end;
  const unsigned long low = strtoul(at, &end, 10);
  unsigned long high = low;
  if (*end == '-' && isdigit((unsigned char)end[1])) high = strtoul(end + 1, &end, 10);
  /* No kernel numbers processors beyond this; a broken file must not make us count for hours. */
  enum { BEYOND = 1 << 20 };
  if (low > high || high >= BEYOND) return false;
  *first = (unsigned)low, *last = (unsigned)high;
  *list = end;
  return true;
}

unsigned system_list_count(const char *list) {
  unsigned first, last, count = 0;
  while (next_range(&list, &first, &last)) count += last - first + 1;
  return count;
}
