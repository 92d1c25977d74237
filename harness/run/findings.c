#include "run/report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "measure/levels.h"
#include "terminal/text.h"

/* A ratio must be this far from 1, and its intervals apart, before it is called a difference. */
static const double WORTH_SAYING = 1.03;

/* A row at a border between two levels is of neither; nothing is concluded from one that is not believable. */
static bool is_scored(const struct row *row) { return row->status == ROW_MEASURED && row_is_believable(row); }

static const struct row *find(const struct row *rows, size_t count, const gm_op *op, const char *impl, int level,
                              int threads) {
  for (size_t i = 0; i < count; i++)
    if (rows[i].impl->op == op && strcmp(rows[i].impl->impl, impl) == 0 && rows[i].level == level &&
        rows[i].threads == threads && is_scored(&rows[i]))
      return &rows[i];
  return NULL;
}

/* `a` is faster than `b` beyond doubt and by enough to care. */
static bool faster(const struct row *a, const struct row *b) {
  const struct figure *x, *y;
  return row_alike(a, b, &x, &y) && x->high < y->low && y->value / x->value >= WORTH_SAYING;
}

/* May `row` be used for the op at a level and thread count? */
static bool is_candidate(const struct row *row, const gm_op *op, int level, int threads, bool with_fast) {
  return row->impl->op == op && row->level == level && row->threads == threads && is_scored(row) &&
         (with_fast || !row->impl->fast);
}

/* At one level and thread count, among those that the fastest does not beat clearly, an exact one before a fast one,
 * and of these the most preferred. */
static const struct row *best(const struct row *rows, size_t count, const gm_op *op, int level, int threads,
                              bool with_fast) {
  const struct row *fastest = NULL;
  for (size_t i = 0; i < count; i++)
    if (is_candidate(&rows[i], op, level, threads, with_fast) && (!fastest || rows[i].time.value < fastest->time.value))
      fastest = &rows[i];
  const struct row *simplest = fastest;
  const struct figure *x, *y;
  for (size_t i = 0; fastest && i < count; i++) {
    const struct row *row = &rows[i];
    if (!is_candidate(row, op, level, threads, with_fast)) continue;
    if (!row_alike(fastest, row, &x, &y) || faster(fastest, row)) continue;
    const bool exacter = row->impl->fast < simplest->impl->fast;
    if (exacter || (row->impl->fast == simplest->impl->fast && row->impl->preference > simplest->impl->preference))
      simplest = row;
  }
  return simplest;
}

static int most_threads(const struct row *rows, size_t count) {
  int most = 1;
  for (size_t i = 0; i < count; i++) most = rows[i].threads > most ? rows[i].threads : most;
  return most;
}

/* Of rows that something is concluded from; 0 where there is none. */
static int fewest_threads(const struct row *rows, size_t count) {
  int fewest = 0;
  for (size_t i = 0; i < count; i++)
    if (is_scored(&rows[i]) && (!fewest || rows[i].threads < fewest)) fewest = rows[i].threads;
  return fewest;
}

/* ---- which implementation --------------------------------------------------------------------------------------- */

/* Under a head of its own, if that is not `said` yet. */
static void say_use(const struct row *rows, size_t count, const gm_op *op, int threads, bool *said) {
  char label[GM_NAME_SIZE];
  snprintf(label, sizeof label, "    %s", op->name);
  struct paragraph text = {label, 22, 0};
  for (int level = 0; level < LEVELS; level++) {
    const struct row *exact = best(rows, count, op, level, threads, false);
    const struct row *fast = best(rows, count, op, level, threads, true);
    if (!exact) continue;
    if (!*said) printf("  Use, on %d thread%s:\n", threads, threads == 1 ? "" : "s");
    *said = true;
    if (text.column) paragraph_attach(&text, ";");
    paragraph_say(&text, "%s: %s, %.3g ns", level_names[level], exact->impl->impl, exact->time.value);
    if (fast && fast->impl->fast && faster(fast, exact))
      paragraph_say(&text, "(%s %.2f times as fast)", fast->impl->impl, exact->time.value / fast->time.value);
  }
  paragraph_end(&text);
}

/* ---- AVX-512 ---------------------------------------------------------------------------------------------------- */

/* The row of avx2 that one of avx512 is held against; NULL if it is no such row, or has none. */
static const struct row *narrow_of(const struct row *wide, const struct row *rows, size_t count) {
  if (strcmp(wide->impl->impl, "avx512") != 0 || !is_scored(wide)) return NULL;
  return find(rows, count, wide->impl->op, "avx2", wide->level, wide->threads);
}

