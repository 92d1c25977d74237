#define _GNU_SOURCE
#include "run/interrupt.h"

#include <signal.h>
#include <time.h>

static volatile sig_atomic_t came;
static volatile time_t came_at;

static time_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec;
}

/* The second ends the program at once. What is sent to a group of processes may come twice, directly and passed on by
 * the guardian: that is one. */
static void on_interrupt(int number) {
  if (came && now() > came_at + 1) {
    signal(number, SIG_DFL);
    raise(number);
  }
  if (!came) came_at = now();
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
