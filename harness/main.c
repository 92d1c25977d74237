/* The program `gradmark`: picks the subcommand. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "guardian.h"

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

int main(int argc, char **argv) {
  signal(SIGXFSZ, SIG_IGN); /* a file that may grow no further is then an error of write(), and said */
  if (argc < 2) {
    show_usage(stderr);
    return EXIT_USAGE;
  }
  const char *name = argv[1];
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
    show_usage(stdout);
    return EXIT_FINE;
  }
  if (strcmp(name, "--version") == 0) {
    printf("gradmark %s\n", gm_version());
    return EXIT_FINE;
  }
  for (int i = 0; i < COMMANDS; i++)
    if (strcmp(name, commands[i].name) == 0)
      return names_plugin(argv) ? guardian_run(commands[i].run, argc - 1, argv + 1)
                                : commands[i].run(argc - 1, argv + 1);
  return cli_unknown("command", name, &commands[0].name, sizeof *commands, "gradmark --help");
}
