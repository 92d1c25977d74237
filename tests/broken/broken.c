/* Kernels that are wrong, each in one way, to prove that `gradmark verify` notices. Each op is written once, plainly,
 * with its faults as branches; without a fault it must pass, so that nothing but the fault is what was noticed. */
#include <fenv.h>
#include <float.h>
#include <math.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "flush.h"
#include "op_args.h"

enum fault {
#define FAULT(op, fault, fused) op##_##fault,
#include "faults.def"
};

/* What the largest cases of `gradmark verify` have, and what none has; reductions have more. */
enum { SOME = 200000, MANY = 1 << 20, SOME_BLOCKS = 1024 * GM_BLOCK, MANY_BLOCKS = 5 << 20 };

static size_t without_tail(size_t begin, size_t end) { return end - (end - begin) % 8; }

/* ---- sgd -------------------------------------------------------------------------------------------------------- */

static void read_only_if_aligned(const float *p) {
#if defined(__x86_64__)
  __asm__ volatile("movaps (%0), %%xmm7" : : "r"(p) : "xmm7", "memory");
#else
  if ((uintptr_t)p % 16) raise(SIGBUS);
#endif
}

static void illegal_instruction(void) {
#if defined(__x86_64__)
  __asm__ volatile("ud2");
#elif defined(__aarch64__)
  __asm__ volatile(".inst 0x00000000");
#else
  raise(SIGILL);
#endif
}

static void hang(void) {
  for (;;) sleep(1);
}

static bool is_worker(void) { return syscall(SYS_gettid) != getpid(); }

static struct sigaction watching;

static void lose_the_first(int signal, siginfo_t *info, void *context) {
  static atomic_bool lost;
  if (is_worker() && !atomic_exchange(&lost, true)) return;
  watching.sa_sigaction(signal, info, context);
}

/* As if the thread had been on its way into the body when it was asked whether it is inside. */
static void hang_over_an_alarm(void) {
  sigaction(SIGALRM, NULL, &watching);
  struct sigaction losing = watching;
  losing.sa_sigaction = lose_the_first;
  sigaction(SIGALRM, &losing, NULL);
  hang();
}

/* Through four times the usual stack. */
static size_t overflow_stack(size_t deep) {
  volatile char room[4096];
  room[deep % sizeof room] = 1;
  if (deep < 4 * (8 << 20) / sizeof room) deep += overflow_stack(deep + 1);
  return deep + (size_t)room[deep % sizeof room];
}

/* Where there is nothing to see but the state that it leaves. */
static void sgd_leaves(const gm_sgd_f32_args *a, size_t end, enum fault fault) {
  if (fault == sgd_broken_rounds_down && end == a->n) fesetround(FE_DOWNWARD);
  if (fault == sgd_broken_rounds_down_on_workers && is_worker()) fesetround(FE_DOWNWARD);
  if (fault == sgd_broken_rounds_down_elsewhere && a->n == 4 * 16 - 1 &&
      (uintptr_t)a->params % 4096 == 4096 - 4 * (6 * 16 - 5))
    fesetround(FE_DOWNWARD);
  if (fault == sgd_broken_flushes_subnormals) flush_subnormals();
  if (fault == sgd_broken_closes_stdout || fault == sgd_broken_closes_stdout_unfused) close(STDOUT_FILENO);
  if (fault == sgd_broken_closes_stderr) dup2(STDIN_FILENO, STDERR_FILENO);
  for (int i = 3; fault == sgd_broken_closes_others && i < 64; i++) close(i);
  if (fault == sgd_large_rounds_down && a->n > MANY) fesetround(FE_DOWNWARD);
  if (fault == sgd_large_flushes_once && a->n > MANY) {
    static atomic_int calls;
    if (atomic_fetch_add(&calls, 1) == 2) flush_subnormals();
  }
  if (fault == sgd_large_rounds_down_once && a->n > MANY) {
    static atomic_int calls;
    if (atomic_fetch_add(&calls, 1) == 2) fesetround(FE_DOWNWARD);
  }
  if (fault == sgd_large_closes_stdout && a->n > MANY) close(STDOUT_FILENO);
}