static void say_avx512(const struct row *rows, size_t count) {
  struct paragraph text = {"  AVX-512", 14, 0};
  size_t pairs = 0, gains = 0;
  for (size_t i = 0; i < count; i++) {
    const struct row *narrow = narrow_of(&rows[i], rows, count);
    pairs += narrow != NULL;
    gains += narrow && faster(&rows[i], narrow);
  }
  if (!pairs)
    paragraph_say(&text, "not compared: it needs rows of avx2 and of avx512.");
  else if (gains == pairs)
    paragraph_say(&text, "pays over AVX2 everywhere it was tried.");
  else
    paragraph_say(&text, "does not pay over AVX2 (less than 3%% faster, or not beyond doubt) in %zu of %zu cases:",
                  pairs - gains, pairs);
  const gm_op *op = NULL;
  for (size_t i = 0; i < count && gains < pairs; i++) {
    const struct row *wide = &rows[i], *narrow = narrow_of(wide, rows, count);
    if (!narrow || faster(wide, narrow)) continue;
    if (op && wide->impl->op != op) paragraph_attach(&text, ";");
    if (wide->impl->op != op) paragraph_say(&text, "%s", wide->impl->op->name);
    paragraph_say(&text, "%s/t%d", level_names[wide->level], wide->threads);
    op = wide->impl->op;
  }
  paragraph_end(&text);
}

/* ---- threads ---------------------------------------------------------------------------------------------------- */

/* Of a level and a placement of the processors. */
struct gains {
  const char *state; /* NULL: not known */
  double lowest, highest;
  const char *least, *greatest;
};

static bool same_state(const char *a, const char *b) { return a && b ? strcmp(a, b) == 0 : a == b; }

static struct gains *gains_in(struct gains *gains, size_t *count, size_t most, const char *state) {
  for (size_t i = 0; i < *count; i++)
    if (same_state(gains[i].state, state)) return &gains[i];
  if (*count == most) return NULL;
  gains[*count] = (struct gains){state, INFINITY, 0, "", ""};
  return &gains[(*count)++];
}

/* "1.13 (adamw) to 1.67 (softmax_xent)"; what both ends are is said once. */
static void say_span(const struct gains *gains, char *text, size_t size) {
  char low[16], high[16];
  snprintf(low, sizeof low, "%.2f", gains->lowest);
  snprintf(high, sizeof high, "%.2f", gains->highest);
  if (strcmp(low, high) != 0)
    snprintf(text, size, "%s (%s) to %s (%s)", low, gains->least, high, gains->greatest);
  else if (strcmp(gains->least, gains->greatest) == 0)
    snprintf(text, size, "%s (%s)", low, gains->least);
  else
    snprintf(text, size, "%s", low);
}

static void say_gains(struct paragraph *text, const struct row *rows, size_t count, int level, int threads) {
  struct gains all[4];
  size_t states = 0;
  for (size_t i = 0; i < count; i++) {
    const struct row *many = &rows[i];
    if (many->level != level || many->threads != threads || !is_scored(many)) continue;
    if (best(rows, count, many->impl->op, level, threads, false) != many) continue;
    const struct row *one = find(rows, count, many->impl->op, many->impl->impl, level, 1);
    struct gains *gains = one ? gains_in(all, &states, sizeof all / sizeof *all, many->usual.state) : NULL;
    if (!gains) continue;
    const double gain = one->time.value / many->time.value;
    if (gain < gains->lowest) gains->lowest = gain, gains->least = many->impl->op->name;
    if (gain > gains->highest) gains->highest = gain, gains->greatest = many->impl->op->name;
  }
  for (size_t i = 0; i < states; i++) {
    char span[160];
    say_span(&all[i], span, sizeof span);
    paragraph_say(text, "%s: %d threads%s%s are %s times as fast as one.", level_names[level], threads,
                  all[i].state ? " on " : "", all[i].state ? all[i].state : "", span);
  }
}

static void say_threads(const struct run *run, const struct row *rows, size_t count) {
  const struct threads_cost *cost = &run->threads_cost;
  const int most = most_threads(rows, count);
  if (most == 1) return;
  struct paragraph text = {"  Threads", 14, 0}, placement = {"  Placement", 14, 0};
  char sentence[400];
  for (int level = 0; level < LEVELS; level++) say_gains(&text, rows, count, level, most);
  if (cost->known) {
    paragraph_say(&text, "Entering %d threads costs %.2g microseconds;", cost->threads, 1e6 * cost->entry_seconds);
    if (isfinite(cost->pays_from))
      paragraph_say(&text, "%s pays from about %.2g elements.", cost->impl, cost->pays_from);
    else
      paragraph_say(&text, "%s does not pay at any size tried.", cost->impl);
  }
  paragraph_end(&text);
  placement_sentence(&run->placement, sentence, sizeof sentence);
  if (sentence[0]) paragraph_say(&placement, "%s.", sentence);
  paragraph_end(&placement);
}

void print_findings(const struct run *run) {
  const struct row *rows = run->plan.row;
  const size_t count = run->plan.level_rows;
  const int fewest = fewest_threads(rows, count);
  const gm_op *op = NULL;
  bool said = false;
  if (!fewest) return;
  puts("\nFindings");
  for (size_t i = 0; i < count; i++) {
    if (rows[i].impl->op == op) continue;
    op = rows[i].impl->op;
    say_use(rows, count, op, fewest, &said);
  }
  say_avx512(rows, count);
  say_threads(run, rows, count);
}
