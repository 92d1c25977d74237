/* The body is called through a wrapper that leaves a way back on each thread; the handler takes it when the signal came
 * from within the body. Memory that the kernel has written by then is the caller's to throw away. The handler has a
 * stack of its own on each thread, so that a body may run out of the thread's.
 *
 * The alarm of a kernel that hangs comes to any thread of the process: its handler sends it on to all that are inside.
 * A thread may be on its way into a body just then, so the alarm comes again every second, until the call is over.
 *
 * A body may keep a lock for which the program would wait for ever, above all one that was stopped. So a call is over
 * when such locks could be taken, and after too many alarms the process ends, and the kernel is named.
 */
#define _GNU_SOURCE
#include "verify/trap.h"

#include <assert.h>
#include <fcntl.h>
#include <fenv.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#include "guardian.h"
#include "machine/hypervisor.h"
#include "memory/guarded.h"

/* ---- what a kernel must leave as it is -------------------------------------------------------------------------- */

#if defined(__x86_64__)
/* Without the flags of what has happened. */
enum { SSE_USUAL = 0x1f80, SSE_FLAGS = 0x3f, X87_USUAL = 0x37f };

bool state_arithmetic_is_usual(void) {
  uint32_t sse;
  uint16_t x87;
  __asm__ volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(sse), "=m"(x87));
  return (sse & ~(uint32_t)SSE_FLAGS) == SSE_USUAL && x87 == X87_USUAL;
}

void state_arithmetic_make_usual(void) {
  const uint32_t sse = SSE_USUAL;
  const uint16_t x87 = X87_USUAL;
  __asm__ volatile("ldmxcsr %0\n\tfldcw %1" : : "m"(sse), "m"(x87));
}
#elif defined(__aarch64__)
bool state_arithmetic_is_usual(void) {
  uint64_t control;
  __asm__ volatile("mrs %0, fpcr" : "=r"(control));
  return control == 0;
}

void state_arithmetic_make_usual(void) { __asm__ volatile("msr fpcr, %0" : : "r"((uint64_t)0)); }
#else
bool state_arithmetic_is_usual(void) { return fegetround() == FE_TONEAREST; }

void state_arithmetic_make_usual(void) { fesetround(FE_TONEAREST); }
#endif

void state_remember(struct state_descriptors *descriptors) {
  for (int i = 0; i < STATE_DESCRIPTORS; i++) {
    struct stat there = {0};
    descriptors->of[i].copy = fstat(i, &there) == 0 ? fcntl(i, F_DUPFD_CLOEXEC, STATE_DESCRIPTORS) : -1;
    descriptors->of[i].device = there.st_dev, descriptors->of[i].file = there.st_ino;
  }
}

int state_put_back(struct state_descriptors *descriptors) {
  int first = -1;
  for (int i = 0; i < STATE_DESCRIPTORS; i++) {
    const int copy = descriptors->of[i].copy;
    struct stat there;
    if (copy < 0) continue;
    const bool same =
        fstat(i, &there) == 0 && there.st_dev == descriptors->of[i].device && there.st_ino == descriptors->of[i].file;
    if (!same) {
      const int flag = i > STDERR_FILENO ? O_CLOEXEC : 0; /* as all that this program opens */
      dup3(copy, i, flag);
      if (first < 0) first = i;
    }
    close(copy);
  }
  return first;
}

/* ---- signals ---------------------------------------------------------------------------------------------------- */

enum { SECONDS = 30, MOST_ALARMS = 30 };

static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGALRM};
enum { SIGNALS = sizeof signals / sizeof *signals };

static _Thread_local sigjmp_buf way_back;
static _Thread_local volatile sig_atomic_t inside;
static _Thread_local enum foreign outside; /* what the guardian was told before */

/* Every thread that has run a body has an entry here until it ends. */
static struct watched_thread {
  atomic_bool taken;
  pthread_t id;
  atomic_int inside;
  stack_t stack, before; /* of its handler */
} watched_threads[GM_MAX_THREADS];
static _Thread_local struct watched_thread *own;
static pthread_key_t thread_key;
static pthread_once_t key_made = PTHREAD_ONCE_INIT;

