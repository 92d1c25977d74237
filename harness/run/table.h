/* The rows as a person reads them. */
#ifndef GRADMARK_TABLE_H
#define GRADMARK_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "measure/row.h"

void table_print(const struct row *rows, size_t count, bool with_legend);

/* A number with the three digits that count, in `width` columns after a space: 0.0432, 2.84, 139. */
void table_three(int width, double x);

/* "21.9 us", "158 ms", "3.06 s"; "-" for a NaN. */
const char *table_seconds(double seconds, char *text, size_t size);

/* "313 KiB", "14.5 MiB" */
const char *table_bytes(double bytes, char *text, size_t size);

#endif
