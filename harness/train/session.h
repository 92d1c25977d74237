/* One run of `gradmark train`, from its options to what it found. */
#ifndef GRADMARK_TRAIN_SESSION_H
#define GRADMARK_TRAIN_SESSION_H

#include "machine/environment.h"
#include "machine/placement.h"
#include "machine/topology.h"
#include "memory/arena.h"
#include "thread_list.h"
#include "train/compress.h"
#include "train/data/dataset.h"
#include "train/fit.h"
#include "train/options.h"
#include "train/outcome.h"
#include "train/toy_data.h"
#include "train/verified.h"

enum { SESSION_MOST_ISAS = 16 };

struct session {
  struct train_options options;
  gm_library *library;
  double begun; /* clock_seconds */
  struct machine machine;
  struct environment environment;
  size_t observed;                /* warnings of before the first training */
  double waited;                  /* share of its time that a training waited for a processor: the largest */
  struct placement_log placement; /* before and after each training on several threads */
  struct arena_settings arena;
  struct verified verified;

  const char *isa[SESSION_MOST_ISAS];
  int isas;
  struct thread_list threads;

  struct train_test digits;              /* of the workloads that learn digits */
  struct toy_data *toy_train, *toy_test; /* of the others */

  struct outcome *outcome;
  size_t outcomes, capacity;
  struct fit *fit;
  size_t fits;
  struct compressed compressed[COMPRESSED_MOST];
  int compressions;
};

/* Room for one outcome more, all zero; NULL and a complaint without memory. */
struct outcome *session_outcome(struct session *session);

#endif