static const gm_body *wrapped;
static atomic_int caught, altered, alarms;
static_assert(ATOMIC_INT_LOCK_FREE == 2, "what several threads' handlers touch has no lock");

/* ---- threads ---------------------------------------------------------------------------------------------------- */

static void unregister_thread(void *thread) {
  struct watched_thread *mine = thread;
  if (mine->stack.ss_sp) {
    sigaltstack(&mine->before, NULL);
    munmap(mine->stack.ss_sp, mine->stack.ss_size);
  }
  mine->stack = (stack_t){0};
  atomic_store(&mine->taken, false);
}

static void make_key(void) { pthread_key_create(&thread_key, unregister_thread); }

/* What the kernel saves of a processor's registers decides how much a handler needs: of AMX more than SIGSTKSZ has. */
static void give_stack(struct watched_thread *thread) {
  enum { ROOM = 1 << 16 };
  const size_t bytes = (size_t)getauxval(AT_MINSIGSTKSZ) + ROOM;
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return; /* then an overflow of its stack ends the process, and is named by the guardian */
  thread->stack = (stack_t){.ss_sp = memory, .ss_size = bytes};
  sigaltstack(&thread->stack, &thread->before);
}

static struct watched_thread *register_thread(void) {
  struct watched_thread *thread = watched_threads;
  while (thread < &watched_threads[GM_MAX_THREADS - 1] && atomic_exchange(&thread->taken, true)) thread++;
  thread->id = pthread_self();
  give_stack(thread);
  pthread_once(&key_made, make_key);
  pthread_setspecific(thread_key, thread);
  return thread;
}

static int index_of(const struct watched_thread *thread) { return (int)(thread - watched_threads); }

/* ---- into a body and out ---------------------------------------------------------------------------------------- */

static void set_first(atomic_int *to, int value) {
  int none = 0;
  atomic_compare_exchange_strong(to, &none, value);
}

static void enter(enum foreign what) {
  if (!state_arithmetic_is_usual()) state_arithmetic_make_usual(); /* whoever changed it */
  outside = guardian_mark(index_of(own), what);
  inside = 1;
  atomic_store(&own->inside, 1);
}

static void leave(enum foreign what) {
  inside = 0;
  atomic_store(&own->inside, 0);
  guardian_mark(index_of(own), outside);
  if (state_arithmetic_is_usual()) return;
  state_arithmetic_make_usual();
  set_first(&altered, (int)what);
}

static void send_on(void) {
  for (int i = 0; i < GM_MAX_THREADS; i++)
    if (&watched_threads[i] != own && watched_threads[i].inside) pthread_kill(watched_threads[i].id, SIGALRM);
}

/* Just beyond where the thread's stack has come to: deeper than it reaches, nothing else is accessed there. */
static bool is_of_stack(int signal, const siginfo_t *info, const void *opaque) {
  const uintptr_t below = 1 << 16, above = 1 << 20, at = (uintptr_t)info->si_addr;
  uintptr_t stack = 0;
  const ucontext_t *context = opaque;
#if defined(__x86_64__)
  stack = (uintptr_t)context->uc_mcontext.gregs[REG_RSP];
#elif defined(__aarch64__)
  stack = (uintptr_t)context->uc_mcontext.sp;
#endif
  return signal == SIGSEGV && info->si_code > 0 && stack && at + below >= stack && at < stack + above;
}

static void on_signal(int signal, siginfo_t *info, void *context) {
  const bool alarmed = signal == SIGALRM;
  if (inside || alarmed) set_first(&caught, is_of_stack(signal, info, context) ? TRAP_STACK : signal);
  if (alarmed && info->si_code != SI_TKILL) { /* not one that was sent on */
    if (atomic_fetch_add(&alarms, 1) == MOST_ALARMS) guardian_give_up();
    send_on();
  }
  if (inside) siglongjmp(way_back, 1);
  if (alarmed) return;
  struct sigaction plain = {.sa_handler = SIG_DFL};
  sigaction(signal, &plain, NULL);
  raise(signal);
}