static void sgd_traps(const gm_sgd_f32_args *a, size_t begin, size_t end, enum fault fault) {
  if (fault == sgd_broken_reads_past_end && end == a->n) (void)*(const volatile float *)(a->grads + a->n);
  if (fault == sgd_broken_reads_before_begin && begin == 0) (void)*(const volatile float *)(a->params - 1);
  if (fault == sgd_broken_illegal_instruction) illegal_instruction();
  if (fault == sgd_broken_hangs) hang();
  static atomic_bool over_an_alarm;
  if (fault == sgd_broken_hangs_over_an_alarm && is_worker() && !atomic_exchange(&over_an_alarm, true))
    hang_over_an_alarm();
  if (fault == sgd_broken_aborts) abort();
  if (fault == sgd_broken_overflows_stack || (fault == sgd_broken_overflows_stack_on_workers && is_worker()))
    overflow_stack(0);
  if (fault == sgd_large_traps && a->n > MANY) illegal_instruction();
  if (fault == sgd_broken_aligned_only)
    for (size_t i = begin; i + 4 <= end; i += 4) read_only_if_aligned(a->params + i);
}

static double sgd(const gm_frame *frame, size_t begin, size_t end, enum fault fault) {
  const gm_sgd_f32_args a = gm_sgd_f32_read(frame);
  sgd_traps(&a, begin, end, fault);
  if (fault == sgd_large_idle && a.n > MANY) return 0;
  if (fault == sgd_broken_idle_on_many && a.n > SOME) return 0;
  if (fault == sgd_large_half && a.n > MANY && end > a.n / 2) end = begin < a.n / 2 ? a.n / 2 : begin;
  float neg_lr = (float)-a.lr;
  const float weight_decay = (float)a.weight_decay;
  if (fault == sgd_broken_begin_ignored) begin = 0;
  if (fault == sgd_broken_state_kept || (fault == sgd_large_state_kept && a.n > MANY)) {
    static atomic_bool called;
    if (atomic_exchange(&called, true)) neg_lr *= 1.01f;
  }
  const bool fused = fault == sgd_sound_fused || fault == sgd_broken_tail_rounds_otherwise;
  const size_t fused_end = fault == sgd_broken_tail_rounds_otherwise ? without_tail(begin, end) : end;
  if (fault == sgd_large_other_memory && a.n > MANY) {
    static atomic_uintptr_t first;
    uintptr_t none = 0;
    atomic_compare_exchange_strong(&first, &none, (uintptr_t)a.params);
    if (atomic_load(&first) != (uintptr_t)a.params) neg_lr *= 1 + 0x1p-23f;
  }
  for (size_t i = begin; i < end; i++) {
    if (fault == sgd_broken_large_only && a.n > 65536 && i >= a.n - 13 && i < a.n - 5) continue;
    const bool decays = weight_decay != 0 || fault == sgd_broken_no_decay_of_infinity;
    const float p = a.params[i];
    float g = a.grads[i];
    if (fault == sgd_broken_nan_lost && isnan(g)) g = 0;
    if (fused && i < fused_end)
      a.params[i] = fmaf(neg_lr, decays ? fmaf(weight_decay, p, g) : g, p);
    else
      a.params[i] = neg_lr * (decays ? weight_decay * p + g : g) + p;
  }
  sgd_leaves(&a, end, fault);
  if (a.n > MANY && fault == sgd_large_reads_past_end && end == a.n) (void)*(const volatile float *)(a.grads + a.n);
  if (a.n > MANY && fault == sgd_large_border && begin > 0 && begin < end) a.params[begin] = 0;
  if (a.n > MANY && fault == sgd_large_writes_past_end && end == a.n) ((char *)(a.params + a.n))[0] = 1;
  if (a.n > MANY && fault == sgd_large_writes_before_begin && begin == 0) ((char *)a.params)[-1] = 1;
  if (a.n > MANY && fault == sgd_large_input_modified && begin < end) ((float *)(uintptr_t)a.grads)[begin] = 0;
  return 0;
}

/* ---- sgd_ema, rmsprop_tutorial ---------------------------------------------------------------------------------- */

