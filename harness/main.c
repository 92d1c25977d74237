/* The program `gradmark`: picks the subcommand. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "guardian.h"
#include "team.h"

static const struct command {
  const char *name, *about;
  int (*run)(int argc, char **argv);
} commands[] = {
#ifdef GRADMARK_FULL
    {"info", "this machine: processor, topology, ISAs, what may disturb a measurement", command_info},
#endif
    {"list", "every implementation: what it needs, whether it runs here, bytes and flops per element", command_list},
    {"verify", "prove the implementations against the double-precision oracle", command_verify},
#ifdef GRADMARK_FULL
    {"run", "verify, time beside the machine's limits, report, write a result file", command_run},
    {"limits", "check what kernels are held against: peaks by straight assembly, twins beside kernels", command_limits},
    {"train", "train a model with these kernels: how fast, how well, and where the time went", command_train},
#endif
    {NULL, NULL, NULL},
};
enum { COMMANDS = sizeof commands / sizeof *commands - 1 };

static void show_usage(FILE *to) {
  fputs(
      "usage: gradmark COMMAND [OPTION...]\n\n"
      "How fast can this CPU train? Optimizer steps and gradient kernels, proved, timed,\n"
      "and held against what this very machine can do.\n\n",
      to);
  for (int i = 0; i < COMMANDS; i++) fprintf(to, "  %-8s %s\n", commands[i].name, commands[i].about);
  fputs(
      "\ngradmark COMMAND --help shows a command's options; gradmark --version the version.\n"
      "GRADMARK_ISA=avx2 allows one ISA beside scalar, GRADMARK_ISA=-avx512,-avx512_fast forbids two.\n",
      to);
}

/* `--plugin FILE` or `--plugin=FILE` */
static bool names_plugin(char **argv) {
  const char option[] = "--plugin";
  for (; *argv; argv++)
    if (strncmp(*argv, option, sizeof option - 1) == 0) return true;
  return false;
}

/* The next files to be opened would become descriptors 0 to 2 where these are closed, and what is printed would be
 * written into them. */
static bool open_standard_streams(void) {
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; descriptor++)
    if (fcntl(descriptor, F_GETFD) < 0 && open("/dev/null", O_RDWR) != descriptor) return false;
  return true;
}

/* What reads the machine's topology ends the process, or leaves out what it could not open, where there are too few. */
static bool can_open_files(void) {
  enum { NEEDED = 16 };
  int descriptor[NEEDED], opened = 0;
  while (opened < NEEDED && (descriptor[opened] = dup(STDIN_FILENO)) >= 0) opened++;
  const int why = errno;
  for (int i = 0; i < opened; i++) close(descriptor[i]);
  if (opened == NEEDED) return true;
  cli_fail("%d files can be opened here, and %d must be: %s (ulimit -n)", opened, NEEDED, strerror(why));
  return false;
}

static bool reader_is_gone(void) {
  struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};
  return poll(&output, 1, 0) == 1 && (output.revents & POLLERR);
}

/* The exit code of what ended with `status`: nothing is fine of which not all could be printed. What was found wrong
 * stays the graver news. */
static int printed(int status) {
  errno = 0;
  if (fflush(stdout) == 0 && !ferror(stdout)) return status;
  if (reader_is_gone()) return status == EXIT_FINE ? EXIT_PIPE : status;
  if (status != EXIT_USAGE)
    cli_fail("standard output could not be written%s%s", errno ? ": " : "", errno ? strerror(errno) : "");
  return status == EXIT_FINE ? EXIT_USAGE : status;
}

static const struct command *command_named(const char *name) {
  for (const struct command *command = commands; command->name; command++)
    if (strcmp(command->name, name) == 0) return command;
  return NULL;
}

/* argv[0] is its name. */
static int run_command(int argc, char **argv) {
  team_settle();
  return printed(command_named(argv[0])->run(argc, argv));
}

int main(int argc, char **argv) {
  if (!open_standard_streams()) return EXIT_USAGE;
  signal(SIGXFSZ, SIG_IGN); /* a file that may grow no further is then an error of write(), and said */
  if (argc < 2) {
    show_usage(stderr);
    return EXIT_USAGE;
  }
  const char *name = argv[1];
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
    show_usage(stdout);
    return printed(EXIT_FINE);
  }
  if (strcmp(name, "--version") == 0) {
    printf("gradmark %s\n", gm_version());
    return printed(EXIT_FINE);
  }
  if (!command_named(name)) return cli_unknown("command", name, &commands[0].name, sizeof *commands, "gradmark --help");
  if (!can_open_files()) return EXIT_USAGE;
  return names_plugin(argv) ? guardian_run(run_command, argc - 1, argv + 1) : run_command(argc - 1, argv + 1);
}
