/* A large array of doubles of which few are wanted, in little memory: the output of an oracle, which writes a whole
 * stream where only samples are compared. The same two mebibytes are mapped over and over to make up the array; only
 * the elements that sink_keep names have memory of their own. */
#ifndef GRADMARK_SINK_H
#define GRADMARK_SINK_H

#include <stdbool.h>
#include <stddef.h>

struct sink {
  double *at;
  size_t bytes;
};

/* Makes an array of `count` doubles; false without memory. Where the system cannot map the same memory repeatedly, all
 * of the array is memory of its own. */
bool sink_open(struct sink *sink, size_t count);
void sink_close(struct sink *sink);

/* Gives the elements from `first` on memory of their own, so that what is written to them stays; false without memory.
 */
bool sink_keep(struct sink *sink, size_t first, size_t count);

#endif
