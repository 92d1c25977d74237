/* harness/terminal/interrupt.h: the first signal asks, one that comes a second later kills. */
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "machine/clock.h"
#include "terminal/interrupt.h"

static void wait_until(double seconds) {
  while (clock_seconds() < seconds) nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

/* Begins with a whole second of the clock, so that the next signal comes before two of them have passed. */
static void be_asked_twice(int first, int second) {
  interrupt_listen();
  if (interrupt_came()) _exit(2);
  wait_until(floor(clock_seconds()) + 1);
  raise(first);
  if (!interrupt_came()) _exit(3);
  wait_until(clock_seconds() + 1);
  raise(second);
  _exit(0);
}

static void a_second_later_another_kills(void **state) {
  (void)state;
  static const int asks[] = {SIGINT, SIGTERM, SIGHUP};
  enum { ASKS = sizeof asks / sizeof *asks };
  pid_t child[ASKS];
  signal(SIGHUP, SIG_DFL);
  for (int i = 0; i < ASKS; i++) {
    child[i] = fork();
    assert_true(child[i] >= 0);
    if (child[i] == 0) be_asked_twice(asks[i], asks[(i + 1) % ASKS]);
  }
  for (int i = 0; i < ASKS; i++) {
    int how;
    assert_int_equal(waitpid(child[i], &how, 0), child[i]);
    assert_true(WIFSIGNALED(how));
    assert_int_equal(WTERMSIG(how), asks[(i + 1) % ASKS]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_second_later_another_kills),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