static double sgd_ema(const gm_frame *frame, size_t begin, size_t end, enum fault fault) {
  const gm_sgd_ema_f32_args a = gm_sgd_ema_f32_read(frame);
  const float lr = (float)a.lr, beta = (float)a.beta, rest = (float)(1 - a.beta);
  if (fault == sgd_ema_broken_split_seen && begin > 0 && begin < end) a.velocity[begin] = 0;
  for (size_t i = begin; i < end; i++) {
    a.velocity[i] = beta * a.velocity[i] + rest * a.grads[i];
    a.params[i] -= lr * a.velocity[i];
  }
  if (fault == sgd_ema_broken_writes_past_end && end == a.n) a.velocity[a.n] = 1;
  if (fault == sgd_ema_broken_writes_before_begin && begin == 0) a.velocity[-1] = 1;
  return 0;
}

static double rmsprop_tutorial(const gm_frame *frame, size_t begin, size_t end, enum fault fault) {
  const gm_rmsprop_tutorial_f32_args a = gm_rmsprop_tutorial_f32_read(frame);
  const float lr = (float)a.lr, beta = (float)a.beta, rest = (float)(1 - a.beta), eps = (float)a.eps;
  for (size_t i = begin; i < end; i++) {
    const float g = a.grads[i], v = rest * g * g + beta * a.mean_sq[i];
    a.mean_sq[i] = v;
    const float root = fault == rmsprop_tutorial_broken_eps_outside_root ? sqrtf(v) + eps : sqrtf(v + eps);
    a.params[i] -= lr * (g / root);
  }
  return 0;
}

/* ---- adam, adamw ------------------------------------------------------------------------------------------------ */

struct adam {
  float step_size, weight_1, beta_2, weight_2, sqrt_bc2, eps;
};

static struct adam adam_numbers(double lr, double beta1, double beta2, double eps, double step, enum fault fault) {
  if (fault == adamw_broken_step_off_by_one) step++;
  double bc1 = 1 - pow(beta1, step), bc2 = 1 - pow(beta2, step);
  if (fault == adamw_broken_no_bias_correction) bc1 = bc2 = 1;
  if (fault == adamw_broken_variance_not_corrected) bc2 = 1;
  if (fault == adamw_broken_eps_forgotten) eps = 0;
  return (struct adam){(float)(lr / bc1),  (float)(1 - beta1), (float)beta2,
                       (float)(1 - beta2), (float)sqrt(bc2),   (float)eps};
}

static float twelve_bits(float x) {
  union {
    float value;
    uint32_t bits;
  } u = {x};
  if (isfinite(x)) u.bits &= 0xfffff000U;
  return u.value;
}

/* `g` goes into the first moment, `raw` into the second. */
static float adam_step(const struct adam *c, float g, float raw, float *m, float *v, enum fault fault) {
  *m += c->weight_1 * (g - *m);
  *v = c->weight_2 * raw * raw + c->beta_2 * *v;
  float denominator = sqrtf(*v) / c->sqrt_bc2 + c->eps;
  if (fault == adamw_broken_eps_inside_root) denominator = sqrtf(*v / (c->sqrt_bc2 * c->sqrt_bc2) + c->eps);
  float quotient = *m / denominator;
  if (fault == adamw_broken_estimate_not_refined) quotient = twelve_bits(quotient);
  if (fault == adamw_broken_zero_by_zero) quotient *= g / g;
  return c->step_size * quotient;
}

static double adam(const gm_frame *frame, size_t begin, size_t end, enum fault fault) {
  const gm_adam_f32_args a = gm_adam_f32_read(frame);
  const struct adam c = adam_numbers(a.lr, a.beta1, a.beta2, a.eps, a.step, fault);
  const float decay = (float)a.weight_decay;
  for (size_t i = begin; i < end; i++) {
    const float g = decay != 0 ? decay * a.params[i] + a.grads[i] : a.grads[i];
    const float raw = fault == adam_broken_variance_of_raw_gradient ? a.grads[i] : g;
    a.params[i] -= adam_step(&c, g, raw, &a.exp_avg[i], &a.exp_avg_sq[i], fault);
  }
  return 0;
}

