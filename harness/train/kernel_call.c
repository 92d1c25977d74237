#include "train/kernel_call.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "machine/clock.h"

const gm_impl *kernel_choose(const gm_library *library, const char *op, const char *isa) {
  char name[GM_NAME_SIZE];
  gm_error error = {0};
  const char *fast = strstr(isa, "_fast");
  snprintf(name, sizeof name, "%s/f32/%s", op, isa);
  const gm_impl *impl = gm_find(library, name, &error);
  if (!impl && fast) {
    snprintf(name, sizeof name, "%s/f32/%.*s", op, (int)(fast - isa), isa);
    impl = gm_find(library, name, &error);
  }
  if (!impl)
    cli_fail("%s", error.message);
  else if (!impl->runnable)
    cli_fail("%s does not run here: %s", impl->name, impl->why_not);
  return impl && impl->runnable ? impl : NULL;
}

bool kernel_call_make(struct kernel_call *call, const gm_library *library, const char *op, const char *isa) {
  *call = (struct kernel_call){.impl = kernel_choose(library, op, isa)};
  if (!call->impl) return false;
  for (int h = 0; h < call->impl->op->hypers; h++) call->frame.hyper[h] = call->impl->op->hyper[h].usual;
  return true;
}

bool kernel_call_check(const struct kernel_call *call) {
  gm_error error;
  gm_frame frame = call->frame;
  double result;
  if (gm_has_result(call->impl->op)) frame.stream[call->impl->op->streams - 1] = &result;
  if (gm_check(call->impl->op, &frame, &error) == GM_OK) return true;
  cli_fail("%s", error.message);
  return false;
}

void kernel_call_stream(struct kernel_call *call, const char *name, void *data) {
  const gm_op *op = call->impl->op;
  int k = 0;
  while (k < op->streams && strcmp(op->stream[k].name, name) != 0) k++;
  assert(k < op->streams);
  call->frame.stream[k] = data;
}

int kernel_hyper(const gm_op *op, const char *name) {
  for (int h = 0; h < op->hypers; h++)
    if (strcmp(op->hyper[h].name, name) == 0) return h;
  return -1;
}

void kernel_call_hyper(struct kernel_call *call, const char *name, double value) {
  const int h = kernel_hyper(call->impl->op, name);
  assert(h >= 0);
  call->frame.hyper[h] = value;
}

bool kernel_call_run(struct kernel_call *call, int threads, size_t samples) {
  const gm_op *op = call->impl->op;
  if (call->per_sample) call->frame.size[0] = call->per_sample * samples;
  if (gm_has_result(op)) call->frame.stream[op->streams - 1] = &call->result;
  return gm_call_unchecked(call->impl, threads, &call->frame) == GM_OK;
}

bool kernel_call_time(struct kernel_call *call, int threads, size_t samples) {
  const double start = clock_seconds();
  const bool done = kernel_call_run(call, threads, samples);
  call->seconds += clock_seconds() - start;
  call->elements += (double)gm_elements(call->impl->op, &call->frame);
  call->calls++;
  return done;
}
