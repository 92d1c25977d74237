/* Detection against processors and systems that are made up. */
#include <string.h>

#include "cpu.h"
#include "support.h"

/* CPUID's words that detection reads, and how often it asked for XCR0. */
struct made_up {
  uint32_t max_leaf, leaf1_ecx, leaf7_ebx, max_extended, extended_ecx;
  uint64_t xcr0;
  int xcr0_asked, beyond_asked;
};

enum { LEAF1_FMA = 1 << 12, LEAF1_MOVBE = 1 << 22, LEAF1_OSXSAVE = 1 << 27, LEAF1_AVX = 1 << 28, LEAF1_F16C = 1 << 29 };
enum { LEAF7_BMI = 1 << 3, LEAF7_AVX2 = 1 << 5, LEAF7_BMI2 = 1 << 8 };
enum { LEAF7_F = 1 << 16, LEAF7_DQ = 1 << 17, LEAF7_CD = 1 << 28, LEAF7_BW = 1 << 30 };
static const uint32_t leaf7_vl = UINT32_C(1) << 31;
enum { EXTENDED_LZCNT = 1 << 5 };
enum { XCR0_X87 = 1, XCR0_SSE = 2, XCR0_YMM = 4, XCR0_MASKS = 0x20, XCR0_ZMM_UPPER = 0x40, XCR0_ZMM16_31 = 0x80 };

/* A server of the year 2018: all of x86-64-v4. */
static const struct made_up full = {
    .max_leaf = 0x16,
    .leaf1_ecx = LEAF1_FMA | LEAF1_MOVBE | LEAF1_OSXSAVE | LEAF1_AVX | LEAF1_F16C,
    .leaf7_ebx = LEAF7_BMI | LEAF7_AVX2 | LEAF7_BMI2 | LEAF7_F | LEAF7_DQ | LEAF7_CD | LEAF7_BW | UINT32_C(1) << 31,
    .max_extended = 0x80000008U,
    .extended_ecx = EXTENDED_LZCNT,
    .xcr0 = XCR0_X87 | XCR0_SSE | XCR0_YMM | XCR0_MASKS | XCR0_ZMM_UPPER | XCR0_ZMM16_31,
};

static void cpuid(void *context, uint32_t leaf, uint32_t subleaf, uint32_t answer[4]) {
  struct made_up *cpu = context;
  memset(answer, 0, 4 * sizeof *answer);
  if (leaf == 0) answer[0] = cpu->max_leaf;
  if (leaf == 0x80000000U) answer[0] = cpu->max_extended;
  const bool extended = leaf >= 0x80000000U;
  if (leaf != 0 && leaf != 0x80000000U && leaf > (extended ? cpu->max_extended : cpu->max_leaf)) {
    /* Real processors answer with the words of their highest leaf, which mean something else. */
    cpu->beyond_asked++;
    memset(answer, 0xff, 4 * sizeof *answer);
    return;
  }
  if (leaf == 1) answer[2] = cpu->leaf1_ecx;
  if (leaf == 7 && subleaf == 0) answer[1] = cpu->leaf7_ebx;
  if (leaf == 0x80000001U) answer[2] = cpu->extended_ecx;
}

static uint64_t xcr0(void *context) {
  struct made_up *cpu = context;
  cpu->xcr0_asked++;
  return cpu->xcr0;
}

static gm_features detect(struct made_up *cpu) {
  const gm_features found = gm_cpu_detect_x86(&(gm_cpu_source){.cpuid = cpuid, .xcr0 = xcr0, .context = cpu});
  assert_int_equal(cpu->beyond_asked, 0);
  return found;
}

static const gm_features need_ymm = GM_HAS(AVX) | GM_HAS(AVX2) | GM_HAS(FMA) | GM_HAS(F16C);
static const gm_features need_zmm = GM_X86_64_V4 & ~GM_X86_64_V3;

static void a_full_processor_has_all(void **unused) {
  (void)unused;
  struct made_up cpu = full;
  assert_int_equal(detect(&cpu), GM_X86_64_V4);
  assert_null(gm_cpu_missing(GM_X86_64_V4, detect(&cpu)));
}

/* XGETBV traps where the system has not switched it on. */
static void without_osxsave_xcr0_is_never_asked(void **unused) {
  (void)unused;
  struct made_up cpu = full;
  cpu.leaf1_ecx &= ~(uint32_t)LEAF1_OSXSAVE;
  assert_int_equal(detect(&cpu), GM_X86_64_V3 & ~need_ymm);
  assert_int_equal(cpu.xcr0_asked, 0);
}

