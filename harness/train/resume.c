#include "train/resume.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "cli.h"
#include "train/checkpoint.h"
#include "train/session.h"

static const char DATA[] = "data"; /* the setting that says what is learnt from */

enum { MOST_TENSORS = NETWORK_MOST_STATES + 2, HASH_BYTES = 17 };

/* ---- what must be the same -------------------------------------------------------------------------------------- */

static uLong hash_samples(uLong crc, const struct samples *s) {
  crc = crc32_z(crc, (const Bytef *)s->feature, s->count * s->features * sizeof(float));
  const void *wanted = s->label ? (const void *)s->label : (const void *)s->target;
  return crc32_z(crc, wanted, s->count * 4);
}

/* Of everything that is learnt from, or stopped by. */
static void hash_data(const struct training_data *data, char text[HASH_BYTES]) {
  uLong crc = hash_samples(0, &data->train);
  if (data->validation.count) crc = hash_samples(crc, &data->validation);
  snprintf(text, HASH_BYTES, "%08lx", crc);
}

/* What the last bits depend on beside the operations and their order (train/outcome.h). */
static const char *rounding(const struct network *n, const char *isa) {
  for (int i = 0; i < n->calls; i++)
    if (n->call[i].impl->fast) return isa;
  return n->call[0].impl->fused ? "fused" : "not fused";
}

static json_t *describe_settings(const struct train_options *o, const struct job *job, const struct training *t) {
  const struct kernel_call *optimizer = &t->network->call[t->network->optimizer_call];
  json_t *layers = json_array();
  char seed[24], data[HASH_BYTES];
  for (int l = 0; l <= job->layers; l++) json_array_append_new(layers, json_integer((json_int_t)job->widths[l]));
  snprintf(seed, sizeof seed, "%llu", (unsigned long long)o->seed);
  hash_data(&t->data, data);
  json_t *settings =
      json_pack("{s:s, s:o, s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:f, s:f, s:f, s:I, s:I, s:s}", "workload",
                o->workload->name, "layers", layers, "activation", job->activation->name, "optimizer",
                job->spec.optimizer, "schedule", job->spec.schedule, "batch", (json_int_t)t->settings.batch,
                "initialization", init_names[t->settings.init], "seed", seed, DATA, data, "clip", job->spec.clip, "l1",
                job->spec.l1, "l2", job->spec.l2, "validation samples", (json_int_t)t->data.validation.count,
                "patience", (json_int_t)t->settings.patience, "rounding", rounding(t->network, job->isa));
  for (int h = 0; settings && h < optimizer->impl->op->hypers; h++)
    if (strcmp(optimizer->impl->op->hyper[h].name, "step") != 0)
      json_object_set_new(settings, optimizer->impl->op->hyper[h].name, json_real(optimizer->frame.hyper[h]));
  /* Only then does what has been done depend on how much is still to come. */
  if (settings && schedule_needs_end(&t->settings.schedule))
    json_object_set_new(settings, "epochs", json_integer((json_int_t)t->settings.epochs));
  return settings;
}

/* A setting as it is read by people; owned. */
static char *text_of(const json_t *value) {
  char number[32];
  if (!value) return strdup("unknown");
  if (json_is_string(value)) return strdup(json_string_value(value));
  if (!json_is_real(value)) return json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
  snprintf(number, sizeof number, "%.9g", json_real_value(value));
  return strdup(number);
}

static bool same_settings(const char *path, const json_t *saved, json_t *wanted) {
  const char *key;
  json_t *value;
  json_object_foreach(wanted, key, value) {
    const json_t *had = json_object_get(saved, key);
    if (json_equal(had, value)) continue;
    if (strcmp(key, DATA) == 0)
      return cli_fail("'%s' is a checkpoint of another training: it learnt from other data", path), false;
    char *then = text_of(had), *now = text_of(value);
    cli_fail("'%s' is a checkpoint of another training: %s %.60s, here %.60s", path, key, then ? then : "?",
             now ? now : "?");
    free(then);
    free(now);
    return false;
  }
  return true;
}

/* ---- the record ------------------------------------------------------------------------------------------------- */

/* JSON has no NaN; a loss may have been infinite. */
static json_t *number(double x) { return isfinite(x) ? json_real(x) : json_null(); }

