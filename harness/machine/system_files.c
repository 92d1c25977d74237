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

/* ---- control groups --------------------------------------------------------------------------------------------- */

/* The control group of this process for one controller. Its directory is `mount` followed by `group`; its parents are
 * found by cutting `group` at its slashes. The mount itself is the outermost group that we can see. */
struct place {
  bool second; /* cgroup v2 */
  char mount[SYSTEM_PATH], group[SYSTEM_PATH];
};

enum found { FOUND, NONE, HIDDEN };

/* Is `word` one of those in `list`, which commas separate and a character of `ends` ends? */
static bool listed(const char *list, const char *ends, const char *word) {
  const size_t length = strlen(word);
  const char *end = list + strcspn(list, ends);
  for (const char *at = list; at < end; at += strcspn(at, ",") + 1)
    if (strncmp(at, word, length) == 0 && (at[length] == ',' || at + length == end)) return true;
  return false;
}

/* /proc/self/cgroup: "4:memory:/group" for v1, "0::/group" for v2. A controller is in one of them only. */
static enum found find_group(const char *root, const char *controller, struct place *place) {
  char *text = system_file_text(root, "/proc/self/cgroup");
  if (!text) return HIDDEN;
  enum found found = NONE;
  for (char *save, *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
    char *names = strchr(line, ':');
    char *group = names ? strchr(names + 1, ':') : NULL;
    if (!group) continue;
    const bool second = group == names + 1;
    if (!second && !listed(names + 1, ":", controller)) continue;
    if (second && found == FOUND) continue; /* v1 has the controller */
    found = FOUND;
    place->second = second;
    system_copy(place->group, sizeof place->group, group + 1);
  }
  free(text);
  return found;
}

/* One line of /proc/self/mountinfo: id parent device root mount options [tags...] - type source super-options. */
struct mount_line {
  char *root, *mount, *type, *options;
};

static bool split_mount_line(char *line, struct mount_line *fields) {
  char *behind = strstr(line, " - ");
  if (!behind) return false;
  *behind = '\0';
  char *save, *word = strtok_r(line, " ", &save);
  for (int i = 0; word && i < 3; i++) word = strtok_r(NULL, " ", &save);
  fields->root = word;
  fields->mount = word ? strtok_r(NULL, " ", &save) : NULL;
  fields->type = strtok_r(behind + 3, " ", &save);
  fields->options = fields->type && strtok_r(NULL, " ", &save) ? strtok_r(NULL, " ", &save) : NULL;
  return fields->mount && fields->type;
}

static bool is_hierarchy(const struct mount_line *line, bool second, const char *controller) {
  if (second) return strcmp(line->type, "cgroup2") == 0;
  return strcmp(line->type, "cgroup") == 0 && line->options && listed(line->options, "\n", controller);
}

/* What the mount shows is the tree below its root: a container sees /docker/1f3a as "/". A group outside that tree
 * cannot be reached, and then the mount itself is the nearest that we can see. */
static void make_relative(char *group, const char *mount_root) {
  const size_t length = strcmp(mount_root, "/") == 0 ? 0 : strlen(mount_root);
  if (strncmp(group, mount_root, length) != 0 || (group[length] != '/' && group[length] != '\0') ||
      strncmp(group, "/..", 3) == 0) {
    group[0] = '\0';
    return;
  }
  memmove(group, group + length, strlen(group + length) + 1);
  if (strcmp(group, "/") == 0) group[0] = '\0';
}

static enum found find_mount(const char *root, const char *controller, struct place *place) {
  char *text = system_file_text(root, "/proc/self/mountinfo");
  if (!text) return HIDDEN;
  enum found found = HIDDEN;
  for (char *save, *line = strtok_r(text, "\n", &save); line && found != FOUND; line = strtok_r(NULL, "\n", &save)) {
    struct mount_line fields;
    if (!split_mount_line(line, &fields) || !is_hierarchy(&fields, place->second, controller)) continue;
    system_copy(place->mount, sizeof place->mount, fields.mount);
    make_relative(place->group, fields.root);
    found = FOUND;
  }
  free(text);
  return found;
}