/* Runs a statement of somebody else's. Once one was stopped, what follows might rest on what that did not do, and is
 * left out. */
#define WATCHED(what, statement)       \
  do {                                 \
    if (caught) break;                 \
    if (!own) own = register_thread(); \
    if (sigsetjmp(way_back, 1) == 0) { \
      enter(what);                     \
      statement;                       \
    }                                  \
    leave(what);                       \
  } while (0)

static double run_wrapped(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  volatile double result = 0; /* kept over the way back */
  WATCHED(FOREIGN_RUN, result = wrapped->run(frame, coef, begin, end, scratch));
  return result;
}

static void prepare_wrapped(const gm_frame *frame, float coef[GM_MAX_COEFS]) {
  WATCHED(FOREIGN_PREPARE, wrapped->prepare(frame, coef));
}

static double conclude_wrapped(const gm_frame *frame, double total, float coef[GM_MAX_COEFS]) {
  volatile double result = 0;
  WATCHED(FOREIGN_CONCLUDE, result = wrapped->conclude(frame, total, coef));
  return result;
}

static void apply_wrapped(const gm_frame *frame, const float *coef, size_t begin, size_t end) {
  WATCHED(FOREIGN_APPLY, wrapped->apply(frame, coef, begin, end));
}

static size_t tiles_wrapped(const gm_frame *frame) {
  volatile size_t count = 0;
  WATCHED(FOREIGN_TILES, count = wrapped->tiles(frame));
  return count;
}

/* What all threads together ask for must stay a size. */
static size_t scratch_bytes_wrapped(const gm_frame *frame) {
  volatile size_t bytes = 0;
  WATCHED(FOREIGN_SCRATCH_BYTES, bytes = wrapped->scratch_bytes(frame));
  if (bytes <= PTRDIFF_MAX / GM_MAX_THREADS) return bytes;
  caught = TRAP_SCRATCH;
  return 0;
}

/* ---- a call ----------------------------------------------------------------------------------------------------- */

/* 0: no more. */
static void set_alarm(unsigned seconds) {
  const struct itimerval timer = {.it_value.tv_sec = (time_t)seconds, .it_interval.tv_sec = seconds > 0};
  setitimer(ITIMER_REAL, &timer, NULL);
}

static void begin_listening(struct sigaction before[SIGNALS], unsigned seconds) {
  caught = altered = alarms = 0;
  struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = (int)(SA_SIGINFO | SA_ONSTACK)};
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < SIGNALS; i++) sigaction(signals[i], &action, &before[i]);
  set_alarm(seconds);
}

/* Those that whatever comes next is likely to take: of memory (for a block too large for a thread's own store) and of
 * what is printed. */
static void take_locks(void) {
  enum { BYTES = 1 << 14 };
  void *volatile block = malloc(BYTES);
  free(block);
  flockfile(stdout), funlockfile(stdout);
  flockfile(stderr), funlockfile(stderr);
}

static void end_listening(const struct sigaction before[SIGNALS]) {
  take_locks();
  set_alarm(0);
  signal(SIGALRM, SIG_IGN); /* forgets what was sent on and has not come to its thread: it would end the process */
  for (int i = 0; i < SIGNALS; i++) sigaction(signals[i], &before[i], NULL);
}

/* Runs a trial of the processor on this thread: 0, or the signal that stopped it. */
static int probe(void (*trial)(void *argument), void *argument) {
  struct sigaction before[SIGNALS];
  begin_listening(before, SECONDS);
  WATCHED(FOREIGN_NONE, trial(argument));
  end_listening(before);
  return caught;
}

/* An implementation while it is watched. */
struct watch {
  gm_impl impl;
  gm_body body;
  struct sigaction before[SIGNALS];
};

static void begin_watch(struct watch *watch, const gm_impl *impl, unsigned seconds) {
  watch->impl = *impl;
  watch->body = *impl->body;
  gm_body *body = &watch->body;
  body->run = run_wrapped;
  if (body->prepare) body->prepare = prepare_wrapped;
  if (body->conclude) body->conclude = conclude_wrapped;
  if (body->apply) body->apply = apply_wrapped;
  if (body->tiles) body->tiles = tiles_wrapped;
  if (body->scratch_bytes) body->scratch_bytes = scratch_bytes_wrapped;
  watch->impl.body = body;
  wrapped = impl->body;
  guardian_name(impl->name);
  begin_listening(watch->before, seconds);
}