static json_t *numbers(const double *x, size_t count) {
  json_t *array = json_array();
  for (size_t i = 0; i < count; i++) json_array_append_new(array, number(x[i]));
  return array;
}

/* The checkpoint's member names are those of its first version ("looks" for evaluations), so that older ones go on. */
enum {
  POINT_NUMBERS = sizeof(struct training_point) / sizeof(double),
  EVALUATION_NUMBERS = sizeof(struct training_evaluation) / sizeof(double),
};
_Static_assert(POINT_NUMBERS == 5 && EVALUATION_NUMBERS == 8, "these are the rows of checkpoints that are there");

static json_t *rows(const double *x, size_t count, size_t width) {
  json_t *array = json_array();
  for (size_t i = 0; i < count; i++) json_array_append_new(array, numbers(x + i * width, width));
  return array;
}

static size_t first_losses(const struct training_record *r) {
  return r->step < TRAINING_FIRST_LOSSES ? r->step : TRAINING_FIRST_LOSSES;
}

static json_t *describe_record(const struct training_record *r) {
  return json_pack("{s:I, s:I, s:I, s:I, s:f, s:f, s:o, s:o, s:o, s:o, s:I}", "epoch", (json_int_t)r->epoch, "step",
                   (json_int_t)r->step, "samples", (json_int_t)r->samples, "looked", (json_int_t)r->evaluated,
                   "seconds", r->seconds, "look_seconds", r->evaluation_seconds, "first_losses",
                   numbers(r->first_losses, first_losses(r)), "points", rows(&r->point->step, r->points, POINT_NUMBERS),
                   "looks", rows(&r->evaluation->step, r->evaluations, EVALUATION_NUMBERS), "best_validation_loss",
                   number(r->best_validation_loss), "best_epoch", (json_int_t)r->best_epoch);
}

/* The numbers of a row, null being NaN; the first `known` of them are there and not negative. */
static bool read_row(const json_t *row, double *x, size_t width, size_t known) {
  if (json_array_size(row) != width) return false;
  for (size_t i = 0; i < width; i++) {
    const json_t *value = json_array_get(row, i);
    x[i] = json_is_number(value) ? json_number_value(value) : NAN;
    if (i < known && !(x[i] >= 0)) return false;
  }
  return true;
}

/* Points or evaluations, which begin with step, epoch and seconds; the last one goes into `last`. A training may be
 * resumed to be longer again and again: of more than there is room for, every second is kept, or every fourth ... */
static bool read_rows(const json_t *rows, size_t width, size_t steps, double *kept, size_t *count, double *last) {
  const size_t all = json_array_size(rows);
  size_t every = 1;
  while (all / every > TRAINING_MOST_POINTS / 2) every *= 2;
  for (size_t i = 0; i < all; i++) {
    if (!read_row(json_array_get(rows, i), last, width, 3) || last[0] > (double)steps) return false;
    if (i % every == 0) memcpy(kept + (*count)++ * width, last, width * sizeof *last);
  }
  return true;
}

static bool read_record(struct training_record *r, json_t *record) {
  json_int_t epoch, step, samples, evaluated, best_epoch;
  json_t *losses, *points, *evaluations, *best;
  struct training_point last;
  if (json_unpack(record, "{s:I, s:I, s:I, s:I, s:f, s:f, s:o, s:o, s:o, s:o, s:I}", "epoch", &epoch, "step", &step,
                  "samples", &samples, "looked", &evaluated, "seconds", &r->seconds, "look_seconds",
                  &r->evaluation_seconds, "first_losses", &losses, "points", &points, "looks", &evaluations,
                  "best_validation_loss", &best, "best_epoch", &best_epoch) != 0 ||
      epoch < 0 || step < 0 || samples < 0 || evaluated < 0 || best_epoch < 0 || best_epoch > epoch ||
      !(r->seconds >= 0) || !(r->evaluation_seconds >= 0))
    return false;
  r->epoch = r->epoch_before = (size_t)epoch, r->samples = r->samples_before = (size_t)samples;
  r->step = (size_t)step, r->evaluated = (size_t)evaluated, r->best_epoch = (size_t)best_epoch;
  r->seconds_before = r->seconds;
  r->best_validation_loss = json_is_real(best) ? json_real_value(best) : NAN;
  if (!read_row(losses, r->first_losses, first_losses(r), 0) ||
      !read_rows(points, POINT_NUMBERS, r->step, &r->point->step, &r->points, &last.step) ||
      !read_rows(evaluations, EVALUATION_NUMBERS, r->step, &r->evaluation->step, &r->evaluations, &r->latest.step))
    return false;
  for (size_t i = 0; i < r->points; i++)
    if (!isfinite(r->point[i].lr)) return false;
  return r->evaluations > 0;
}

