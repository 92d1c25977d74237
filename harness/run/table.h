/* The rows as a person reads them. */
#ifndef GRADMARK_TABLE_H
#define GRADMARK_TABLE_H

#include <stddef.h>

#include "run/row.h"

void table_print(const struct row *rows, size_t count);

/* "313 KiB", "14.5 MiB" */
const char *table_bytes(double bytes, char *text, size_t size);

#endif
