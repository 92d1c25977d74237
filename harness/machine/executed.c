/* The trap flag makes the processor stop after every instruction of the body; the handler looks where it is. */
#define _GNU_SOURCE
#include "machine/executed.h"

#include <link.h>
#include <math.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- a small call ----------------------------------------------------------------------------------------------- */

/* Whole turns of every loop, which have up to eight vectors of up to sixteen floats, as sums have 128 lanes. With
 * `length` rows grow longer, and matrices in the size that is summed over. */
enum { ELEMENTS = 256, TERMS = 512, ROWS = 2, SIDE = 32, GROWING_SIDE = 64, ALIGNMENT = 64 };

static void set_sizes(const gm_op *op, gm_frame *frame, size_t length) {
  switch (op->shape) {
    case GM_ELEMENTWISE: frame->size[0] = ELEMENTS * length; break;
    case GM_REDUCTION: frame->size[0] = TERMS * length; break;
    case GM_ROWWISE: frame->size[0] = ROWS, frame->size[1] = TERMS * length; break;
    case GM_MATRIX:
      for (int i = 0; i < op->sizes; i++) frame->size[i] = i == 1 ? GROWING_SIDE * length : SIDE;
      break;
    case GM_LIST: break;
  }
}

/* Ordinary values, different in each stream, so that nothing overflows, becomes zero or takes a branch of special
 * cases. Labels are 0. */
static void fill(const gm_op *op, int k, const gm_frame *frame) {
  const size_t count = gm_stream_extent(op, k, frame);
  for (size_t i = 0; i < count; i++) {
    if (op->stream[k].type == GM_TYPE_f32)
      ((float *)frame->stream[k])[i] = 0.5f + (float)((i + 3 * (size_t)k) % 8) / 16;
    if (op->stream[k].type == GM_TYPE_i8) ((int8_t *)frame->stream[k])[i] = (int8_t)(i % 2);
  }
}

