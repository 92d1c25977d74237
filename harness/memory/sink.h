/* Room for very many doubles of which few are wanted: an oracle writes them all, and all but those end up in the same
 * two mebibytes, which lie in the address space over and over. So a whole stream can be asked for in little memory. */
#ifndef GRADMARK_SINK_H
#define GRADMARK_SINK_H

#include <stdbool.h>
#include <stddef.h>

struct sink {
  double *at;
  size_t bytes;
};

/* False without memory. Where the system has no such mappings, the memory is what it seems to be. */
bool sink_open(struct sink *sink, size_t count);
void sink_close(struct sink *sink);

/* What is written to these will be there. */
bool sink_keep(struct sink *sink, size_t first, size_t count);

#endif
