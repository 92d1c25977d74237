#include "run/report.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "measure/levels.h"
#include "terminal/text.h"

/* ---- levels ----------------------------------------------------------------------------------------------------- */

static void print_ratio(int width, double ratio) {
  if (isnan(ratio))
    printf(" %*s", width, "-");
  else
    printf(" %*.*fx", width - 1, ratio >= 10 ? 1 : 2, ratio);
}

/* Half the width of the interval, as a share of the value. */
static double uncertainty(const struct figure *time) { return 50 * (time->high - time->low) / time->value; }

/* The state that all rows of a group are of; NULL where they differ, or know none. */
static const char *common_state(const struct row *rows, size_t count) {
  const char *state = NULL;
  for (size_t i = 0; i < count; i++) {
    if (!row_has_time(&rows[i])) continue;
    if (!rows[i].usual.state || (state && strcmp(state, rows[i].usual.state) != 0)) return NULL;
    state = rows[i].usual.state;
  }
  return state;
}

static void print_group(const struct row *row, const char *state) {
  char set[32];
  printf("\n%s/%s, %s%s on %d thread%s%s%s: %s", row->impl->op->name, row->impl->op->dtype,
         row->level == LEVEL_DRAM ? "" : "in ", level_names[row->level], row->threads, row->threads == 1 ? "" : "s",
         state ? ", " : "", state ? state : "",
         bytes_text(row->working_set > 0 ? row->working_set : row->working_set_wanted, set, sizeof set));
  printf("%s\n", row->border ? ", at a border between levels: not scored" : "");
  printf("  %-12s %14s %8s %6s %7s %6s %7s %6s  %-16s %s\n", "", "ns/element", "typical", "GB/s", "Gflop/s", "scalar",
         "autovec", "limit", "bound by", "max ulp");
}

static void print_time(const struct figure *time) {
  print_three_digits(8, time->value);
  printf(" \302\261%3.*f%%", uncertainty(time) < 9.95 ? 1 : 0, uncertainty(time));
}

static void print_other(const struct row *row, const struct in_state *other) {
  printf("%14s", "");
  print_time(&other->time);
  printf("  on %s, %zu of %zu samples\n", other->state, other->samples, row->count);
}

static void print_row(const struct row *row, const char *state_of_group) {
  printf("  %-12s", row->impl->impl);
  if (!row_has_time(row)) {
    printf(" %s%s%s\n", row->status == ROW_FAILED ? "failed its proof" : "not timed", row->why_not[0] ? ": " : "",
           row->why_not);
    return;
  }
  print_time(&row->time);
  print_three_digits(8, row->typical);
  print_three_digits(6, row_gb_per_s(row));
  print_three_digits(7, row_gflop_per_s(row));
  print_ratio(6, row->scalar);
  print_ratio(7, row->autovec);
  if (row->status == ROW_BORDER || !row_has_limit(row))
    printf(" %6s", "-");
  else
    printf(" %5.0f%%%s", row->attainable.value, row_is_believable(row) ? "" : "?");
  printf("  %-16s", row_has_limit(row) ? row_bound_by(row) : "-");
  if (isnan(row->max_ulp))
    printf(" %7s", "-");
  else
    printf(" %7.2f", row->max_ulp);
  printf("%s%s\n", row->usual.state && !state_of_group ? "  " : "",
         state_of_group || !row->usual.state ? "" : row->usual.state);
  for (size_t i = 0; i < row->others; i++) print_other(row, &row->other[i]);
}

static bool is_any_timed(const struct row *rows, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (row_has_time(&rows[i])) return true;
  return false;
}

/* Of what Google Benchmark's filter leaves nothing of, nothing is shown. */
static bool is_any_selected(const struct row *rows, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (rows[i].selected) return true;
  return false;
}

void print_table(const struct row *rows, size_t count, bool with_legend) {
  for (size_t first = 0, length; first < count; first += length) {
    length = row_group_length(&rows[first], count - first);
    const char *state = common_state(&rows[first], length);
    if (!is_any_selected(&rows[first], length)) continue;
    print_group(&rows[first], state);
    for (size_t i = first; i < first + length; i++) print_row(&rows[i], state);
  }
  if (!with_legend || !is_any_timed(rows, count)) return;
  puts(
      "\nns/element: undisturbed, the lower quartile of the rounds' medians: what this machine does when nobody\n"
      "disturbs it, and half the width of the interval that is to hold the next run's; typical: the median of all\n"
      "samples, what one gets here. On several threads: of one placement of the processors, as how many cores they\n"
      "were. scalar, autovec: times as fast as these; limit: percent of what this machine can attain, the time of\n"
      "the slower of two twins: one moves the same data without the arithmetic, one does the arithmetic without\n"
      "the data; max ulp: largest error against the double-precision oracle. GB/s, Gflop/s: of undisturbed times.");
  for (size_t i = 0; i < count; i++)
    if (!row_is_believable(&rows[i])) {
      puts("?: more than 150% of attainable is not believable; nothing is concluded from it.");
      return;
    }
}