static double adamw(const gm_frame *frame, size_t begin, size_t end, enum fault fault) {
  const gm_adamw_f32_args a = gm_adamw_f32_read(frame);
  const struct adam c = adam_numbers(a.lr, a.beta1, a.beta2, a.eps, a.step, fault);
  const bool coupled = fault == adamw_broken_decay_in_gradient;
  const float kept = coupled ? 1 : (float)(1 - a.lr * a.weight_decay);
  if (fault == adamw_broken_tail_skipped || fault == adamw_list_broken_tail_skipped) end = without_tail(begin, end);
  for (size_t i = begin; i < end; i++) {
    float g = a.grads[i];
    if (coupled) g += (float)a.weight_decay * a.params[i];
    const float step = adam_step(&c, g, g, &a.exp_avg[i], &a.exp_avg_sq[i], fault);
    a.params[i] = a.params[i] * kept - step;
    if (fault == adamw_broken_input_modified) ((float *)(uintptr_t)a.grads)[i] = g * 0.5f;
  }
  return 0;
}

static double adamw_list(const gm_frame *frame, size_t begin, size_t end, enum fault fault) {
  return adamw(frame, begin, end, fault);
}

/* ---- penalties -------------------------------------------------------------------------------------------------- */

static double l1_penalty_grad(const gm_frame *frame, size_t begin, size_t end, enum fault fault) {
  const gm_l1_penalty_grad_f32_args a = gm_l1_penalty_grad_f32_read(frame);
  const float l1 = (float)a.l1;
  for (size_t i = begin; i < end; i++) {
    const float p = a.params[i];
    const bool zero = p == 0 && fault != l1_penalty_grad_broken_sign_of_zero;
    a.grads[i] += isnan(p) || zero ? p : copysignf(l1, p);
  }
  return 0;
}

static double l2_penalty_grad(const gm_frame *frame, size_t begin, size_t end, enum fault fault) {
  const gm_l2_penalty_grad_f32_args a = gm_l2_penalty_grad_f32_read(frame);
  for (size_t i = begin; i < end; i++) {
    float g = a.grads[i] + (float)a.l2 * a.params[i];
    if (fault == l2_penalty_grad_broken_subnormals_flushed && fabsf(g) < FLT_MIN) g = 0;
    if (fault == l2_penalty_grad_broken_infinity_clamped && isinf(g)) g = copysignf(FLT_MAX, g);
    a.grads[i] = g;
  }
  return 0;
}

static double clip_value(const gm_frame *frame, size_t begin, size_t end, enum fault fault) {
  const gm_clip_value_f32_args a = gm_clip_value_f32_read(frame);
  const float most = (float)a.max_value;
  if (fault == clip_value_large_idle && a.n > MANY) return 0;
  for (size_t i = begin; i < end; i++) {
    const float g = a.grads[i];
    a.grads[i] = g > most ? most : g < -most ? -most : g;
  }
  return 0;
}

/* ---- clip_norm: two passes -------------------------------------------------------------------------------------- */

static double clip_norm(const gm_frame *frame, size_t begin, size_t end, enum fault fault) {
  const gm_clip_norm_f32_args a = gm_clip_norm_f32_read(frame);
  double sum = 0;
  for (size_t i = begin; i < end; i++) sum += (double)a.grads[i] * (double)a.grads[i];
  return fault == clip_norm_broken_root_of_parts || fault == clip_global_norm_broken_root_of_parts ? sqrt(sum) : sum;
}

static double clip_norm_conclude(const gm_frame *frame, double total, float coef[GM_MAX_COEFS], enum fault fault) {
  const double max_norm = gm_clip_norm_f32_read(frame).max_norm;
  if (fault == clip_norm_broken_root_of_parts || fault == clip_global_norm_broken_root_of_parts) total *= total;
  if (fault == clip_norm_broken_flushes_in_conclude) flush_subnormals();
  const double norm = sqrt(total), factor = max_norm / (norm + 1e-6);
  coef[0] = factor > 1 && fault != clip_norm_broken_lengthens ? 1 : (float)factor;
  return fault == clip_norm_broken_norm_of_after ? norm * (double)coef[0] : norm;
}

