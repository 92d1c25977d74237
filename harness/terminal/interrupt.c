#define _GNU_SOURCE
#include "terminal/interrupt.h"

#include <signal.h>

#include "machine/clock.h"

static volatile sig_atomic_t came;
static volatile double came_at;

/* What is sent to a group of processes may come twice, directly and passed on, by the guardian or by whoever started
 * the program: within a second that is one. */
static void on_interrupt(int number) {
  if (came && clock_seconds() >= came_at + 1) {
    signal(number, SIG_DFL);
    raise(number);
  }
  if (!came) came_at = clock_seconds();
  came = 1;
}

void interrupt_listen(void) {
  struct sigaction action = {.sa_handler = on_interrupt};
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  struct sigaction before; /* under nohup it stays ignored */
  if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, NULL);
  signal(SIGPIPE, SIG_IGN); /* who reads stdout may stop; the result file is still to be written */
}

bool interrupt_came(void) { return came != 0; }