static void a_system_that_does_not_save_ymm(void **unused) {
  (void)unused;
  const uint64_t saved[] = {0, XCR0_X87 | XCR0_SSE, XCR0_X87 | XCR0_YMM,
                            XCR0_X87 | XCR0_SSE | XCR0_MASKS | XCR0_ZMM_UPPER | XCR0_ZMM16_31};
  for (size_t i = 0; i < COUNT_OF(saved); i++) {
    struct made_up cpu = full;
    cpu.xcr0 = saved[i];
    assert_int_equal(detect(&cpu), GM_X86_64_V3 & ~need_ymm);
    assert_string_equal(gm_cpu_missing(GM_X86_64_V3, detect(&cpu)), "AVX");
  }
}

static void a_system_that_does_not_save_zmm(void **unused) {
  (void)unused;
  const uint64_t parts[] = {XCR0_MASKS, XCR0_ZMM_UPPER, XCR0_ZMM16_31, XCR0_MASKS | XCR0_ZMM_UPPER | XCR0_ZMM16_31};
  for (size_t i = 0; i < COUNT_OF(parts); i++) {
    struct made_up cpu = full;
    cpu.xcr0 &= ~parts[i];
    assert_int_equal(detect(&cpu), GM_X86_64_V4 & ~need_zmm);
    assert_string_equal(gm_cpu_missing(GM_X86_64_V4, detect(&cpu)), "AVX512F");
  }
}

/* As Knights Landing: AVX-512 F and CD alone. */
static void avx512_without_vl(void **unused) {
  (void)unused;
  struct made_up cpu = full;
  cpu.leaf7_ebx &= ~leaf7_vl;
  assert_int_equal(detect(&cpu), GM_X86_64_V4 & ~GM_HAS(AVX512VL));
  assert_string_equal(gm_cpu_missing(GM_X86_64_V4, detect(&cpu)), "AVX512VL");
  assert_null(gm_cpu_missing(GM_X86_64_V3, detect(&cpu)));
}

/* Each feature hangs on its own bit and no other. */
static void every_feature_has_its_bit(void **unused) {
  (void)unused;
  const struct {
    uint32_t leaf1, leaf7, extended;
    gm_features feature;
  } row[] = {
      {LEAF1_FMA, 0, 0, GM_HAS(FMA)},        {LEAF1_MOVBE, 0, 0, GM_HAS(MOVBE)}, {LEAF1_AVX, 0, 0, GM_HAS(AVX)},
      {LEAF1_F16C, 0, 0, GM_HAS(F16C)},      {0, LEAF7_BMI, 0, GM_HAS(BMI)},     {0, LEAF7_AVX2, 0, GM_HAS(AVX2)},
      {0, LEAF7_BMI2, 0, GM_HAS(BMI2)},      {0, LEAF7_F, 0, GM_HAS(AVX512F)},   {0, LEAF7_DQ, 0, GM_HAS(AVX512DQ)},
      {0, LEAF7_CD, 0, GM_HAS(AVX512CD)},    {0, LEAF7_BW, 0, GM_HAS(AVX512BW)}, {0, leaf7_vl, 0, GM_HAS(AVX512VL)},
      {0, 0, EXTENDED_LZCNT, GM_HAS(LZCNT)},
  };
  for (size_t i = 0; i < COUNT_OF(row); i++) {
    struct made_up cpu = full;
    cpu.leaf1_ecx &= ~row[i].leaf1, cpu.leaf7_ebx &= ~row[i].leaf7, cpu.extended_ecx &= ~row[i].extended;
    assert_int_equal(detect(&cpu), GM_X86_64_V4 & ~row[i].feature);
  }
}

static void leaves_beyond_the_highest_are_not_asked(void **unused) {
  (void)unused;
  struct made_up cpu = full;
  cpu.max_leaf = 6;
  cpu.max_extended = 0x80000000U;
  assert_int_equal(detect(&cpu), GM_HAS(AVX) | GM_HAS(FMA) | GM_HAS(F16C) | GM_HAS(MOVBE));
}

/* A Pentium 4, and something that knows leaf 0 alone. */
static void old_processors_have_nothing(void **unused) {
  (void)unused;
  struct made_up cpu = {.max_leaf = 5, .max_extended = 0x80000008U, .leaf1_ecx = 1};
  assert_int_equal(detect(&cpu), 0);
  cpu = (struct made_up){0};
  assert_int_equal(detect(&cpu), 0);
  assert_int_equal(cpu.xcr0_asked, 0);
  assert_string_equal(gm_cpu_missing(GM_X86_64_V3, 0), "AVX");
  assert_null(gm_cpu_missing(0, 0));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_full_processor_has_all),
      cmocka_unit_test(without_osxsave_xcr0_is_never_asked),
      cmocka_unit_test(a_system_that_does_not_save_ymm),
      cmocka_unit_test(a_system_that_does_not_save_zmm),
      cmocka_unit_test(avx512_without_vl),
      cmocka_unit_test(every_feature_has_its_bit),
      cmocka_unit_test(leaves_beyond_the_highest_are_not_asked),
      cmocka_unit_test(old_processors_have_nothing),
  };
  return cmocka_run_group_tests_name("cpu", tests, NULL, NULL);
}