static struct trapped end_watch(const struct watch *watch, gm_status status) {
  end_listening(watch->before);
  return (struct trapped){
      .signal = caught, .altered = altered ? foreign_description((enum foreign)altered) : NULL, .status = status};
}

struct trapped trap_call(const gm_impl *impl, int threads, const gm_frame *frame) {
  return trap_call_within(impl, threads, frame, SECONDS);
}

struct trapped trap_call_within(const gm_impl *impl, int threads, const gm_frame *frame, unsigned seconds) {
  struct watch watch;
  begin_watch(&watch, impl, seconds);
  return end_watch(&watch, gm_call_unchecked(&watch.impl, threads, frame));
}

bool trap_has_work(const gm_impl *impl, int threads, const gm_frame *frame) {
  struct watch watch;
  size_t begin, end;
  char description[TRAP_SENTENCE];
  begin_watch(&watch, impl, SECONDS);
  gm_thread_range(&watch.impl, frame, threads, threads - 1, &begin, &end);
  const struct trapped trapped = end_watch(&watch, GM_OK);
  return begin < end || end == 0 || !trap_went_well(&trapped, description);
}

bool trap_went_well(const struct trapped *trapped, char description[TRAP_SENTENCE]) {
  if (trapped->signal)
    snprintf(description, TRAP_SENTENCE, "stopped by %s", trap_description(trapped->signal));
  else if (trapped->altered)
    snprintf(description, TRAP_SENTENCE, "it changed how floating-point arithmetic is done, %s", trapped->altered);
  else if (trapped->status != GM_OK)
    snprintf(description, TRAP_SENTENCE, "no memory for the threads' scratch space");
  else
    return true;
  return false;
}

const char *trap_description(int signal) {
  switch (signal) {
    case TRAP_SCRATCH: return "its scratch space, which is more than any memory has";
    case TRAP_STACK: return "an overflow of its stack (SIGSEGV)";
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

/* ---- masks ------------------------------------------------------------------------------------------------------ */

/* NULL where the build has not got it. */
extern masked_copy *const gm_masked_copy_avx2 __attribute__((weak));

struct copy {
  const float *from;
  float *to;
};

static void copy_one(void *opaque) {
  const struct copy *one = opaque;
  gm_masked_copy_avx2(one->from, one->to);
}

/* At the ends of two stretches, behind which lies an inaccessible page. Without memory nothing is known against it. */
static bool masked_copy_faults(void) {
  struct guarded from, to;
  bool faulted = false;
  if (!guarded_open(&from, sizeof(float))) return false;
  if (guarded_open(&to, sizeof(float))) {
    struct copy one = {(const float *)(from.begin + from.bytes) - 1, (float *)(to.begin + to.bytes) - 1};
    faulted = probe(copy_one, &one) != 0;
    guarded_close(&to);
  }
  guarded_close(&from);
  return faulted;
}

static const char *masked_description(void) {
  static char sentence[200];
  char signature[HYPERVISOR_SIGNATURE];
  hypervisor_sign(signature);
  const char *known = hypervisor_signed_by(signature);
  snprintf(sentence, sizeof sentence, "this processor%s%s%s accesses more than instructions of AVX2 ask for",
           signature[0] ? ", or what emulates it (" : "", known[0] ? known : signature, signature[0] ? ")," : "");
  return sentence;
}

const char *masked_why_not(const gm_impl *impl) {
  static enum { UNKNOWN, FINE, FAULTS } found; /* tried once */
  const bool rests_on_it = strncmp(impl->impl, "avx2", 4) == 0 || strcmp(impl->impl, "autovec") == 0;
  if (impl->plugin || !&gm_masked_copy_avx2 || !rests_on_it) return NULL;
  if (found == UNKNOWN) found = masked_copy_faults() ? FAULTS : FINE;
  return found == FAULTS ? masked_description() : NULL;
}
