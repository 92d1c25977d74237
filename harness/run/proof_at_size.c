#include "run/proof_at_size.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "verify/trap.h"

static bool is_array(const gm_op *op, int k) { return op->stream[k].role != GM_RESULT; }

/* ---- what is expected ------------------------------------------------------------------------------------------- */

/* Where the parts of threads begin: of a list nearly there, since each of its tensors is cut for itself. */
static bool add_parts(struct sample *borders, const struct group *group) {
  gm_impl impl = {.op = gm_plain(group->op)};
  bool done = true;
  for (int t = 1; done && t < group->threads && impl.op->shape != GM_MATRIX; t++) {
    size_t begin, end;
    gm_thread_range(&impl, &group->whole, group->threads, t, &begin, &end);
    done = sample_add(borders, begin, begin + 1);
  }
  return done;
}

/* And the tensors of a list, counted in elements of them all. */
static bool find_borders(struct sample *borders, const struct group *group) {
  bool done = add_parts(borders, group);
  for (size_t i = 0, at = 0; done && group->tensors && i < group->frame.size[0]; i++) {
    at += group->tensors[i].size[0];
    done = sample_add(borders, at, at + 1);
  }
  return done;
}

/* The tensors of a list keep their hyperparameters: all ops of lists change something. */
static bool expect(struct proof_at_size *proof, struct random *random) {
  struct sample borders = {0};
  gm_frame before = proof->group->whole;
  const bool done = find_borders(&borders, proof->group) &&
                    expected_open(&proof->expected, gm_plain(proof->group->op), &before, &borders, random);
  sample_free(&borders);
  if (!proof->group->op->of) memcpy(proof->call.hyper, before.hyper, sizeof before.hyper);
  return done;
}

/* ---- the copy on guarded pages ---------------------------------------------------------------------------------- */

/* Each stream ends at an inaccessible page; what is only read cannot be written here, either. No working set takes more
 * than a quarter of the memory that is available (levels.h), so that there is room for as much again. */
static void open_copy(struct proof_at_size *proof) {
  const struct group *group = proof->group;
  const gm_op *op = gm_plain(group->op);
  void *stream[GM_MAX_STREAMS] = {NULL};
  for (int k = 0; k < op->streams; k++) {
    const size_t bytes = gm_stream_bytes(op, k, &group->whole);
    struct guarded *memory = &proof->guarded[k];
    if (!is_array(op, k)) continue;
    if (!guarded_open(memory, bytes)) return;
    guarded_fill(memory, 0, memory->bytes - bytes);
    stream[k] = memory->begin + memory->bytes - bytes;
  }
  if (!group_copy(&proof->copy, group, stream)) return;
  proof->copy_call = proof->copy.frame;
  memcpy(proof->copy_call.hyper, proof->call.hyper, sizeof proof->call.hyper);
  group_restore(&proof->copy);
  for (int k = 0; k < op->streams; k++)
    if (op->stream[k].role == GM_READ) guarded_write_protect(&proof->guarded[k], true);
  proof->has_copy = true;
}

bool proof_at_size_open(struct proof_at_size *proof, struct group *group, uint64_t seed) {
  *proof = (struct proof_at_size){.group = group, .call = group->frame};
  struct random random;
  random_seed(&random, seed);
  group_restore(group);
  if (!expect(proof, &random)) {
    proof_at_size_close(proof);
    return false;
  }
  open_copy(proof);
  return true;
}

void proof_at_size_close(struct proof_at_size *proof) {
  expected_close(&proof->expected);
  for (int k = 0; k < GM_MAX_STREAMS; k++) guarded_close(&proof->guarded[k]);
  group_close(&proof->copy);
  *proof = (struct proof_at_size){0};
}

/* ---- one implementation ----------------------------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static bool fail(char *failure, const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(failure, PROOF_AT_SIZE_SENTENCE, format, args);
  va_end(args);
  return false;
}

static bool call(const gm_impl *impl, struct group *group, const gm_frame *frame, double seconds, const char *where,
                 char *failure) {
  enum { PATIENCE = 30, SLOWER = 20 };
  group->result = NAN;
  const struct trapped trapped = trap_call_within(impl, group->threads, frame, (unsigned)(PATIENCE + SLOWER * seconds));
  char description[TRAP_SENTENCE];
  return trap_went_well(&trapped, description) || fail(failure, "%s%s", description, where);
}

static bool call_where_it_was_timed(struct proof_at_size *proof, const gm_impl *impl, double seconds, char *failure) {
  struct group *group = proof->group;
  char description[JUDGE_SENTENCE];
  group_restore(group);
  layout_watch(&group->layout);
  if (!call(impl, group, &proof->call, seconds, "", failure)) return false;
  const size_t touched = layout_touched(&group->layout);
  if (touched < LAYOUT_MOST_STREAMS)
    return fail(failure, "a byte outside %s was changed", gm_plain(group->op)->stream[touched].name);
  return expected_holds(&proof->expected, impl, &group->whole, description) || fail(failure, "%s", description);
}

static bool call_copy(struct proof_at_size *proof, const gm_impl *impl, double seconds, char *failure) {
  group_restore_written(&proof->copy);
  return call(impl, &proof->copy, &proof->copy_call, seconds, ", on guarded pages", failure);
}

static bool same_bits(const struct proof_at_size *proof, char *failure) {
  const struct group *group = proof->group, *copy = &proof->copy;
  const gm_op *op = gm_plain(group->op);
  for (int k = 0; k < op->streams; k++) {
    const char *name = op->stream[k].name;
    if (!is_array(op, k)) continue;
    const size_t bytes = gm_stream_bytes(op, k, &group->whole);
    if (!guarded_is_filled(&proof->guarded[k], 0, proof->guarded[k].bytes - bytes))
      return fail(failure, "a byte before %s was changed, on guarded pages", name);
    if (memcmp(group->whole.stream[k], copy->whole.stream[k], bytes) != 0)
      return fail(failure, "%s has other bits on guarded small pages", name);
  }
  if (memcmp(&group->result, &copy->result, sizeof group->result) == 0) return true;
  return fail(failure, "the result has other bits on guarded small pages");
}

bool proof_at_size_of(struct proof_at_size *proof, const gm_impl *impl, double seconds,
                      char failure[PROOF_AT_SIZE_SENTENCE]) {
  struct state_descriptors descriptors;
  state_remember(&descriptors);
  const bool right = call_where_it_was_timed(proof, impl, seconds, failure) &&
                     (!proof->has_copy || (call_copy(proof, impl, seconds, failure) && same_bits(proof, failure)));
  const int changed = state_put_back(&descriptors);
  if (changed >= 0) return fail(failure, "it closed or replaced the open descriptor %d, which is not its own", changed);
  return right;
}