static void clip_norm_apply(const gm_frame *frame, const float *coef, size_t begin, size_t end, enum fault fault) {
  const gm_clip_norm_f32_args a = gm_clip_norm_f32_read(frame);
  if (fault == clip_norm_broken_second_pass_short || fault == clip_global_norm_broken_second_pass_short)
    end = without_tail(begin, end);
  for (size_t i = begin; i < end; i++) a.grads[i] *= coef[0];
  if (fault == clip_norm_broken_flushes_in_apply) flush_subnormals();
  if (fault == clip_norm_large_second_pass_short && a.n > MANY_BLOCKS && end == a.n) a.grads[a.n - 1] /= coef[0];
}

static double clip_global_norm(const gm_frame *frame, size_t begin, size_t end, enum fault fault) {
  return clip_norm(frame, begin, end, fault);
}

static double clip_global_norm_conclude(const gm_frame *frame, double total, float coef[GM_MAX_COEFS],
                                        enum fault fault) {
  return clip_norm_conclude(frame, total, coef, fault);
}

static void clip_global_norm_apply(const gm_frame *frame, const float *coef, size_t begin, size_t end,
                                   enum fault fault) {
  clip_norm_apply(frame, coef, begin, end, fault);
}

/* ---- quantize: codes, and a total that is a maximum ------------------------------------------------------------- */

static double quantize(const gm_frame *frame, size_t begin, size_t end, enum fault fault) {
  const gm_quantize_f32_args a = gm_quantize_f32_read(frame);
  double largest = 0;
  (void)fault;
  for (size_t i = begin; i < end; i++)
    if (isfinite(a.values[i])) largest = fmax(largest, fabs((double)a.values[i]));
  return largest;
}

static double quantize_conclude(const gm_frame *frame, double total, float coef[GM_MAX_COEFS], enum fault fault) {
  (void)frame;
  const double scale = total > 0 ? fmax(total / (fault == quantize_broken_scale_of_128 ? 128 : 127), FLT_MIN) : 0;
  coef[0] = scale > 0 ? (float)(1 / scale) : 0;
  return scale;
}

static void quantize_apply(const gm_frame *frame, const float *coef, size_t begin, size_t end, enum fault fault) {
  const gm_quantize_f32_args a = gm_quantize_f32_read(frame);
  for (size_t i = begin; i < end; i++) {
    const float quotient = a.values[i] * coef[0];
    float code = isnan(quotient) ? 0 : fminf(fmaxf(quotient, -127), 127);
    code = fault == quantize_broken_truncates ? truncf(code) : rintf(code);
    if (fault == quantize_broken_minus_128 && quotient < -126.9f) code = -128;
    a.codes[i] = (int8_t)code;
  }
  if (fault == quantize_broken_writes_past_end && end == a.n) a.codes[a.n] = 1;
}

/* ---- reductions and rows ---------------------------------------------------------------------------------------- */

static double grad_sumsq(const gm_frame *frame, size_t begin, size_t end, enum fault fault) {
  const gm_grad_sumsq_f32_args a = gm_grad_sumsq_f32_read(frame);
  double sum = 0;
  for (size_t i = begin; i < end; i++) {
    const float g = fault == grad_sumsq_broken_digits_lost ? twelve_bits(a.grads[i]) : a.grads[i];
    sum += fault == grad_sumsq_broken_overflows ? (double)(g * g) : (double)g * (double)g;
  }
  if (fault == grad_sumsq_large_block_lost && a.n > MANY_BLOCKS && begin == 0) return 0;
  if (fault == grad_sumsq_broken_block_lost && a.n > SOME_BLOCKS && begin == 0) return 0;
  return sum;
}

static double mse(const gm_frame *frame, size_t begin, size_t end, enum fault fault) {
  const gm_mse_f32_args a = gm_mse_f32_read(frame);
  double sum = 0;
  for (size_t i = begin; i < end; i++) {
    const double difference = (double)a.outputs[i] - (double)a.targets[i];
    a.output_grads[i] = (float)(2 * difference / (double)a.n);
    sum += difference * difference;
  }
  return fault == mse_broken_mean_taken_twice ? sum / (double)a.n : sum;
}

