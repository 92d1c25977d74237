#include "control_groups.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "system_files.h"

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
