#define _GNU_SOURCE
#include "guardian.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"

enum { NAME_SIZE = 256, PATH_SIZE = 4096 };

/* What both processes see. */
struct shared {
  volatile bool ended; /* the command came back */
  volatile int status; /* with this */
  volatile bool given_up;
  char name[NAME_SIZE];
  char file[PATH_SIZE];                          /* to be removed if the process does not end by itself */
  volatile unsigned char inside[GM_MAX_THREADS]; /* enum foreign */
};

static struct shared alone; /* where nobody watches */
static struct shared *shared = &alone;
static volatile sig_atomic_t worker;

const char *foreign_description(enum foreign what) {
  static const char *const words[] = {
      [FOREIGN_NONE] = "somewhere",
      [FOREIGN_CONSTRUCTOR] = "in a constructor",
      [FOREIGN_RUNNABLE] = "in a `runnable`",
      [FOREIGN_PREPARE] = "in its `prepare`",
      [FOREIGN_RUN] = "in its `run`",
      [FOREIGN_TILES] = "in its `tiles`",
      [FOREIGN_SCRATCH_BYTES] = "in its `scratch_bytes`",
      [FOREIGN_CONCLUDE] = "in its `conclude`",
      [FOREIGN_APPLY] = "in its `apply`",
      [FOREIGN_TIMED] = "while it was timed",
  };
  return words[what];
}

void guardian_name(const char *name) { snprintf(shared->name, sizeof shared->name, "%s", name); }

void guardian_file(const char *path) {
  const size_t length = path ? strlen(path) : 0;
  if (length >= sizeof shared->file) return;
  memcpy(shared->file, path ? path : "", length + 1);
}

enum foreign guardian_mark(int place, enum foreign what) {
  const enum foreign before = shared->inside[place];
  shared->inside[place] = (unsigned char)what;
  return before;
}

static enum foreign last_seen(void) {
  for (int i = 0; i < GM_MAX_THREADS; i++)
    if (shared->inside[i]) return shared->inside[i];
  return FOREIGN_NONE;
}

#define GAVE_UP " FAILED its proof: nothing could go on after it, as where it keeps a lock"

/* Who watches has a standard error that no kernel can have closed. */
void guardian_give_up(void) {
  const char *const words[] = {"gradmark: ", alone.name, GAVE_UP "\n"};
  shared->given_up = true;
  for (int i = 0; i < 3 && shared == &alone; i++)
    if (write(STDERR_FILENO, words[i], strlen(words[i])) < 0) break;
  _exit(EXIT_FAILED);
}

/* What came from a terminal has come to both. */
static void pass_on(int signal, siginfo_t *info, void *context) {
  (void)context;
  if (info->si_code <= 0 && worker > 0) kill((pid_t)worker, signal);
}

static int work(int (*command)(int argc, char **argv), int argc, char **argv, pid_t guardian) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != guardian) raise(SIGKILL);
  shared->status = command(argc, argv);
  fflush(NULL);
  shared->ended = true;
  return shared->status;
}

/* It ended for itself, or was ended from outside. */
static bool is_usual(int how) {
  if (WIFEXITED(how)) return shared->ended && (WEXITSTATUS(how) == shared->status || WEXITSTATUS(how) != EXIT_FINE);
  const int signal = WTERMSIG(how);
  return signal == SIGINT || signal == SIGTERM || signal == SIGHUP || signal == SIGKILL || signal == SIGPIPE;
}

static int complain(int how) {
  char by[64] = "";
  const enum foreign what = last_seen();
  const char *name = shared->name[0] ? shared->name : "a plug-in";
  if (WIFSIGNALED(how)) snprintf(by, sizeof by, " by a signal (%s)", strsignal(WTERMSIG(how)));
  if (shared->given_up)
    cli_fail("%s" GAVE_UP, name);
  else if (what == FOREIGN_NONE)
    cli_fail("something that a plug-in left behind ended the process%s; %s was called last", by, name);
  else
    cli_fail("%s FAILED its proof: it ended the process%s %s", name, by, foreign_description(what));
  return EXIT_FAILED;
}

static int wait_for_it(pid_t child) {
  int how;
  while (waitpid(child, &how, 0) < 0)
    if (errno != EINTR) return cli_fail("the process that does the work was lost: %s", strerror(errno));
  if (!shared->ended && shared->file[0]) unlink(shared->file);
  if (!is_usual(how)) return complain(how);
  if (WIFEXITED(how)) return WEXITSTATUS(how);
  signal(WTERMSIG(how), SIG_DFL);
  raise(WTERMSIG(how));
  return EXIT_STOPPED;
}

int guardian_run(int (*command)(int argc, char **argv), int argc, char **argv) {
  static const int passed[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};
  enum { PASSED = sizeof passed / sizeof *passed };
  void *page = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return cli_fail("no memory to watch over plug-ins");
  shared = page;
  struct sigaction action = {.sa_sigaction = pass_on, .sa_flags = (int)SA_SIGINFO}, before[PASSED];
  sigset_t all, usual;
  sigfillset(&all);
  sigemptyset(&action.sa_mask);
  sigprocmask(SIG_BLOCK, &all, &usual); /* none may come between */
  const pid_t guardian = getpid(), child = fork();
  if (child < 0) {
    sigprocmask(SIG_SETMASK, &usual, NULL);
    return cli_fail("no process for plug-ins: %s", strerror(errno));
  }
  if (child == 0) {
    sigprocmask(SIG_SETMASK, &usual, NULL);
    return work(command, argc, argv, guardian);
  }
  worker = child;
  for (int i = 0; i < PASSED; i++) {
    sigaction(passed[i], NULL, &before[i]);
    if (before[i].sa_handler != SIG_IGN) sigaction(passed[i], &action, NULL);
  }
  sigprocmask(SIG_SETMASK, &usual, NULL);
  return wait_for_it(child);
}
