/* What the subcommands share: their entries, their exit codes, the way they complain, and their options. */
#ifndef GRADMARK_CLI_H
#define GRADMARK_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "by_name.h"

enum cli_exit {
  EXIT_FINE = 0,
  EXIT_FAILED = 1,    /* something was found wrong: a kernel failed its proof */
  EXIT_USAGE = 2,     /* it could not be done, or not all of it be written: a wrong command line, file, environment */
  EXIT_STOPPED = 130, /* interrupted; what was finished is written */
  EXIT_PIPE = 141,    /* who read the output had enough; files are written */
};

/* Prints "gradmark: <sentence>" on stderr and returns EXIT_USAGE. */
__attribute__((format(printf, 1, 2))) int cli_fail(const char *format, ...);

/* Complains of a word that is none of the names, and asks whether one was meant that is not far from it. The names are
 * `stride` bytes apart, as the first members of structs, and ended by NULL; `help` is the command that lists them.
 * Returns EXIT_USAGE.
 */
int cli_unknown(const char *kind, const char *word, const char *const *names, size_t stride, const char *help);

/* One option of a subcommand. A switch takes no value and writes `true` to *on; the others write the text to *value. */
struct cli_option {
  const char *name;       /* without the dashes: "filter"; one letter makes a short option: "o" */
  const char *value_name; /* "RE"; NULL for a switch */
  const char *help;
  const char **value;
  bool *on;
};

/* What cli_parse found. */
enum cli_parsed { CLI_GO_ON, CLI_HELP_SHOWN, CLI_WRONG };

/* Reads argv[1..] against `options` (ended by a NULL name); shows help for --help and complains about anything unknown
 * or left over, naming the nearest option. Arguments that begin with `pass_prefix` (if not NULL) are kept, in order, at
 * the front of argv after argv[0], and *argc counts them. */
enum cli_parsed cli_parse(int *argc, char **argv, const char *usage, const char *about,
                          const struct cli_option *options, const char *pass_prefix);

/* A whole number within low .. high; complains with the option's name and returns false otherwise. */
bool cli_number(const char *option, const char *text, long low, long high, long *number);

/* A decimal number above 0, at most `high`; complains likewise. */
bool cli_share(const char *option, const char *text, double high, double *number);

/* The seed of --seed, from the clock if `text` is NULL; complains and returns false if it is no whole number. */
bool cli_seed(const char *text, uint64_t *seed);

/* Opens the kernel library under GRADMARK_ISA; complains and returns NULL if the rule is wrong. */
gm_library *cli_open_library(void);

int command_info(int argc, char **argv);
int command_list(int argc, char **argv);
int command_verify(int argc, char **argv);
int command_run(int argc, char **argv);
int command_limits(int argc, char **argv);
int command_train(int argc, char **argv);

#endif