/* ---- tensors ---------------------------------------------------------------------------------------------------- */

static size_t list_tensors(const struct training *t, struct checkpoint_tensor tensors[MOST_TENSORS]) {
  const struct network *n = t->network;
  size_t count = 0;
  tensors[count++] = (struct checkpoint_tensor){"params", n->params, n->model->floats};
  for (int i = 0; i < n->states; i++)
    tensors[count++] = (struct checkpoint_tensor){n->state_name[i], n->state[i], n->model->trained};
  if (t->best) tensors[count++] = (struct checkpoint_tensor){"best params", t->best, n->model->floats};
  return count;
}

static bool take_tensors(const char *path, const struct checkpoint *checkpoint, struct training *t) {
  struct checkpoint_tensor tensors[MOST_TENSORS];
  const size_t count = list_tensors(t, tensors);
  for (size_t i = 0; i < count; i++) {
    const float *data = checkpoint_tensor(checkpoint, tensors[i].name, tensors[i].count);
    if (!data)
      return cli_fail("'%s' is a checkpoint of another model: it has no %zu %s", path, tensors[i].count,
                      tensors[i].name),
             false;
    memcpy(tensors[i].data, data, tensors[i].count * sizeof(float));
  }
  return true;
}

/* ---- the files -------------------------------------------------------------------------------------------------- */

static bool take(const char *path, const struct checkpoint *checkpoint, json_t *settings, struct training *t) {
  json_t *record = json_object_get(checkpoint->state, "record");
  if (!same_settings(path, json_object_get(checkpoint->state, "settings"), settings)) return false;
  if (!take_tensors(path, checkpoint, t)) return false;
  if (!read_record(&t->record, record)) return cli_fail("'%s' is damaged: its record makes no sense", path), false;
  if (t->record.step != t->record.epoch * training_steps_per_epoch(t))
    return cli_fail("'%s' is damaged: %zu steps are not %zu epochs", path, t->record.step, t->record.epoch), false;
  if (t->record.epoch > t->settings.epochs)
    return cli_fail("'%s' is %zu epochs old; --epochs must be as many or more", path, t->record.epoch), false;
  return true;
}

static bool go_on_from(const char *path, json_t *settings, struct training *t) {
  struct checkpoint checkpoint;
  if (!checkpoint_load(&checkpoint, path)) return false;
  const bool done = take(path, &checkpoint, settings, t);
  checkpoint_free(&checkpoint);
  return done;
}

bool resume_may_save(const struct train_options *o) {
  struct stat saved, resumed;
  if (!o->save) return true;
  if (stat(o->save, &saved) == 0) {
    const bool same =
        o->resume && stat(o->resume, &resumed) == 0 && saved.st_dev == resumed.st_dev && saved.st_ino == resumed.st_ino;
    if (!same) return cli_fail("'%s' exists already; --resume '%s' goes on from it", o->save, o->save), false;
  }
  return checkpoint_can_save(o->save);
}

bool resume_open(struct resume *resume, const struct train_options *options, const struct job *job,
                 struct training *training) {
  *resume = (struct resume){.path = options->save};
  if (!options->save && !options->resume) return true;
  resume->settings = describe_settings(options, job, training);
  if (!resume->settings) return cli_fail("no memory for the checkpoint's settings"), false;
  return !options->resume || go_on_from(options->resume, resume->settings, training);
}

bool resume_save(const struct resume *resume, const struct training *training) {
  struct checkpoint_tensor tensors[MOST_TENSORS];
  const size_t count = list_tensors(training, tensors);
  json_t *state = json_pack("{s:O, s:o}", "settings", resume->settings, "record", describe_record(&training->record));
  if (!state) return cli_fail("no memory for a checkpoint"), false;
  const bool saved = checkpoint_save(resume->path, state, tensors, count);
  json_decref(state);
  return saved;
}

void resume_close(struct resume *resume) { json_decref(resume->settings); }
