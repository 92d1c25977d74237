/* The rows as a person reads them. */
#ifndef GRADMARK_TABLE_H
#define GRADMARK_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "measure/row.h"

void table_print(const struct row *rows, size_t count, bool with_legend);

#endif
