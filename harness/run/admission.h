/* Which rows are timed: all of the plan, or as many as the profile's time is enough for. What is timed was proved, has
 * its memory, and knows how many steps make a sample. */
#ifndef GRADMARK_ADMISSION_H
#define GRADMARK_ADMISSION_H

#include "measure/group.h"
#include "measure/sampler.h"
#include "run/run.h"
#include "terminal/progress.h"
#include "verify/trap.h"

/* A row that is timed. Must stay where it is. */
struct entry {
  struct row *row;
  struct group *group;
  struct sampler sampler;
  size_t samples; /* of a visit */
  int closed;     /* a descriptor while it was timed, below 0: none */
  bool altered;   /* how a thread does floating-point arithmetic, while it was timed */
};

struct admission {
  struct run *run;
  struct sampler_settings settings;
  struct group_memory memory;
  struct group *group; /* of the plan; those without an op were not opened */
  size_t groups;
  struct entry *entry;
  size_t entries;
  struct state_descriptors descriptors;
};

/* Opens the rows that Google Benchmark's filter chose, by rank, as long as their rounds and proofs fit into what is
 * left of the profile's time; the others are left out. False without memory for the list of them. */
bool admission_open(struct admission *admission, struct run *run);
void admission_close(struct admission *admission);

/* Of the budget, but for what comes after the rounds; infinite where there is none. */
double admission_seconds_left(const struct run *run);

/* Around calls of somebody's code: who ends the process in them is named, what they close is opened again, and what
 * they change of a thread's arithmetic is put right. */
void admission_before(struct admission *admission, const struct entry *entry);
void admission_after(struct admission *admission, struct entry *entry);

/* A row that cannot be timed after all, with the cause: memory. */
void admission_no_memory(struct run *run, struct row *row);
/* Or a fault that shows on as many elements alone. What is wrong at one size is neither shown nor timed at others. */
void admission_failed(struct run *run, const struct entry *entry, const char *failure);

#endif
