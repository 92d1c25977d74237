#include "train/schedule.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

struct value {
  const char *name;
  double usual, low, high;
};

static const struct {
  const char *name;
  struct value value[2];
} schedules[] = {
    [SCHEDULE_CONSTANT] = {"constant", {{0}}},
    [SCHEDULE_INVERSE_TIME] = {"inverse_time", {{"rate", 0.5, 0, 1e6}}},
    [SCHEDULE_STEP] = {"step", {{"every", 3, 1, 1e6}, {"factor", 0.1, 0, 1}}},
    [SCHEDULE_EXPONENTIAL] = {"exponential", {{"factor", 0.9, 0, 1}}},
    [SCHEDULE_COSINE] = {"cosine", {{"floor", 0, 0, 1}}},
    [SCHEDULE_WARMUP] = {"warmup", {{"share", 0.1, 0, 1}}},
};
enum { SCHEDULES = sizeof schedules / sizeof *schedules };

/* One `name=number` of those that the schedule has; returns its end, at a comma or the text's end, or NULL. */
static const char *read_value(struct schedule *s, const char *text) {
  const struct value *values = schedules[s->kind].value;
  for (int i = 0; i < 2 && values[i].name; i++) {
    const size_t length = strlen(values[i].name);
    if (strncmp(text, values[i].name, length) != 0 || text[length] != '=') continue;
    char *end;
    const double number = strtod(text + length + 1, &end);
    if (end == text + length + 1 || (*end && *end != ',') || !(number >= values[i].low && number <= values[i].high)) {
      cli_fail("--schedule %s: %s must be a number between %g and %g", schedules[s->kind].name, values[i].name,
               values[i].low, values[i].high);
      return NULL;
    }
    *(i ? &s->second : &s->first) = number;
    return end;
  }
  cli_fail("--schedule %s has %s%s%s, and no '%.40s'", schedules[s->kind].name,
           values[0].name ? values[0].name : "no values", values[1].name ? " and " : "",
           values[1].name ? values[1].name : "", text);
  return NULL;
}

bool schedule_read(struct schedule *s, const char *text) {
  const size_t length = strcspn(text, ":");
  for (int kind = 0; kind < SCHEDULES; kind++) {
    if (strlen(schedules[kind].name) != length || strncmp(schedules[kind].name, text, length) != 0) continue;
    *s = (struct schedule){(enum schedule_kind)kind, schedules[kind].value[0].usual, schedules[kind].value[1].usual};
    const char *at = text + length;
    while (at && *at) at = read_value(s, at + 1);
    return at != NULL;
  }
  cli_fail("--schedule is '%s'; it must be constant, inverse_time, step, exponential, cosine or warmup", text);
  return false;
}

double schedule_lr(const struct schedule *s, double lr, size_t step, size_t all_steps, size_t epoch_steps) {
  const double pi = 3.14159265358979323846;
  const double t = (double)step, epochs = t / (double)epoch_steps;
  switch (s->kind) {
    case SCHEDULE_CONSTANT: break;
    case SCHEDULE_INVERSE_TIME: return lr / (1 + s->first * epochs);
    case SCHEDULE_STEP: return lr * pow(s->second, floor(epochs / s->first));
    case SCHEDULE_EXPONENTIAL: return lr * pow(s->first, floor(epochs));
    case SCHEDULE_COSINE: return lr * (s->first + (1 - s->first) * (1 + cos(pi * t / (double)all_steps)) / 2);
    case SCHEDULE_WARMUP: {
      const double warm = s->first * (double)all_steps;
      return t + 1 < warm ? lr * (t + 1) / warm : lr;
    }
  }
  return lr;
}

bool schedule_needs_end(const struct schedule *s) { return s->kind == SCHEDULE_COSINE || s->kind == SCHEDULE_WARMUP; }
