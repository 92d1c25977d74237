/* The body is called through a wrapper that leaves a way back on each thread; the handler takes it when the signal came
 * from within the body. Memory that the kernel has written by then is the caller's to throw away. */
#define _GNU_SOURCE
#include "verify/trap.h"

#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { SECONDS = 30 };

static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGALRM};
enum { SIGNALS = sizeof signals / sizeof *signals };

static _Thread_local sigjmp_buf way_back;
static _Thread_local volatile sig_atomic_t inside;
static const gm_body *wrapped;
static volatile sig_atomic_t caught;

static void on_signal(int signal) {
  if (inside) {
    caught = signal;
    siglongjmp(way_back, 1);
  }
  if (signal == SIGALRM) return; /* came to a thread that waits for the one which hangs: nothing to go back to */
  struct sigaction plain = {.sa_handler = SIG_DFL};
  sigaction(signal, &plain, NULL);
  raise(signal);
}

static double run_wrapped(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  double result = 0;
  if (sigsetjmp(way_back, 1) == 0) {
    inside = 1;
    result = wrapped->run(frame, coef, begin, end, scratch);
  }
  inside = 0;
  return result;
}

static void prepare_wrapped(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  if (sigsetjmp(way_back, 1) == 0) {
    inside = 1;
    wrapped->prepare(frame, coef);
  }
  inside = 0;
}

struct trapped trap_call(const gm_impl *impl, int threads, const gm_frame *frame) {
  gm_body body = *impl->body;
  body.run = run_wrapped;
  if (body.prepare) body.prepare = prepare_wrapped;
  gm_impl guarded = *impl;
  guarded.body = &body;
  wrapped = impl->body;
  caught = 0;

  struct sigaction before[SIGNALS];
  struct sigaction action = {.sa_handler = on_signal};
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < SIGNALS; i++) sigaction(signals[i], &action, &before[i]);
  alarm(SECONDS);
  struct trapped result = {.status = gm_call_unchecked(&guarded, threads, frame)};
  alarm(0);
  for (int i = 0; i < SIGNALS; i++) sigaction(signals[i], &before[i], NULL);
  result.signal = caught;
  return result;
}

const char *trap_words(int signal) {
  switch (signal) {
    case SIGSEGV: return "an access outside its arrays, or misaligned (SIGSEGV)";
    case SIGBUS: return "a bad access to memory (SIGBUS)";
    case SIGILL: return "an illegal instruction (SIGILL)";
    case SIGFPE: return "an arithmetic trap (SIGFPE)";
    case SIGTRAP: return "a trap (SIGTRAP)";
    case SIGABRT: return "an abort (SIGABRT)";
    case SIGALRM: return "not coming back within 30 seconds";
    default: return "a signal";
  }
}