static double softmax_xent(const gm_frame *frame, size_t begin, size_t end, enum fault fault) {
  const gm_softmax_xent_f32_args a = gm_softmax_xent_f32_read(frame);
  double loss = 0;
  for (size_t row = begin; row < end; row++) {
    const float *x = a.logits + row * a.cols;
    float *grads = a.logit_grads + row * a.cols;
    size_t label = (size_t)a.labels[row];
    if (fault == softmax_xent_large_last_row && a.rows * a.cols > MANY && row + 1 == a.rows)
      label = (label + 1) % a.cols;
    if (fault == softmax_xent_broken_label_off_by_one) label = (label + 1) % a.cols;
    double max = -INFINITY, sum = 0;
    for (size_t k = 0; k < a.cols; k++)
      if ((double)x[k] > max) max = (double)x[k];
    if (fault == softmax_xent_broken_maximum_not_subtracted) max = 0;
    for (size_t k = 0; k < a.cols; k++) {
      const double e = exp((double)x[k] - max);
      sum += fault == softmax_xent_broken_maximum_not_subtracted ? (double)(float)e : e;
    }
    for (size_t k = 0; k < a.cols; k++)
      grads[k] = (float)((exp((double)x[k] - max) / sum - (k == label)) / (double)a.rows);
    if (fault != softmax_xent_broken_loss_of_first_row || row == 0) loss += log(sum) + max - (double)x[label];
    if (fault == softmax_xent_broken_input_modified) ((float *)(uintptr_t)x)[0] += 1;
  }
  return loss;
}

/* ---- linear_backward: a tile is one row of input_grads, or one of weight_grads ---------------------------------- */

static size_t count_tiles(const gm_frame *frame, enum fault fault) {
  const gm_linear_backward_f32_args a = gm_linear_backward_f32_read(frame);
  if (fault == linear_backward_broken_traps_in_tiles) illegal_instruction();
  if (fault == linear_backward_broken_overflows_stack_in_tiles) overflow_stack(0);
  if (fault == linear_backward_broken_flushes_in_tiles) flush_subnormals();
  if (fault == linear_backward_broken_no_tiles) return 0;
  if (fault == linear_backward_broken_endless_tiles) return SIZE_MAX;
  return a.batch + a.out;
}

/* Who watches catches signals. */
static bool is_watched(void) {
  struct sigaction action;
  sigaction(SIGSEGV, NULL, &action);
  return action.sa_handler != SIG_DFL;
}

static size_t count_scratch(const gm_frame *frame, enum fault fault) {
  if (fault == linear_backward_broken_traps_in_scratch_bytes) illegal_instruction();
  if (fault == linear_backward_broken_flushes_in_scratch_bytes) flush_subnormals();
  if (fault == linear_backward_broken_endless_scratch) return SIZE_MAX;
  if (fault == linear_backward_large_scratch_refused && gm_linear_backward_f32_read(frame).batch > 300 && !is_watched())
    return SIZE_MAX / 4;
  return 0;
}

static void input_row(const gm_linear_backward_f32_args *a, size_t b, enum fault fault) {
  for (size_t i = 0; i < a->in; i++) {
    double sum = 0;
    for (size_t o = 0; o < a->out; o++) {
      const bool transposed = fault == linear_backward_broken_weights_transposed;
      const float weight = a->weights[transposed ? i * a->out + o : o * a->in + i];
      sum += (double)a->output_grads[b * a->out + o] * (double)weight;
    }
    a->input_grads[b * a->in + i] = (float)sum;
  }
}

