/* The models that are trained here: layers of outputs = activation(inputs weights^T + bias), one behind the other, and
 * a loss. A model says where everything lies; it owns no memory. */
#ifndef GRADMARK_MODEL_H
#define GRADMARK_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MODEL_MOST_LAYERS = 8 };

/* Between two layers. `fused` is what linear_forward's hyperparameter `activation` is for it, or 0: then the op
 * `forward` follows. `backward` takes the gradient through it, from its outputs or from its inputs. */
struct activation {
  const char *name;
  int fused;
  const char *forward, *backward;
  bool from_inputs;
};

/* NULL if there is none of that name; activation_names lists them all, separated by commas. */
const struct activation *activation_named(const char *name);
extern const char activation_names[];

enum model_loss { LOSS_MSE, LOSS_BCE_LOGITS, LOSS_SOFTMAX_XENT };
const char *model_loss_op(enum model_loss loss);

/* Offsets and sizes count floats. Every tensor begins on a cache line. */
struct model_layer {
  size_t in, out;
  size_t weights, bias; /* out x in, and out */
};

struct model {
  int layers;
  struct model_layer layer[MODEL_MOST_LAYERS];
  const struct activation *activation; /* of all layers but the last, which has none */
  enum model_loss loss;
  bool has_bias;
  size_t parameters; /* that are trained */
  size_t trained;    /* floats at the front that the optimizer steps over: all parameters, and padding that stays 0 */
  size_t floats;     /* with the bias of a model that has none, which stays 0 */
};

/* Layers between `widths` numbers, the first the features. `count` is 2 .. MODEL_MOST_LAYERS + 1. */
struct model model_make(const size_t *widths, int count, const struct activation *activation, enum model_loss loss,
                        bool has_bias);

/* How wide the model's last layer is. */
size_t model_outputs(const struct model *model);

/* Where training starts from, weights drawn evenly from -a .. a:
 *   xavier   a = sqrt(6 / (in + out)), bias 0       Glorot and Bengio 2010; torch.nn.init.xavier_uniform_
 *   he       a = sqrt(6 / in), bias 0               He et al. 2015; torch.nn.init.kaiming_uniform_ for relu
 *   uniform  a = 1 / sqrt(in), the bias likewise    what torch.nn.Linear does by itself
 *   zero     all 0 */
enum init { INIT_XAVIER, INIT_HE, INIT_UNIFORM, INIT_ZERO, INITS };
extern const char *const init_names[INITS];

/* Writes all of the model's floats; the same for a seed on every machine. */
void init_params(const struct model *model, enum init init, uint64_t seed, float *params);

#endif