bool small_call_open(struct small_call *call, const gm_op *op, size_t length) {
  *call = (struct small_call){.op = gm_plain(op)};
  op = call->op;
  for (int h = 0; h < op->hypers; h++) call->frame.hyper[h] = op->hyper[h].usual;
  set_sizes(op, &call->frame, length);
  for (int k = 0; k < op->streams; k++) {
    const size_t bytes = gm_stream_bytes(op, k, &call->frame);
    call->frame.stream[k] = aligned_alloc(ALIGNMENT, (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    if (!call->frame.stream[k]) {
      small_call_close(call);
      return false;
    }
    for (size_t i = 0; i < bytes; i++) ((char *)call->frame.stream[k])[i] = 0;
    fill(op, k, &call->frame);
  }
  return true;
}

void small_call_close(struct small_call *call) {
  for (int k = 0; k < GM_MAX_STREAMS; k++) free(call->frame.stream[k]);
  *call = (struct small_call){0};
}

double small_call_growth(const gm_op *op) {
  if (op->of) op = op->of;
  gm_frame one = {0}, two = {0};
  set_sizes(op, &one, 1);
  set_sizes(op, &two, 2);
  return (double)gm_elements(op, &two) - (double)gm_elements(op, &one);
}

bool small_call_run(const struct small_call *call, const gm_body *body) {
  const gm_impl impl = {.op = call->op, .body = body, .runnable = true};
  return gm_call_unchecked(&impl, 1, &call->frame) == GM_OK;
}

#if defined(__x86_64__)
#include <ucontext.h>
#include <x86intrin.h>

/* ---- the object that holds a body ------------------------------------------------------------------------------- */

struct search {
  uintptr_t address;
  struct executed *found;
};

static int find_object(struct dl_phdr_info *info, size_t size, void *opaque) {
  (void)size;
  const struct search *search = opaque;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const uintptr_t begin = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
    const size_t bytes = info->dlpi_phdr[i].p_memsz;
    if (!(info->dlpi_phdr[i].p_flags & PF_X) || search->address - begin >= bytes) continue;
    *search->found = (struct executed){.file = info->dlpi_name,
                                       .base = (const unsigned char *)info->dlpi_addr,
                                       .begin = (const unsigned char *)begin,
                                       .bytes = bytes};
    return 1;
  }
  return 0;
}

static void find_body(const gm_body *body, struct executed *executed) {
  struct search search = {.found = executed};
  memcpy(&search.address, &body->run, sizeof search.address);
  *executed = (struct executed){0};
  dl_iterate_phdr(find_object, &search);
}

/* ---- steps ------------------------------------------------------------------------------------------------------ */

static const gm_body *stepped;
static const struct executed *into;
static double each; /* what one step adds */

static void on_step(int signal, siginfo_t *info, void *opaque) {
  (void)signal, (void)info;
  const ucontext_t *context = opaque;
  const size_t at = (size_t)context->uc_mcontext.gregs[REG_RIP] - (size_t)into->begin;
  if (at < into->bytes) into->times[at] += each;
}

enum { TRAP_FLAG = 0x100 };
static void step_from_here(void) { __writeeflags(__readeflags() | TRAP_FLAG); }
static void step_no_more(void) { __writeeflags(__readeflags() & ~(unsigned long long)TRAP_FLAG); }

static double run_stepped(const gm_frame *frame, const float *coef, size_t begin, size_t end, void *scratch) {
  step_from_here();
  const double result = stepped->run(frame, coef, begin, end, scratch);
  step_no_more();
  return result;
}

static void apply_stepped(const gm_frame *frame, const float *coef, size_t begin, size_t end) {
  step_from_here();
  stepped->apply(frame, coef, begin, end);
  step_no_more();
}

static bool step_through(const gm_op *op, const gm_body *body, size_t length, double times) {
  struct small_call call;
  if (!small_call_open(&call, op, length)) return false;
  gm_body wrapped = *body;
  wrapped.run = run_stepped;
  if (body->apply) wrapped.apply = apply_stepped;
  stepped = body, each = times;
  struct sigaction before;
  const struct sigaction action = {.sa_sigaction = on_step, .sa_flags = SA_SIGINFO};
  sigaction(SIGTRAP, &action, &before);
  const bool ran = small_call_run(&call, &wrapped);
  sigaction(SIGTRAP, &before, NULL);
  small_call_close(&call);
  return ran;
}

bool executed_open(struct executed *executed, const gm_op *op, const gm_body *body, int width) {
  find_body(body, executed);
  executed->times = calloc(executed->bytes + 1, sizeof *executed->times);
  into = executed;
  const double vector = width / small_call_growth(op);
  if (executed->times && step_through(op, body, 2, vector) && step_through(op, body, 1, -vector) &&
      executed_sum(executed).instructions > 0)
    return true;
  executed_close(executed);
  return false;
}

/* ---- what an instruction does ----------------------------------------------------------------------------------- */

/* Of a vector instruction (VEX or EVEX): the table that its opcode is of, its prefix, what follows the opcode, whether
 * a base register there is one of the first eight, and the mask that it works under. */
struct vector_code {
  int map, prefix;
  unsigned char opcode;
  const unsigned char *operands;
  bool first_eight;
  int mask;
};

static struct vector_code vector_code(const unsigned char *code) {
  const bool first_eight = code[1] & 0x20;
  switch (code[0]) {
    case 0xc5: return (struct vector_code){1, code[1] & 3, code[2], code + 3, true, 0};
    case 0xc4: return (struct vector_code){code[1] & 0x1f, code[2] & 3, code[3], code + 4, first_eight, 0};
    case 0x62: return (struct vector_code){code[1] & 0x07, code[2] & 3, code[4], code + 5, first_eight, code[3] & 0x07};
    default: return (struct vector_code){0};
  }
}

static bool is_prefetch(const unsigned char *code) {
  if ((code[0] & 0xf0) == 0x40) code++;
  return code[0] == 0x0f && (code[1] == 0x18 || code[1] == 0x0d);
}

#define AMONG(opcode, ...) \
  (memchr((const unsigned char[]){__VA_ARGS__}, opcode, sizeof((const unsigned char[]){__VA_ARGS__})) != NULL)

static bool is_store(const struct vector_code *code) {
  const bool loads_quad = code->opcode == 0x7e && code->prefix == 2;
  return (code->map == 1 && !loads_quad && AMONG(code->opcode, 0x11, 0x13, 0x17, 0x29, 0x2b, 0x7e, 0x7f, 0xd6, 0xe7)) ||
         (code->map == 2 && AMONG(code->opcode, 0x2e, 0x2f, 0x8e));
}

/* Moves and broadcasts, which do nothing else. */
static bool is_move(const struct vector_code *code) {
  return is_store(code) ||
         (code->map == 1 &&
          AMONG(code->opcode, 0x10, 0x12, 0x16, 0x28, 0x6e, 0x6f, 0x77, 0x7e, 0x90, 0x91, 0x92, 0x93)) ||
         (code->map == 2 &&
          AMONG(code->opcode, 0x18, 0x19, 0x1a, 0x1b, 0x2c, 0x2d, 0x58, 0x59, 0x5a, 0x5b, 0x78, 0x79, 0x8c));
}

/* Comparisons, choices and tests are what their mask is for. */
static bool is_of_masks(const struct vector_code *code) {
  return (code->map == 1 && AMONG(code->opcode, 0x64, 0x65, 0x66, 0x74, 0x75, 0x76, 0xc2)) ||
         (code->map == 2 && AMONG(code->opcode, 0x26, 0x27, 0x29, 0x37, 0x64, 0x65, 0x66)) ||
         (code->map == 3 && AMONG(code->opcode, 0x1e, 0x1f, 0x3e, 0x3f, 0x66));
}

/* In an array: constants lie beside the program, and what did not fit into registers on the stack; both are read for
 * nothing by an instruction that computes. */
static bool is_in_an_array(const struct vector_code *code) {
  enum { NO_MEMORY = 3, STACK = 4, PROGRAM = 5 };
  const int mode = code->operands[0] >> 6, base = code->operands[0] & 7;
  if (mode == NO_MEMORY || (mode == 0 && base == PROGRAM)) return false;
  return base != STACK || (code->operands[1] & 7) != STACK || !code->first_eight;
}
/* What narrows or extracts may write to memory, too. */
static bool computes_into_memory(const struct vector_code *code) {
  return (code->map == 2 && code->prefix == 2 && AMONG(code->opcode, 0x31, 0x33)) ||
         (code->map == 3 && AMONG(code->opcode, 0x17, 0x19, 0x1b, 0x39, 0x3b));
}
static bool is_in_memory(const struct vector_code *code) { return code->operands[0] >> 6 != 3; }

static void add_instruction(const unsigned char *code, double times, struct executed_sum *sum) {
  const struct vector_code vector = vector_code(code);
  if (is_prefetch(code)) return;
  sum->instructions += times;
  if (vector.map == 0) return;
  const bool move = is_move(&vector), array = is_in_an_array(&vector);
  if (array && move && !is_store(&vector)) sum->loads += times;
  if (array && !move) *(computes_into_memory(&vector) ? &sum->inside : &sum->loads_inside) += times;
  if (vector.mask && !is_of_masks(&vector) && !(move && !is_in_memory(&vector))) sum->inside += times;
}

struct executed_sum executed_sum(const struct executed *executed) {
  struct executed_sum sum = {0};
  for (size_t at = 0; at < executed->bytes; at++)
    if (executed->times[at] != 0) add_instruction(executed->begin + at, executed->times[at], &sum);
  return sum;
}

#else
bool executed_open(struct executed *executed, const gm_op *op, const gm_body *body, int width) {
  (void)op, (void)body, (void)width;
  *executed = (struct executed){0};
  return false;
}
struct executed_sum executed_sum(const struct executed *executed) {
  (void)executed;
  return (struct executed_sum){0};
}
#endif

void executed_close(struct executed *executed) {
  free(executed->times);
  *executed = (struct executed){0};
}

double executed_total(const struct executed *executed, double loads) {
  const struct executed_sum sum = executed_sum(executed);
  return sum.instructions + sum.inside + fmin(sum.loads_inside, fmax(0, loads - sum.loads));
}
