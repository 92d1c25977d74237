/* Kernels that are right and slow, each in one way: what they attain must say by how much (gradmark limits --plugin).
 */
#define GM_ROW "ops.def"
#include "body.h"
#include "lane/loop.h"
#include "lane/math.h"
#include "lane/reduce.h"
#include "machine/barrier.h"
#include "optim/adam_step.h"

/* ---- spilled: values go to memory and back ---------------------------------------------- */

GM_INLINE v_f32 spilled(v_f32 x) {
  __asm__ volatile("" : "+m"(x));
  return x;
}

struct sigmoid_job {
  const float *inputs;
  float *outputs;
};

GM_INLINE void sigmoid_step(const void *opaque, size_t i, size_t count) {
  const struct sigmoid_job j = *(const struct sigmoid_job *)opaque;
  const v_f32 x = v_load(j.inputs + i, count), z = spilled(v_exp_nonpositive(v_neg_abs(x)));
  v_store(j.outputs + i, v_sigmoid_of(x, z), count);
}

static double sigmoid_spilled(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  const gm_sigmoid_f32_args a = gm_sigmoid_f32_read(frame);
  const struct sigmoid_job job = {a.inputs, a.outputs};
  lane_loop(sigmoid_step, &job, begin, end);
  return 0;
}

/* ---- not unrolled: each addition waits for the one before ------------------------------------------------------- */

struct mse_job {
  const float *outputs, *targets;
  float *output_grads;
  float two_by_n;
};

GM_INLINE v_f32 mse_step(const void *opaque, size_t i, size_t count, float scale, v_f32 sum) {
  const struct mse_job j = *(const struct mse_job *)opaque;
  const v_f32 y = v_load(j.outputs + i, count), t = v_load(j.targets + i, count);
  v_f32 difference = v_sub(y, t), gradient = v_mul(v_set(j.two_by_n), difference);
  if (scale != 1.0f) {
    gradient = lane_scaled_difference(y, t, j.two_by_n);
    difference = lane_scaled_difference(y, t, scale);
  }
  v_store(j.output_grads + i, gradient, count);
  return v_fma(difference, difference, sum);
}

/* Where squares overflow or vanish, as the others do. */
static double mse_block(const struct mse_job *job, size_t begin, size_t end) {
  v_f32 sum = v_zero();
  size_t i = begin;
  for (; end - i >= V_WIDTH; i += V_WIDTH) sum = mse_step(job, i, V_WIDTH, 1, sum);
  if (i < end) sum = mse_step(job, i, end - i, 1, sum);
  const float plain = v_sum(sum);
  return plain >= 0x1p-100f && plain <= 0x1.fffffep127f ? (double)plain
                                                        : lane_sum_of_squares(mse_step, job, begin, end);
}

static double mse_not_unrolled(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  const gm_mse_f32_args a = gm_mse_f32_read(frame);
  const struct mse_job job = {a.outputs, a.targets, a.output_grads, (float)(2 / (double)a.n)};
  double sum = 0;
  for (size_t block = begin; block < end; block += GM_BLOCK)
    sum += mse_block(&job, block, end - block < GM_BLOCK ? end : block + GM_BLOCK);
  return sum;
}

/* ---- half the width --------------------------------------------------------------------------------------------- */

typedef float half_vector __attribute__((vector_size(sizeof(v_f32) / 2), aligned(sizeof(float)), may_alias));
enum { HALF = sizeof(half_vector) / sizeof(float) };

static void sgd_prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  const gm_sgd_f32_args a = gm_sgd_f32_read(frame);
  coef[0] = (float)-a.lr, coef[1] = (float)a.weight_decay;
}

static double sgd_half_width(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)scratch;
  const gm_sgd_f32_args a = gm_sgd_f32_read(frame);
  const float neg_lr = coef[0], weight_decay = coef[1];
  const bool decays = weight_decay != 0;
  size_t i = begin;
  for (; end - i >= HALF; i += HALF) {
    half_vector *p = (half_vector *)(void *)(a.params + i);
    const half_vector *g = (const half_vector *)(const void *)(a.grads + i);
    half_vector update = *g;
    if (decays) update += weight_decay * *p;
    *p = neg_lr * update + *p;
  }
  for (; i < end; i++)
    a.params[i] = neg_lr * (decays ? weight_decay * a.params[i] + a.grads[i] : a.grads[i]) + a.params[i];
  return 0;
}