/* ---- a sweep ---------------------------------------------------------------------------------------------------- */

enum { SET_WIDTH = 10, COLUMN = 12, MOST_COLUMNS = 16 };

struct columns {
  const gm_impl *impl[MOST_COLUMNS];
  size_t count;
};

static bool same_block(const struct row *a, const struct row *b) {
  return a->impl->op == b->impl->op && a->threads == b->threads;
}

static bool has_column(const struct columns *columns, const gm_impl *impl) {
  for (size_t i = 0; i < columns->count; i++)
    if (columns->impl[i] == impl) return true;
  return false;
}

/* All implementations of a block: a size may lack some, for which the time was not enough. */
static struct columns columns_of(const struct row *rows, size_t count) {
  struct columns columns = {.count = 0};
  for (size_t i = 0; i < count && same_block(&rows[i], rows); i++)
    if (columns.count < MOST_COLUMNS && !has_column(&columns, rows[i].impl))
      columns.impl[columns.count++] = rows[i].impl;
  return columns;
}

static void print_head(const struct row *row, const struct columns *columns) {
  printf("\n%s/%s over working sets, on %d thread%s, ns/element\n", row->impl->op->name, row->impl->op->dtype,
         row->threads, row->threads == 1 ? "" : "s");
  printf("  %*s", SET_WIDTH, "");
  for (size_t i = 0; i < columns->count; i++) printf(" %*s", COLUMN, columns->impl[i]->impl);
  printf(" %*s\n", COLUMN, "limit");
}

/* A rule with the level's name, where the sets begin to live in it. */
static void print_rule(const struct columns *columns, const struct row *row, const struct machine *machine) {
  char text[64], bytes[32];
  const double capacity = row->level < LEVEL_DRAM ? level_capacity(machine, row->level, row->threads) : 0;
  if (capacity > 0)
    snprintf(text, sizeof text, "%s, %s", level_names[row->level], bytes_text(capacity, bytes, sizeof bytes));
  else
    snprintf(text, sizeof text, "%s", level_names[row->level]);
  printf("  -- %s ", text);
  const size_t width = SET_WIDTH + (columns->count + 1) * (COLUMN + 1);
  for (size_t at = strlen(text) + 4; at < width; at++) putchar('-');
  putchar('\n');
}

static void print_size(const struct row *rows, size_t count, const struct columns *columns) {
  char set[32];
  double limit = NAN;
  printf("  %*s", SET_WIDTH, sweep_size_name(rows[0].working_set_wanted, set, sizeof set));
  for (size_t c = 0; c < columns->count; c++) {
    size_t i = 0;
    while (i < count && rows[i].impl != columns->impl[c]) i++;
    print_three_digits(COLUMN, i < count && row_has_time(&rows[i]) ? rows[i].time.value : NAN);
  }
  for (size_t i = 0; i < count; i++) {
    if (!rows[i].impl->fast && row_has_limit(&rows[i])) limit = fmin(limit, row_limit(&rows[i]));
  }
  print_three_digits(COLUMN, limit);
  putchar('\n');
}

static bool is_octave(double size) {
  const uint64_t bytes = (uint64_t)size;
  return (bytes & (bytes - 1)) == 0;
}

void print_sweep(const struct row *rows, size_t count, const struct machine *machine) {
  struct columns columns = {.count = 0};
  const struct row *previous = NULL;
  for (size_t first = 0, group; first < count; first += group) {
    const struct row *row = &rows[first];
    group = row_group_length(row, count - first);
    if (!is_octave(row->working_set_wanted)) continue;
    const bool new_block = !previous || !same_block(previous, row);
    if (new_block) {
      columns = columns_of(row, count - first);
      print_head(row, &columns);
    }
    if (new_block || previous->level != row->level) print_rule(&columns, row, machine);
    print_size(row, group, &columns);
    previous = row;
  }
  puts(
      "\nOne line per octave; the result file has two. limit: the least time that this machine allows an exact one.\n"
      "Near the border between two levels a set lives partly in both.");
}
