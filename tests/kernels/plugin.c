/* A plug-in that is wrong in the way that the build's -DFAULT_ says; FAULT_NONE is right. */
#include "by_name.h"

static double run(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  (void)frame, (void)coef, (void)begin, (void)end, (void)scratch;
  return 0;
}

static const gm_plugin_impl impls[] = {
    {.op = "sgd", .dtype = "f32", .impl = "idle", .body = {.run = run}},
#if defined(FAULT_OP)
    {.op = "no_such_op", .dtype = "f32", .impl = "idle", .body = {.run = run}},
#elif defined(FAULT_NAME)
    {.op = "sgd", .dtype = "f32", .body = {.run = run}},
#elif defined(FAULT_BODY)
    {.op = "sgd", .dtype = "f32", .impl = "bodiless"},
#elif defined(FAULT_TILES)
    {.op = "linear_backward", .dtype = "f32", .impl = "idle", .body = {.run = run}},
#elif defined(FAULT_SECOND_PASS)
    {.op = "clip_norm", .dtype = "f32", .impl = "idle", .body = {.run = run}},
#elif defined(FAULT_EMPTY)
    {.op = "sgd", .dtype = "f32", .impl = "", .body = {.run = run}},
#elif defined(FAULT_ESCAPE)
    {.op = "sgd", .dtype = "f32", .impl = "a\x1b[31m/../x<b>", .body = {.run = run}},
#elif defined(FAULT_REQUIRES)
    {.op = "sgd", .dtype = "f32", .impl = "coloured", .requires = "\x1b[31mAVX2", .body = {.run = run}},
#elif defined(FAULT_TWICE)
    {.op = "sgd", .dtype = "f32", .impl = "idle", .body = {.run = run}},
#endif
};

#if defined(FAULT_ABI)
enum { ABI = GM_PLUGIN_ABI + 1 };
#else
enum { ABI = GM_PLUGIN_ABI };
#endif

const gm_plugin_table gm_plugin = {.abi = ABI, .count = sizeof impls / sizeof *impls, .impls = impls};
