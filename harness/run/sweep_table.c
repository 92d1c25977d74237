#include "run/sweep_table.h"
#include "terminal/text.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "measure/levels.h"
#include "run/table.h"

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

static void print_time(double time) {
  if (isfinite(time))
    print_three_digits(COLUMN, time);
  else
    printf(" %*s", COLUMN, "-");
}

static void print_size(const struct row *rows, size_t count, const struct columns *columns) {
  char set[32];
  double limit = NAN;
  printf("  %*s", SET_WIDTH, sweep_size_name(rows[0].working_set_wanted, set, sizeof set));
  for (size_t c = 0; c < columns->count; c++) {
    size_t i = 0;
    while (i < count && rows[i].impl != columns->impl[c]) i++;
    print_time(i < count && row_has_time(&rows[i]) ? rows[i].time.value : NAN);
  }
  for (size_t i = 0; i < count; i++) {
    if (!rows[i].impl->fast && row_has_limit(&rows[i])) limit = fmin(limit, row_limit(&rows[i]));
  }
  print_time(limit);
  putchar('\n');
}

static bool is_octave(double size) {
  const uint64_t bytes = (uint64_t)size;
  return (bytes & (bytes - 1)) == 0;
}

void sweep_table_print(const struct row *rows, size_t count, const struct machine *machine) {
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
