/* The two halves of a kernel's limit, as bodies that are run in its place: with its op, its frame, its threads, cut by
 * the same code.
 *
 * The twin walks all streams of the op at once, whatever their lengths, types and number, with no arithmetic: its time
 * is the memory's limit. Streams that are updated keep their values; what is only written gets ordinary numbers. The
 * core twin is the op's own source compiled once more over lanes whose loads and stores cost next to nothing
 * (machine/core_twin_lane.h): its time is the core's limit. It reads no stream but labels, and writes only what a row
 * has one of. A product of matrices has none: its limit is its multiply-adds at the rate of machine/core_loops.c.
 *
 * Both come in a few builds, of which the fastest is the limit. */
#ifndef GRADMARK_TWIN_H
#define GRADMARK_TWIN_H

#include "by_name.h"

enum { TWIN_MOST_BUILDS = 8 };

struct twin_build {
  const char *description; /* for people: "streaming", "values from a line in L1, 2 vectors a turn" */
  const gm_body *body;
};

/* Puts the builds for the plain op at `index` and an ISA into `builds` and returns how many. With `streaming`
 * one may have stores past the caches, for which all that is only written must begin with a line. */
int twin_builds(size_t index, const char *isa, bool streaming, struct twin_build builds[TWIN_MOST_BUILDS]);
int core_twin_builds(size_t index, const char *isa, struct twin_build builds[TWIN_MOST_BUILDS]);

/* What the objects of one ISA and build export: bodies in the order of ops.def without its lists. */
typedef const gm_body *const *twin_bodies;

#endif
