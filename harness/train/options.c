#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "train/session.h"

enum { MOST_WIDTH = 65536, MOST_BATCH = 65536, MOST_EPOCHS = 100000 };

/* Arguments that are looked at again once all are read. */
struct texts {
  const char *lr, *schedule, *batch, *epochs, *init, *clip, *l1, *l2, *hidden, *activation, *seed, *validate, *patience;
};

static void list_workloads(char *text, size_t size) {
  size_t used =
      (size_t)snprintf(text, size,
                       "Trains a model with this suite's own kernels, on any implementation and any number of\n"
                       "threads, and says how fast, how well, and where the time went. The workloads:\n\n");
  for (const struct workload *w = workloads; w->name && used < size; w++)
    used += (size_t)snprintf(text + used, size - used, "  %-16s %s\n", w->name, w->about);
  if (used < size)
    snprintf(text + used, size - used,
             "\nWithout --data, digits are drawn here. What is not given is the workload's own choice.\n\n"
             "Schedules say what the learning rate is multiplied by in epoch e (from 0), at the share s of all\n"
             "steps. Their values are the usual ones; others follow a colon (step:every=2,factor=0.5):\n\n"
             "  constant      1\n"
             "  inverse_time  1 / (1 + rate e), e with its fraction            rate=0.5\n"
             "  step          factor^(e / every), rounded down                 every=3,factor=0.1\n"
             "  exponential   factor^e                                         factor=0.9\n"
             "  cosine        floor + (1 - floor) (1 + cos(pi s)) / 2          floor=0\n"
             "  warmup        s / share, from there on 1                       share=0.1\n\n"
             "Exit 0; 1 if the training diverged, a kernel failed its proof or a known solution was missed;\n"
             "2 for a wrong command or file; 130 if interrupted.");
}

static bool read_positive(const char *name, const char *text, double high, double *value) {
  return !text || cli_share(name, text, high, value);
}

static bool read_count(const char *name, const char *text, long high, size_t *count) {
  long number;
  if (!text) return true;
  if (!cli_number(name, text, 1, high, &number)) return false;
  *count = (size_t)number;
  return true;
}

static bool read_init(struct train_options *o, const char *text) {
  if (!text) return true;
  for (int i = 0; i < INITS; i++)
    if (strcmp(init_names[i], text) == 0) {
      o->init = (enum init)i;
      return o->init_given = true;
    }
  cli_fail("--init is '%s'; it must be xavier, he, uniform or zero", text);
  return false;
}

/* "256" or "512,128"; "none" for a linear model. */
static bool read_hidden(struct train_options *o, const char *text) {
  if (!text) return true;
  o->hidden_given = true;
  if (strcmp(text, "none") == 0) return true;
  size_t count = 0;
  for (const char *at = text;;) {
    char *end;
    const long width = strtol(at, &end, 10);
    if (end == at || width < 1 || width > MOST_WIDTH || (*end && *end != ',') || count == TRAINING_MOST_HIDDEN) {
      cli_fail("--hidden is '%s'; it must be none, or up to %d widths between 1 and %d, separated by commas", text,
               TRAINING_MOST_HIDDEN, MOST_WIDTH);
      return false;
    }
    o->hidden[count++] = (size_t)width;
    if (!*end) return true;
    at = end + 1;
  }
}

static bool read_activation(struct train_options *o, const char *text) {
  if (!text) return true;
  o->activation = activation_named(text);
  if (!o->activation) cli_fail("--activation is '%s'; it must be one of %s", text, activation_names);
  return o->activation != NULL;
}

static bool read_texts(struct train_options *o, const struct texts *t) {
  const double most = 1e6;
  o->lr = o->clip = o->l1 = o->l2 = NAN;
  o->schedule_text = t->schedule;
  o->patience = 3;
  if (t->schedule && !schedule_read(&o->schedule, t->schedule)) return false;
  if (t->validate && !cli_share("validate", t->validate, 0.9, &o->validate)) return false;
  if (t->patience && !t->validate) return cli_fail("--patience needs --validate"), false;
  return read_positive("lr", t->lr, most, &o->lr) && read_positive("clip", t->clip, most, &o->clip) &&
         read_positive("l1", t->l1, most, &o->l1) && read_positive("l2", t->l2, most, &o->l2) &&
         read_count("batch", t->batch, MOST_BATCH, &o->batch) &&
         read_count("epochs", t->epochs, MOST_EPOCHS, &o->epochs) &&
         read_count("patience", t->patience, MOST_EPOCHS, &o->patience) && read_init(o, t->init) &&
         read_hidden(o, t->hidden) && read_activation(o, t->activation) && cli_seed(t->seed ? t->seed : "1", &o->seed);
}

