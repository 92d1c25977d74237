/* What becomes of a trained model when it is made smaller: pruned, quantized to int8, distilled into a smaller one. */
#ifndef GRADMARK_COMPRESS_H
#define GRADMARK_COMPRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "train/model.h"

struct session;
struct job;

enum { COMPRESSED_MOST = 8 };

struct compressed {
  char part[64];
  struct model model;
  size_t nonzero; /* parameters */
  double bytes;   /* that the model needs when it is stored like this */
  double accuracy;
  size_t epochs; /* of training, those of the model that it was made of among them */
};

/* Takes the outcome that the session's last training had, compresses its model in every way, trains where a way asks
 * for it, and adds outcomes and session->compressed. Complains and returns false. */
bool compress_all(struct session *session, const struct job *trained);

#endif