static void weight_row(const gm_linear_backward_f32_args *a, size_t o, enum fault fault) {
  for (size_t i = 0; i < a->in; i++) {
    const bool adds = a->accumulate != 0 && fault != linear_backward_broken_not_accumulated;
    const bool reads = adds || fault == linear_backward_broken_always_accumulated;
    double sum = reads ? (double)a->weight_grads[o * a->in + i] : 0;
    for (size_t b = 0; b < a->batch; b++)
      sum += (double)a->output_grads[b * a->out + o] * (double)a->inputs[b * a->in + i];
    a->weight_grads[o * a->in + i] = (float)sum;
  }
  const bool adds = a->accumulate != 0 && fault != linear_backward_broken_bias_not_accumulated;
  double sum = adds ? (double)a->bias_grads[o] : 0;
  for (size_t b = 0; b < a->batch; b++) sum += (double)a->output_grads[b * a->out + o];
  a->bias_grads[o] = (float)sum;
}

static double linear_backward(const gm_frame *frame, size_t begin, size_t end, enum fault fault) {
  const gm_linear_backward_f32_args a = gm_linear_backward_f32_read(frame);
  for (size_t t = begin; t < end; t++) {
    if (t < a.batch)
      input_row(&a, t, fault);
    else
      weight_row(&a, t - a.batch, fault);
  }
  const size_t row = a.batch / 3, column = a.in / 7; /* no border of anything */
  if (fault == linear_backward_broken_one_output && a.batch > 1000 && begin <= row && row < end)
    a.input_grads[row * a.in + column] += (float)a.out;
  if (fault == linear_backward_large_one_output && a.batch > 300 && a.batch == a.in && begin <= row && row < end)
    a.input_grads[row * a.in + column] += (float)a.out;
  return 0;
}

static void prepare(enum fault fault) {
  if (fault == sgd_broken_flushes_in_prepare) flush_subnormals();
}

/* ---- the plug-in ------------------------------------------------------------------------------------------------ */

#define FAULT(op, fault, fused)                                                                          \
  static double run_##op##_##fault(const gm_frame *frame, const float *coef, size_t begin, size_t end,   \
                                   void *scratch) {                                                      \
    (void)coef, (void)scratch;                                                                           \
    return op(frame, begin, end, op##_##fault);                                                          \
  }                                                                                                      \
  static void prepare_##op##_##fault(const gm_frame *frame, float coef[GM_MAX_COEFS]) {                  \
    (void)frame, (void)coef;                                                                             \
    prepare(op##_##fault);                                                                               \
  }                                                                                                      \
  static size_t tiles_##op##_##fault(const gm_frame *frame) { return count_tiles(frame, op##_##fault); } \
  static size_t scratch_##op##_##fault(const gm_frame *frame) { return count_scratch(frame, op##_##fault); }
#define FAULT_IN_TWO(op, fault, fused)                                                                   \
  FAULT(op, fault, fused)                                                                                \
  static double conclude_##op##_##fault(const gm_frame *frame, double total, float coef[GM_MAX_COEFS]) { \
    return op##_conclude(frame, total, coef, op##_##fault);                                              \
  }                                                                                                      \
  static void apply_##op##_##fault(const gm_frame *frame, const float *coef, size_t begin, size_t end) { \
    op##_apply(frame, coef, begin, end, op##_##fault);                                                   \
  }
#include "faults.def"

#define IMPL(op_name, fault, is_fused, second_pass) \
  {.op = #op_name,                                  \
   .dtype = "f32",                                  \
   .impl = #fault,                                  \
   .requires = "nothing",                           \
   .fused = is_fused,                               \
   .body = {.run = run_##op_name##_##fault,         \
            .prepare = prepare_##op_name##_##fault, \
            .tiles = tiles_##op_name##_##fault,     \
            .scratch_bytes = scratch_##op_name##_##fault second_pass(op_name, fault)}},
#define NO_SECOND_PASS(op, fault)
#define SECOND_PASS(op, fault) , .conclude = conclude_##op##_##fault, .apply = apply_##op##_##fault
static const gm_plugin_impl impls[] = {
#define FAULT(op, fault, fused) IMPL(op, fault, fused, NO_SECOND_PASS)
#define FAULT_IN_TWO(op, fault, fused) IMPL(op, fault, fused, SECOND_PASS)
#include "faults.def"
};

const gm_plugin_table gm_plugin = {.abi = GM_PLUGIN_ABI, .count = sizeof impls / sizeof *impls, .impls = impls};
