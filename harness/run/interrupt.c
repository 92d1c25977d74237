#define _GNU_SOURCE
#include "run/interrupt.h"

#include <signal.h>

static volatile sig_atomic_t came;

static void on_interrupt(int signal) {
  (void)signal;
  came = 1;
}

void interrupt_listen(void) {
  struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  signal(SIGPIPE, SIG_IGN); /* who reads stdout may stop; the result file is still to be written */
}

bool interrupt_came(void) { return came != 0; }
