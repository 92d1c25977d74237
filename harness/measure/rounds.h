/* What the visits of a row say: samples are told apart by where the row's threads ran. */
#ifndef GRADMARK_ROUNDS_H
#define GRADMARK_ROUNDS_H

#include "measure/row.h"

/* The samples of a row, visit after visit. */
struct rounds {
  const struct visit *visit;
  size_t visits;
  double *scratch; /* for as many values as there are samples or visits */
};

/* The median of each visit's samples, or of a twin's in it, of the visits in a state (NULL: of all); returns how many
 * they are. */
enum rounds_of { ROUNDS_OF_KERNEL, ROUNDS_OF_LIMIT };
size_t rounds_medians(const struct rounds *rounds, enum rounds_of what, const double *samples, const char *state,
                      double *medians);

/* The state that most visits were in; of two, the one that was seen first. NULL where none had three: then all visits
 * count. */
const char *rounds_usual_state(const struct rounds *rounds);

/* What the samples say in a state (NULL: all of them, on one thread or where no state is known). `medians` has room for
 * one of each visit. */
struct in_state rounds_in(const struct rounds *rounds, const double *samples, const char *state, double *medians);

/* The other states that at least `least` visits were in; returns how many, at most ROW_MOST_OTHERS. */
size_t rounds_others(const struct rounds *rounds, const double *samples, const char *usual, size_t least,
                     double *medians, struct in_state other[ROW_MOST_OTHERS]);

#endif