/* The first argument is the workload. */
static bool take_workload(struct train_options *o, int *argc, char **argv) {
  if (*argc < 2 || argv[1][0] == '-') {
    for (int i = 1; i < *argc; i++)
      if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) return true;
    return cli_fail("the workload comes first (gradmark train --help lists them)"), false;
  }
  for (o->workload = workloads; o->workload->name && strcmp(o->workload->name, argv[1]) != 0;) o->workload++;
  if (!o->workload->name)
    return cli_unknown("workload", argv[1], &workloads->name, sizeof *workloads, "gradmark train --help"), false;
  memmove(&argv[1], &argv[2], (size_t)(*argc - 1) * sizeof *argv); /* with the NULL at the end */
  (*argc)--;
  return true;
}

static bool check_files(const struct train_options *o) {
  if (o->save && o->output && strcmp(o->save, o->output) == 0)
    return cli_fail("--save and -o are both '%s'", o->save), false;
  if (o->resume && o->export_directory)
    return cli_fail("--export is of a training's beginning; --resume goes on from later"), false;
  return true;
}

bool train_options_read(struct train_options *o, int argc, char **argv, int *status) {
  struct texts t = {0};
  char about[4000];
  *o = (struct train_options){0};
  list_workloads(about, sizeof about);
  const struct cli_option options[] = {
      {"data", "DIR", "digits from the IDX files there (train-*, t10k-*, plain or gzip)", &o->data, NULL},
      {"optimizer", "NAME", "an op of the family optim (gradmark list), at its usual learning rate", &o->optimizer,
       NULL},
      {"lr", "X", "learning rate", &t.lr, NULL},
      {"schedule", "NAME", "one of the above", &t.schedule, NULL},
      {"batch", "N", "samples per step", &t.batch, NULL},
      {"epochs", "N", "how often all samples are gone through", &t.epochs, NULL},
      {"init", "NAME", "xavier, he, uniform or zero", &t.init, NULL},
      {"clip", "X", "largest norm of a step's whole gradient", &t.clip, NULL},
      {"l1", "X", "L1 penalty on the weights", &t.l1, NULL},
      {"l2", "X", "L2 penalty on the weights", &t.l2, NULL},
      {"hidden", "LIST", "widths of the hidden layers, or none", &t.hidden, NULL},
      {"activation", "NAME", "relu, sigmoid, tanh, gelu_tanh, gelu_erf or silu", &t.activation, NULL},
      {"isa", "LIST", "train once on each of these ISAs, or on all (default: the best)", &o->isa, NULL},
      {"threads", "LIST", "and once on each of these thread counts, or on all (default: 1)", &o->threads, NULL},
      {"seed", "N", "of the initial parameters, the order of the samples and drawn data (default: 1)", &t.seed, NULL},
      {"validate", "FRACTION", "keep so much of the training data to stop early by, and the best weights", &t.validate,
       NULL},
      {"patience", "N", "epochs without a better validation loss before it stops (default: 3)", &t.patience, NULL},
      {"save", "FILE", "write a checkpoint after every epoch", &o->save, NULL},
      {"resume", "FILE", "go on from this checkpoint, to the bits of a training never stopped", &o->resume, NULL},
      {"export", "DIR", "write data, order and initial parameters there, for another program", &o->export_directory,
       NULL},
      {"o", "FILE", "write the result to this new file", &o->output, NULL},
      {0},
  };
  *status = EXIT_USAGE;
  if (!take_workload(o, &argc, argv)) return false;
  switch (cli_parse(&argc, argv, "gradmark train WORKLOAD [OPTION...]", about, options, NULL)) {
    case CLI_HELP_SHOWN: *status = EXIT_FINE; return false;
    case CLI_WRONG: return false;
    case CLI_GO_ON: break;
  }
  return read_texts(o, &t) && check_files(o);
}
