/* Figures in order, and the one in the middle. */
#ifndef GRADMARK_SORTED_H
#define GRADMARK_SORTED_H

#include <stddef.h>

/* Compares two doubles, for qsort: also of structures whose first member is one. */
int ascending(const void *a, const void *b);

/* Sorts in place; of an even number of values the mean of the two in the middle, NaN of none. */
double median(double *values, size_t count);

#endif
