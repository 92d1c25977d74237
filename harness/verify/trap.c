/* The body is called through a wrapper that leaves a way back on each thread; the handler takes it when the signal came
 * from within the body. Memory that the kernel has written by then is the caller's to throw away.
 *
 * The alarm of a kernel that hangs comes to any thread of the process: its handler sends it on to all that are inside.
 */
#define _GNU_SOURCE
#include "verify/trap.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "guardian.h"
#include "verify/state.h"

enum { SECONDS = 30 };

static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGALRM};
enum { SIGNALS = sizeof signals / sizeof *signals };

static _Thread_local sigjmp_buf way_back;
static _Thread_local volatile sig_atomic_t inside;

/* Every thread that ever ran a body has a place here. */
static struct {
  pthread_t thread;
  volatile sig_atomic_t inside;
} places[GM_MAX_THREADS];
static atomic_int places_taken;
static _Thread_local int place = -1;
static volatile sig_atomic_t sent_on;
static const gm_body *wrapped;
static volatile sig_atomic_t caught, altered;

static void enter(enum foreign what) {
  if (place < 0) {
    place = atomic_fetch_add(&places_taken, 1) % GM_MAX_THREADS;
    places[place].thread = pthread_self();
  }
  if (!state_arithmetic_is_usual()) state_arithmetic_make_usual(); /* whoever changed it */
  guardian_mark(place, what);
  places[place].inside = inside = 1;
}

static void leave(enum foreign what) {
  places[place].inside = inside = 0;
  guardian_mark(place, FOREIGN_NONE);
  if (state_arithmetic_is_usual()) return;
  state_arithmetic_make_usual();
  altered = (int)what;
}

static void send_on(void) {
  sent_on = 1;
  const int taken = atomic_load(&places_taken);
  for (int i = 0; i < taken && i < GM_MAX_THREADS; i++)
    if (i != place && places[i].inside) pthread_kill(places[i].thread, SIGALRM);
}

static void on_signal(int signal) {
  if (signal == SIGALRM && !sent_on) send_on();
  if (inside) {
    caught = signal;
    siglongjmp(way_back, 1);
  }
  if (signal == SIGALRM) return;
  struct sigaction plain = {.sa_handler = SIG_DFL};
  sigaction(signal, &plain, NULL);
  raise(signal);
}

static double run_wrapped(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  volatile double result = 0; /* kept over the way back */
  if (sigsetjmp(way_back, 1) == 0) {
    enter(FOREIGN_RUN);
    result = wrapped->run(frame, coef, begin, end, scratch);
  }
  leave(FOREIGN_RUN);
  return result;
}

static void prepare_wrapped(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  if (sigsetjmp(way_back, 1) == 0) {
    enter(FOREIGN_PREPARE);
    wrapped->prepare(frame, coef);
  }
  leave(FOREIGN_PREPARE);
}

static double conclude_wrapped(const gm_frame *frame, double total, float coef[GM_MAX_COEFS]) {
  volatile double result = 0;
  if (sigsetjmp(way_back, 1) == 0) {
    enter(FOREIGN_CONCLUDE);
    result = wrapped->conclude(frame, total, coef);
  }
  leave(FOREIGN_CONCLUDE);
  return result;
}

static void apply_wrapped(const gm_frame *frame, const float *coef, size_t begin, size_t end) {
  if (sigsetjmp(way_back, 1) == 0) {
    enter(FOREIGN_APPLY);
    wrapped->apply(frame, coef, begin, end);
  }
  leave(FOREIGN_APPLY);
}

static size_t tiles_wrapped(const gm_frame *frame) {
  volatile size_t count = 0;
  if (sigsetjmp(way_back, 1) == 0) {
    enter(FOREIGN_TILES);
    count = wrapped->tiles(frame);
  }
  leave(FOREIGN_TILES);
  return count;
}

static size_t scratch_bytes_wrapped(const gm_frame *frame) {
  volatile size_t bytes = 0;
  if (sigsetjmp(way_back, 1) == 0) {
    enter(FOREIGN_SCRATCH_BYTES);
    bytes = wrapped->scratch_bytes(frame);
  }
  leave(FOREIGN_SCRATCH_BYTES);
  return bytes;
}

struct trapped trap_call(const gm_impl *impl, int threads, const gm_frame *frame) {
  return trap_call_within(impl, threads, frame, SECONDS);
}

struct trapped trap_call_within(const gm_impl *impl, int threads, const gm_frame *frame, unsigned seconds) {
  gm_body body = *impl->body;
  body.run = run_wrapped;
  if (body.prepare) body.prepare = prepare_wrapped;
  if (body.conclude) body.conclude = conclude_wrapped;
  if (body.apply) body.apply = apply_wrapped;
  if (body.tiles) body.tiles = tiles_wrapped;
  if (body.scratch_bytes) body.scratch_bytes = scratch_bytes_wrapped;
  gm_impl guarded = *impl;
  guarded.body = &body;
  wrapped = impl->body;
  caught = sent_on = altered = 0;
  guardian_name(impl->name);

  struct sigaction before[SIGNALS];
  struct sigaction action = {.sa_handler = on_signal};
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < SIGNALS; i++) sigaction(signals[i], &action, &before[i]);
  alarm(seconds);
  struct trapped result = {.status = gm_call_unchecked(&guarded, threads, frame)};
  alarm(0);
  for (int i = 0; i < SIGNALS; i++) sigaction(signals[i], &before[i], NULL);
  result.signal = caught;
  result.altered = altered ? foreign_words((enum foreign)altered) : NULL;
  return result;
}

bool trap_went_well(const struct trapped *trapped, char words[TRAP_SENTENCE]) {
  if (trapped->signal)
    snprintf(words, TRAP_SENTENCE, "stopped by %s", trap_words(trapped->signal));
  else if (trapped->altered)
    snprintf(words, TRAP_SENTENCE, "it changed how floating-point arithmetic is done, %s", trapped->altered);
  else if (trapped->status != GM_OK)
    snprintf(words, TRAP_SENTENCE, "no memory for the threads' scratch space");
  else
    return true;
  return false;
}

const char *trap_words(int signal) {
  switch (signal) {
    case SIGSEGV: return "an access outside its arrays, or misaligned (SIGSEGV)";
    case SIGBUS: return "a bad access to memory (SIGBUS)";
    case SIGILL: return "an illegal instruction (SIGILL)";
    case SIGFPE: return "an arithmetic trap (SIGFPE)";
    case SIGTRAP: return "a trap (SIGTRAP)";
    case SIGABRT: return "an abort (SIGABRT)";
    case SIGALRM: return "not coming back in time";
    default: return "a signal";
  }
}
