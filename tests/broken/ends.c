/* A plug-in whose code ends the process, each implementation in another of its functions, or stops it by a lock;
 * GRADMARK_ENDS_IN makes it wrong while it is loaded. */
#include <fenv.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "flush.h"
#include "op_args.h"

static bool asked_for(const char *what) {
  const char *given = getenv("GRADMARK_ENDS_IN");
  return given && strcmp(given, what) == 0;
}

__attribute__((constructor)) static void construct(void) {
  if (asked_for("constructor")) exit(0);
  if (asked_for("constructor_at_once")) _exit(0);
  if (asked_for("constructor_abort")) abort();
  if (asked_for("constructor_closes")) close(STDOUT_FILENO);
  if (asked_for("constructor_rounds")) fesetround(FE_DOWNWARD);
  if (asked_for("constructor_flushes")) flush_subnormals();
}

__attribute__((destructor)) static void destroy(void) {
  if (asked_for("destructor")) _exit(0);
}

static bool runnable(void) {
  if (asked_for("runnable")) exit(0);
  if (asked_for("runnable_rounds")) fesetround(FE_DOWNWARD);
  return true;
}

static double sgd(const gm_frame *frame, size_t begin, size_t end) {
  const gm_sgd_f32_args a = gm_sgd_f32_read(frame);
  const float lr = (float)a.lr, weight_decay = (float)a.weight_decay;
  for (size_t i = begin; i < end; i++)
    a.params[i] -= lr * (weight_decay != 0 ? weight_decay * a.params[i] + a.grads[i] : a.grads[i]);
  return 0;
}

#define RUN(name, condition, call)                                                                        \
  static double name(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) { \
    (void)coef, (void)scratch;                                                                            \
    if (condition) call;                                                                                  \
    return sgd(frame, begin, end);                                                                        \
  }
RUN(run, true, exit(0))
/* What is printed next, by another thread, waits for it. */
static void keep_lock(void) { flockfile(stdout); }
RUN(run_keeps_lock, syscall(SYS_gettid) != getpid(), keep_lock())
RUN(run_at_once, true, _exit(0))
RUN(run_with_two, true, exit(2))
RUN(run_on_another_thread, syscall(SYS_gettid) != getpid(), _exit(0))
static atomic_int calls_on_many;
RUN(run_later, frame->size[0] > 1 << 20 && atomic_fetch_add(&calls_on_many, 1) == 1, exit(0))

static double idle(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)frame, (void)coef, (void)begin, (void)end, (void)scratch;
  return 0;
}

static void prepare(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  (void)frame, (void)coef;
  exit(0);
}

static size_t one_tile(const gm_frame *frame) {
  (void)frame;
  return 1;
}

static size_t count(const gm_frame *frame) {
  (void)frame;
  exit(0);
}

static double conclude(const gm_frame *frame, double total, float coef[GM_MAX_COEFS]) {
  (void)frame, (void)total, (void)coef;
  exit(0);
}

static double keep(const gm_frame *frame, double total, float coef[GM_MAX_COEFS]) {
  (void)frame, (void)coef;
  return total;
}

static void apply(const gm_frame *frame, const float *coef, size_t begin, size_t end) {
  (void)frame, (void)coef, (void)begin, (void)end;
  exit(0);
}

#define IMPL(op_name, name, ...)                                                                          \
  {                                                                                                       \
    .op = #op_name, .dtype = "f32", .impl = #name, .requires = "nothing", .runnable = runnable, .body = { \
      __VA_ARGS__                                                                                         \
    }                                                                                                     \
  }
static const gm_plugin_impl impls[] = {
    IMPL(sgd, ends_in_run, .run = run),
    IMPL(sgd, ends_in_run_at_once, .run = run_at_once),
    IMPL(sgd, ends_in_run_with_two, .run = run_with_two),
    IMPL(sgd, ends_in_run_on_another_thread, .run = run_on_another_thread),
    IMPL(sgd, keeps_lock, .run = run_keeps_lock),
    IMPL(sgd, ends_in_prepare, .run = idle, .prepare = prepare),
    IMPL(sgd, ends_later, .run = run_later),
    IMPL(linear_backward, ends_in_tiles, .run = idle, .tiles = count),
    IMPL(linear_backward, ends_in_scratch_bytes, .run = idle, .tiles = one_tile, .scratch_bytes = count),
    IMPL(clip_norm, ends_in_conclude, .run = idle, .conclude = conclude, .apply = apply),
    IMPL(clip_norm, ends_in_apply, .run = idle, .conclude = keep, .apply = apply),
};

const gm_plugin_table gm_plugin = {.abi = GM_PLUGIN_ABI, .count = sizeof impls / sizeof *impls, .impls = impls};
