/* The rows of isas.def against what the compiler did and what the library lists. */
#include <stdio.h>
#include <string.h>

#include "if_built.h"
#include "isa_table.h"
#include "ops.h"
#include "support.h"

struct row {
  const char *name;
  gm_features features;
  bool fused, fast, built;
  int preference;
};

static const struct row rows[] = {
#define ISA(isa, isa_features, isa_fused, isa_fast, isa_preference, requires) \
  {.name = #isa,                                                              \
   .features = isa_features,                                                  \
   .fused = isa_fused,                                                        \
   .fast = isa_fast,                                                          \
   .built = GM_BUILT_##isa,                                                   \
   .preference = isa_preference},
#include "isas.def"
};

/* NULL where the build left the ISA out. */
static const gm_isa_table *table_of(size_t index) {
  static const gm_isa_table *const tables[] = {
#define ISA(isa, ...) GM_IF_BUILT(isa, &gm_isa_table_##isa),
#include "isas.def"
  };
  return tables[index];
}

/* What needs no check at run time, because the architecture has it. */
#if defined(__aarch64__)
static const gm_features base = GM_HAS(NEON);
#else
static const gm_features base = 0;
#endif

static void compilers_used_only_what_is_checked(void **unused) {
  (void)unused;
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    const gm_isa_table *table = table_of(i);
    if (!table) continue;
    const char *extra = gm_cpu_missing(table->compiled_with & ~base, rows[i].features);
    if (extra) fail_msg("%s was compiled with %s, which its row in isas.def does not check", rows[i].name, extra);
    print_message("%s: %d floats per vector\n", rows[i].name, table->width);
    assert_true(table->width >= 1);
  }
}

/* The other way round a row would ask for what no code uses. */
static void rows_ask_for_no_more_than_is_used(void **unused) {
  (void)unused;
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    const gm_isa_table *table = table_of(i);
    if (!table) continue;
    const char *idle = gm_cpu_missing(rows[i].features, table->compiled_with);
    if (idle) fail_msg("the row of %s asks for %s, which it is not compiled with", rows[i].name, idle);
  }
}

static void scalar_needs_nothing(void **unused) {
  (void)unused;
  assert_string_equal(rows[0].name, "scalar");
  assert_true(rows[0].built);
  assert_int_equal(rows[0].features, 0);
  assert_int_equal(table_of(0)->compiled_with & ~base, 0);
  assert_int_equal(table_of(0)->width, 1);
}

/* scalar, autovec, then what is made by hand, wider vectors above narrower ones, an ISA's fast above its exact one. */
static void preferences_are_in_order(void **unused) {
  (void)unused;
  for (size_t i = 0; i < COUNT_OF(rows); i++)
    for (size_t k = 0; k < COUNT_OF(rows); k++) {
      const gm_isa_table *a = table_of(i), *b = table_of(k);
      if (i == k || !a || !b) continue;
      assert_true(rows[i].preference != rows[k].preference); /* else the best would hang on the rows' order */
      if (a->width > b->width) assert_true(rows[i].preference > rows[k].preference);
      if (a->width == b->width && rows[i].fast && !rows[k].fast) assert_true(rows[i].preference > rows[k].preference);
    }
  assert_int_equal(rows[0].preference, 0);
  assert_string_equal(rows[1].name, "autovec");
  assert_true(rows[1].preference > 0);
}

/* A table must follow ops.def: the named bodies stand where the rows are. */
static void tables_follow_ops_def(void **unused) {
  (void)unused;
  gm_op ops[GM_OPS];
  gm_ops_describe(ops);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    const gm_isa_table *table = table_of(i);
    for (size_t op = 0; table && op < GM_PLAIN_OPS; op++) {
      const gm_body *body = table->bodies[op];
      const bool wanted = !rows[i].fast || ops[op].has_fast;
      if ((body != NULL) != wanted)
        fail_msg("%s/%s: %s", ops[op].name, rows[i].name, wanted ? "no body" : "a body that its row has not");
      if (!body) continue;
      assert_non_null(body->run);
      assert_true((body->tiles != NULL) == (ops[op].shape == GM_MATRIX));
      assert_true((body->conclude != NULL) == ops[op].second_pass);
      assert_true((body->apply != NULL) == ops[op].second_pass);
    }
  }
}

/* Same place in the table, same body: each is named by its ISA's own symbol. */
static void named_bodies_stand_in_their_place(void **unused) {
  (void)unused;
#define OP(op, dtype, ...) extern const gm_body gm_body_##op##_##dtype##_scalar;
#include "ops.def"
  const gm_body *const named[] = {
#define OP(op, dtype, ...) &gm_body_##op##_##dtype##_scalar,
#include "ops.def"
  };
  assert_int_equal(COUNT_OF(named), GM_PLAIN_OPS);
  for (size_t op = 0; op < GM_PLAIN_OPS; op++) assert_ptr_equal(table_of(0)->bodies[op], named[op]);
}

static void the_library_lists_every_row(void **unused) {
  (void)unused;
  gm_error error;
  gm_library *library = gm_open("", &error);
  assert_non_null(library);
  assert_int_equal(gm_isa_count(library), COUNT_OF(rows));
  size_t impls = 0;
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    const gm_isa *isa = gm_isa_at(library, i);
    assert_string_equal(isa->name, rows[i].name);
    assert_true(isa->compiled == rows[i].built && isa->fused == rows[i].fused && isa->fast == rows[i].fast);
    assert_true(isa->supported == !gm_cpu_missing(rows[i].features, gm_cpu_detect()));
    assert_true(isa->allowed);
    assert_true((isa->why_not == NULL) == (isa->compiled && isa->supported));
    for (size_t op = 0; op < gm_op_count(library); op++) impls += !isa->fast || gm_op_at(library, op)->has_fast;
  }
  assert_int_equal(gm_impl_count(library), impls);
  for (size_t i = 0; i < impls; i++) {
    const gm_impl *impl = gm_impl_at(library, i);
    char name[GM_NAME_SIZE];
    snprintf(name, sizeof name, "%s/%s/%s", impl->op->name, impl->op->dtype, impl->impl);
    assert_string_equal(impl->name, name);
    assert_true((impl->body != NULL) == impl->compiled);
    assert_true(impl->runnable == !impl->why_not);
    assert_true(strlen(impl->requires) > 0 && !impl->plugin);
  }
  gm_close(library);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(compilers_used_only_what_is_checked),
      cmocka_unit_test(rows_ask_for_no_more_than_is_used),
      cmocka_unit_test(scalar_needs_nothing),
      cmocka_unit_test(preferences_are_in_order),
      cmocka_unit_test(tables_follow_ops_def),
      cmocka_unit_test(named_bodies_stand_in_their_place),
      cmocka_unit_test(the_library_lists_every_row),
  };
  return cmocka_run_group_tests_name("isas", tests, NULL, NULL);
}
