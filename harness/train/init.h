/* Where training starts from. */
#ifndef GRADMARK_INIT_H
#define GRADMARK_INIT_H

#include <stdint.h>

#include "train/model.h"

/* Weights drawn evenly from -a .. a:
 *   xavier   a = sqrt(6 / (in + out)), bias 0       Glorot and Bengio 2010; torch.nn.init.xavier_uniform_
 *   he       a = sqrt(6 / in), bias 0               He et al. 2015; torch.nn.init.kaiming_uniform_ for relu
 *   uniform  a = 1 / sqrt(in), the bias likewise    what torch.nn.Linear does by itself
 *   zero     all 0 */
enum init { INIT_XAVIER, INIT_HE, INIT_UNIFORM, INIT_ZERO, INITS };
extern const char *const init_names[INITS];

/* Writes all of the model's floats; the same for a seed on every machine. */
void init_params(const struct model *model, enum init init, uint64_t seed, float *params);

#endif