static enum found find_place(const char *root, const char *controller, struct place *place) {
  const enum found found = find_group(root, controller, place);
  return found == FOUND ? find_mount(root, controller, place) : found;
}

/* Goes to the parent group; false if this was the outermost. */
static bool go_to_parent(struct place *place) {
  char *slash = strrchr(place->group, '/');
  if (!slash) return false;
  *slash = '\0';
  return true;
}

static bool read_line(const char *root, const struct place *place, const char *file, char *line, size_t size) {
  char path[2 * SYSTEM_PATH + 64];
  snprintf(path, sizeof path, "%s%s/%s", place->mount, place->group, file);
  return system_file_line(root, line, size, "%s", path);
}

/* UINT64_MAX, for no limit, where the file says "max" or, as version 1 does, a number that no machine has. */
static uint64_t read_limit(const char *root, const struct place *place, const char *file) {
  char line[64], *end;
  if (!read_line(root, place, file, line, sizeof line)) return UINT64_MAX;
  const unsigned long long value = strtoull(line, &end, 10);
  return end == line || value >= UINT64_MAX / 4 ? UINT64_MAX : value;
}

static double quota_here(const char *root, const struct place *place) {
  char line[64];
  double quota = -1, period = -1;
  if (place->second) {
    if (!read_line(root, place, "cpu.max", line, sizeof line)) return 0;
    if (sscanf(line, "%lf %lf", &quota, &period) != 2) return 0; /* "max 100000" */
  } else {
    if (!read_line(root, place, "cpu.cfs_quota_us", line, sizeof line)) return 0;
    quota = strtod(line, NULL);
    if (!read_line(root, place, "cpu.cfs_period_us", line, sizeof line)) return 0;
    period = strtod(line, NULL);
  }
  return quota > 0 && period > 0 ? quota / period : 0;
}

bool control_groups_cpu(const char *root, double *cpus) {
  struct place place;
  *cpus = 0;
  const enum found found = find_place(root, "cpu", &place);
  if (found != FOUND) return found == NONE;
  do {
    const double here = quota_here(root, &place);
    if (here > 0 && (*cpus <= 0 || here < *cpus)) *cpus = here;
  } while (go_to_parent(&place));
  return true;
}

/* Inactive pages of files are counted as used, but the kernel reclaims them at need. */
static uint64_t reclaimable(const char *root, const struct place *place) {
  char path[2 * SYSTEM_PATH + 64];
  snprintf(path, sizeof path, "%s%s/memory.stat", place->mount, place->group);
  char *text = system_file_text(root, path);
  if (!text) return 0;
  const char *name = place->second ? "inactive_file " : "total_inactive_file ";
  const char *at = text;
  while (at && strncmp(at, name, strlen(name)) != 0) at = strchr(at, '\n'), at = at ? at + 1 : NULL;
  const uint64_t bytes = at ? strtoull(at + strlen(name), NULL, 10) : 0;
  free(text);
  return bytes;
}

static uint64_t used_here(const char *root, const struct place *place) {
  const uint64_t used = read_limit(root, place, place->second ? "memory.current" : "memory.usage_in_bytes");
  if (used == UINT64_MAX) return 0;
  const uint64_t back = reclaimable(root, place);
  return used > back ? used - back : 0;
}

bool control_groups_memory(const char *root, uint64_t *limit, uint64_t *left) {
  struct place place;
  *limit = *left = UINT64_MAX;
  const enum found found = find_place(root, "memory", &place);
  if (found != FOUND) return found == NONE;
  do {
    uint64_t here = read_limit(root, &place, place.second ? "memory.max" : "memory.limit_in_bytes");
    if (place.second) { /* beyond memory.high a group is slowed down until it gives memory back */
      const uint64_t high = read_limit(root, &place, "memory.high");
      if (high < here) here = high;
    }
    if (here == UINT64_MAX) continue;
    const uint64_t used = used_here(root, &place), left_here = here > used ? here - used : 0;
    if (here < *limit) *limit = here;
    if (left_here < *left) *left = left_here;
  } while (go_to_parent(&place));
  return true;
}
