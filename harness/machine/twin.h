/* The twin of an op: a kernel over the same streams of floats (and of bytes, four to a float), walked alike and with
 * the same kind of store, with almost no arithmetic. Its time is the memory limit for that mix of streams. */
#ifndef GRADMARK_TWIN_H
#define GRADMARK_TWIN_H

#include "by_name.h"

/* A twin is an elementwise op of its own: size[0] elements; reads stand in stream[0..2], updated streams in [3..5],
 * written ones in [6..7], NULL where there are fewer. */
enum { TWIN_READ = 0, TWIN_UPDATE = 3, TWIN_WRITE = 6, TWIN_MOST = 3 };

/* The twin of one call: one frame per part. An op whose streams are all equally long has one part; of a list each
 * tensor is one. Of any other op each stream is one, and with a second pass the first is one that only reads; these are
 * cut into equal shares for the threads, so that one does not get all that is written. They are run as a list, or
 * alone. */
struct twin {
  gm_op op, list;
  gm_impl impl;
  gm_frame frame;  /* to be called with */
  gm_frame *parts; /* of the list; owned */
};

/* The twin of a call of `op` with `frame`, whose memory it shares, on `threads` threads, by one of twin_body. False
 * without memory. */
bool twin_open(struct twin *twin, const gm_op *op, const gm_frame *frame, int threads, const gm_body *body);
void twin_close(struct twin *twin);

/* The body of the twin that was compiled for an ISA; NULL if there is none. */
const gm_body *twin_body(const char *isa);

#endif