/* ---- an extra pass ---------------------------------------------------------------------------------------------- */

struct relu_job {
  const float *inputs;
  float *outputs;
};

GM_INLINE void relu_look(const void *opaque, size_t i, size_t count) {
  barrier_use(v_load(((const struct relu_job *)opaque)->inputs + i, count));
}

GM_INLINE void relu_step(const void *opaque, size_t i, size_t count) {
  const struct relu_job j = *(const struct relu_job *)opaque;
  v_store(j.outputs + i, v_relu(v_load(j.inputs + i, count)), count);
}

static double relu_extra_pass(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)coef, (void)scratch;
  const gm_relu_f32_args a = gm_relu_f32_read(frame);
  const struct relu_job job = {a.inputs, a.outputs};
  lane_loop(relu_look, &job, begin, end);
  lane_loop(relu_step, &job, begin, end);
  return 0;
}

/* ---- a division too many ---------------------------------------------------------------------------------------- */

static void adamw_prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  const gm_adamw_f32_args a = gm_adamw_f32_read(frame);
  adam_coefs(a.lr, a.beta1, a.beta2, a.eps, a.step, coef);
  coef[ADAM_INV_SQRT_BC2] = 1 / coef[ADAM_INV_SQRT_BC2];
  coef[ADAM_DECAY] = (float)(1 - a.lr * a.weight_decay);
}

struct adamw_job {
  gm_adamw_f32_args args;
  float coef[GM_MAX_COEFS];
};

/* As adam_step, but that the root is divided. */
GM_INLINE void adamw_step(const void *opaque, size_t i, size_t count) {
  const struct adamw_job job = *(const struct adamw_job *)opaque;
  const gm_adamw_f32_args *a = &job.args;
  const float *coef = job.coef;
  const v_f32 p = v_mul(v_load(a->params + i, count), v_set(coef[ADAM_DECAY])), g = v_load(a->grads + i, count);
  const v_f32 m_old = v_load(a->exp_avg + i, count);
  const v_f32 m = v_fma(v_set(coef[ADAM_WEIGHT_1]), v_sub(g, m_old), m_old);
  const v_f32 decayed = v_mul(v_set(coef[ADAM_BETA_2]), v_load(a->exp_avg_sq + i, count));
  const v_f32 v = v_fma(v_mul(v_set(coef[ADAM_WEIGHT_2]), g), g, decayed);
  const v_f32 denominator = v_add(v_div(v_sqrt(v), v_set(coef[ADAM_INV_SQRT_BC2])), v_set(coef[ADAM_EPS]));
  v_store(a->exp_avg + i, m, count);
  v_store(a->exp_avg_sq + i, v, count);
  v_store(a->params + i, v_fma(v_set(coef[ADAM_NEG_STEP_SIZE]), v_div(m, denominator), p), count);
}

static double adamw_division_too_many(const gm_frame *frame, const float *coef, size_t begin, size_t end,
                                      void *scratch) {
  (void)scratch;
  struct adamw_job job = {.args = gm_adamw_f32_read(frame)};
  for (int k = 0; k < GM_MAX_COEFS; k++) job.coef[k] = coef[k];
  lane_loop(adamw_step, &job, begin, end);
  return 0;
}

/* ---- the plug-in ------------------------------------------------------------------------------------------------ */

static bool runs_here(void) {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
#else
  return true;
#endif
}

static const gm_plugin_impl impls[] = {
#define SLOW(of, how, ...)                                                                                            \
  {                                                                                                                   \
    .op = #of, .dtype = "f32", .impl = "slow_" #how, .runnable = runs_here, .body = {.run = of##_##how, __VA_ARGS__ } \
  }
    SLOW(sigmoid, spilled, ),
    SLOW(mse, not_unrolled, ),
    SLOW(sgd, half_width, .prepare = sgd_prepare),
    SLOW(relu, extra_pass, ),
    SLOW(adamw, division_too_many, .prepare = adamw_prepare),
};

const gm_plugin_table gm_plugin = {.abi = GM_PLUGIN_ABI, .count = sizeof impls / sizeof *impls, .impls = impls};
