#define _GNU_SOURCE
#include "run/turns.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "terminal/interrupt.h"

static bool read_descriptor(const char **at, int *descriptor) {
  char *rest;
  errno = 0;
  const long number = strtol(*at, &rest, 10);
  if (rest == *at || *rest != ',' || errno || number < 0 || number > 1 << 20) return false;
  *at = rest + 1;
  *descriptor = (int)number;
  return fcntl(*descriptor, F_GETFD) != -1;
}

bool turns_read(struct turns *turns, const char *text) {
  static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const char *at = text;
  const bool pipes = read_descriptor(&at, &turns->in) && read_descriptor(&at, &turns->out);
  const size_t length = strlen(at);
  if (!pipes || !length || length >= sizeof turns->group || strspn(at, allowed) != length)
    return cli_fail("--turns is '%s'; it must be IN,OUT,GROUP: two open file descriptors and a word", text), false;
  memcpy(turns->group, at, length + 1);
  turns->taken = true;
  signal(SIGPIPE, SIG_IGN); /* the one after may have ended */
  return true;
}

static void wait_for_turn(struct turns *turns) {
  char turn;
  while (turns->in >= 0 && !interrupt_came()) {
    const ssize_t got = read(turns->in, &turn, 1);
    if (got == 1) return;
    if (got == 0 || errno != EINTR) turns->in = -1;
  }
}

static void pass_turn(struct turns *turns) {
  while (turns->out >= 0 && write(turns->out, "", 1) != 1)
    if (errno != EINTR) turns->out = -1;
}

void turns_begin(struct turns *turns) {
  if (!turns->taken) return;
  wait_for_turn(turns);
  turns_yield(turns);
}

void turns_yield(struct turns *turns) {
  if (!turns->taken) return;
  pass_turn(turns);
  wait_for_turn(turns);
}
