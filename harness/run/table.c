#include "run/table.h"

#include <math.h>
#include <stdio.h>

#include "run/levels.h"

const char *table_seconds(double seconds, char *text, size_t size) {
  if (isnan(seconds))
    snprintf(text, size, "-");
  else if (seconds < 0.9995e-3)
    snprintf(text, size, "%.3g us", 1e6 * seconds);
  else if (seconds < 0.9995)
    snprintf(text, size, "%.3g ms", 1e3 * seconds);
  else
    snprintf(text, size, seconds < 999.5 ? "%.3g s" : "%.0f s", seconds);
  return text;
}

const char *table_bytes(double bytes, char *text, size_t size) {
  static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  int unit = 0;
  while (bytes >= 1000 && unit < 4) bytes /= 1024, unit++;
  snprintf(text, size, "%.3g %s", bytes, units[unit]);
  return text;
}

void table_three(int width, double x) {
  if (isnan(x)) {
    printf(" %*s", width, "-");
    return;
  }
  const int decimals = x >= 100 ? 0 : x >= 10 ? 1 : x >= 1 ? 2 : x >= 0.1 ? 3 : 4;
  printf(" %*.*f", width, decimals, x);
}

static void print_ratio(double ratio) {
  if (isnan(ratio))
    printf(" %7s", "-");
  else
    printf(" %6.*fx", ratio >= 10 ? 1 : 2, ratio);
}

/* Half the width of the interval, as a share of the median. */
static double uncertainty(const struct figure *time) { return 50 * (time->high - time->low) / time->value; }

static void print_group(const struct row *row) {
  char set[32];
  printf("\n%s/%s, %s%s on %d thread%s: %s", row->impl->op->name, row->impl->op->dtype,
         row->level == LEVEL_DRAM ? "" : "in ", level_names[row->level], row->threads, row->threads == 1 ? "" : "s",
         table_bytes(row->working_set > 0 ? row->working_set : row->working_set_wanted, set, sizeof set));
  printf("%s\n", row->border ? ", at a border between levels: not scored" : "");
  printf("  %-13s %14s %7s %8s %7s %7s %6s  %-17s %s\n", "", "ns/element", "GB/s", "Gflop/s", "scalar", "autovec",
         "limit", "bound by", "max ulp");
}

static void print_row(const struct row *row) {
  printf("  %-13s", row->impl->impl);
  if (!row_has_time(row)) {
    printf(" %s\n", row->status == ROW_FAILED ? "failed its proof" : "not timed");
    return;
  }
  table_three(8, row->time.value);
  printf(" \302\261%3.*f%%", uncertainty(&row->time) < 9.95 ? 1 : 0, uncertainty(&row->time));
  table_three(7, row_gb_per_s(row));
  table_three(8, row_gflop_per_s(row));
  print_ratio(row->scalar);
  print_ratio(row->autovec);
  if (row->status == ROW_BORDER || !row_has_limit(row))
    printf(" %6s", "-");
  else
    printf(" %5.0f%%%s", row->attainable.value, row_is_believable(row) ? "" : "?");
  printf("  %-17s", row_has_limit(row) ? row_bound_by(row) : "-");
  if (isnan(row->max_ulp))
    printf(" %7s\n", "-");
  else
    printf(" %7.2f\n", row->max_ulp);
}

void table_print(const struct row *rows, size_t count, bool with_legend) {
  for (size_t i = 0; i < count; i++) {
    if (i == 0 || rows[i - 1].cell != rows[i].cell) print_group(&rows[i]);
    print_row(&rows[i]);
  }
  if (!with_legend) return;
  puts(
      "\nns/element: median, and half the width of its 95% interval; scalar, autovec: times as fast as these;\n"
      "limit: percent of what this machine can attain, the time of the slower of two twins: one moves the same data\n"
      "without the arithmetic, one does the arithmetic without the data;\n"
      "max ulp: largest error against the double-precision oracle. GB/s and Gflop/s follow from the median.");
  for (size_t i = 0; i < count; i++)
    if (!row_is_believable(&rows[i])) {
      puts("?: more than 150% of attainable is not believable; nothing is concluded from it.");
      return;
    }
}
