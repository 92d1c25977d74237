#include "cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int cli_fail(const char *format, ...) {
  va_list args;
  va_start(args, format);
  fputs("gradmark: ", stderr);
  vfprintf(stderr, format, args);
  fputc('\n', stderr);
  va_end(args);
  return EXIT_USAGE;
}

static const char *dashes(const char *name) { return name[1] ? "--" : "-"; }

static void show_help(const char *usage, const char *about, const struct cli_option *options) {
  printf("usage: %s\n\n%s\n", usage, about);
  if (options->name) puts("");
  for (const struct cli_option *o = options; o->name; o++) {
    char left[64];
    snprintf(left, sizeof left, "%s%s%s%s", dashes(o->name), o->name, o->value_name ? " " : "",
             o->value_name ? o->value_name : "");
    printf("  %-28s %s\n", left, o->help);
  }
  printf("  %-28s %s\n", "--help", "this text");
}

/* The number of letters to insert, delete or replace; both are short. */
static size_t distance(const char *a, const char *b) {
  enum { LIMIT = 40 };
  size_t row[LIMIT + 1];
  const size_t n = strlen(b);
  if (n > LIMIT) return n;
  for (size_t j = 0; j <= n; j++) row[j] = j;
  for (size_t i = 1; a[i - 1]; i++) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= n; j++) {
      const size_t above = row[j];
      size_t best = diagonal + (a[i - 1] != b[j - 1]);
      if (above + 1 < best) best = above + 1;
      if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
      row[j] = best, diagonal = above;
    }
  }
  return row[n];
}

static const char *name_after(const char *const *name, size_t stride) {
  return *(const char *const *)((const char *)name + stride);
}

/* Few beside the word's length, or a beginning; one letter is like any other. */
static bool is_near(const char *word, const char *name, size_t changes) {
  enum { FEW = 3, BEGINNING = 3 };
  const size_t length = strlen(word);
  if (!name[1]) return false;
  return (changes <= FEW && 3 * changes <= length) || (length >= BEGINNING && strncmp(name, word, length) == 0);
}

/* The name that needs the fewest changes of those that may have been meant. */
static const char *nearest_name(const char *word, const char *const *names, size_t stride) {
  const char *nearest = NULL;
  size_t least = SIZE_MAX;
  for (size_t i = 0;; i++) {
    const char *name = name_after(names, i * stride);
    if (!name) return nearest;
    const size_t changes = distance(word, name);
    if (changes < least && is_near(word, name, changes)) least = changes, nearest = name;
  }
}

static void complain_unknown(const char *argument, const struct cli_option *options) {
  char name[48];
  snprintf(name, sizeof name, "%.*s", (int)strcspn(argument, "="), argument);
  const char *nearest = nearest_name(name + strspn(name, "-"), &options[0].name, sizeof *options);
  if (nearest)
    cli_fail("unknown option '%s'; did you mean '--%s'? (--help lists them)", name, nearest);
  else
    cli_fail("unknown option '%s' (--help lists them)", name);
}

int cli_unknown(const char *kind, const char *word, const char *const *names, size_t stride, const char *help) {
  const char *nearest = nearest_name(word, names, stride);
  return cli_fail("unknown %s '%.40s'%s%s%s (%s lists them)", kind, word, nearest ? "; did you mean '" : "",
                  nearest ? nearest : "", nearest ? "'?" : "", help);
}

/* The option that `argument` names, and the value after '=', if any. */
static const struct cli_option *find_option(const char *argument, const struct cli_option *options,
                                            const char **attached) {
  *attached = NULL;
  for (const struct cli_option *o = options; o->name; o++) {
    const char *dash = dashes(o->name);
    const size_t d = strlen(dash), n = strlen(o->name);
    if (strncmp(argument, dash, d) != 0 || strncmp(argument + d, o->name, n) != 0) continue;
    const char after = argument[d + n];
    if (after == '\0') return o;
    if (after == '=' && o->name[1]) {
      *attached = argument + d + n + 1;
      return o;
    }
  }
  return NULL;
}

enum cli_parsed cli_parse(int *argc, char **argv, const char *usage, const char *about,
                          const struct cli_option *options, const char *pass_prefix) {
  int kept = 1;
  for (int i = 1; i < *argc; i++) {
    const char *argument = argv[i], *attached;
    if (strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0) {
      show_help(usage, about, options);
      return CLI_HELP_SHOWN;
    }
    if (pass_prefix && strncmp(argument, pass_prefix, strlen(pass_prefix)) == 0) {
      argv[kept++] = argv[i];
      continue;
    }
    const struct cli_option *o = find_option(argument, options, &attached);
    if (!o) {
      if (argument[0] == '-')
        complain_unknown(argument, options);
      else
        cli_fail("unexpected argument '%s' (--help shows the usage)", argument);
      return CLI_WRONG;
    }
    if (!o->value_name) {
      if (attached) return cli_fail("--%s takes no value", o->name), CLI_WRONG;
      *o->on = true;
      continue;
    }
    if (!attached && ++i == *argc)
      return cli_fail("%s%s needs a value: %s", dashes(o->name), o->name, o->value_name), CLI_WRONG;
    *o->value = attached ? attached : argv[i];
  }
  *argc = kept;
  argv[kept] = NULL;
  return CLI_GO_ON;
}

bool cli_number(const char *option, const char *text, long low, long high, long *number) {
  char *end;
  errno = 0;
  *number = strtol(text, &end, 10);
  if (errno == 0 && end != text && *end == '\0' && *number >= low && *number <= high) return true;
  cli_fail("--%s is '%s'; it must be a whole number between %ld and %ld", option, text, low, high);
  return false;
}

bool cli_share(const char *option, const char *text, double high, double *number) {
  char *end;
  *number = strtod(text, &end);
  const bool is_decimal = text[strspn(text, "+0123456789.eE-")] == '\0';
  if (end != text && *end == '\0' && is_decimal && *number > 0 && *number <= high) return true;
  cli_fail("--%s is '%s'; it must be a number above 0, at most %g", option, text, high);
  return false;
}

bool cli_seed(const char *text, uint64_t *seed) {
  char *end;
  *seed = (uint64_t)time(NULL);
  if (!text) return true;
  errno = 0;
  *seed = strtoull(text, &end, 0);
  if (errno == 0 && *text && *end == '\0' && *text != '-') return true;
  cli_fail("--seed is '%s'; it must be a whole number below 2^64", text);
  return false;
}

gm_library *cli_open_library(void) {
  gm_error error;
  gm_library *library = gm_open(NULL, &error);
  if (!library) cli_fail("GRADMARK_ISA: %s", error.message);
  return library;
}
