/* harness/machine/environment.c: every item is fine on a machine made up to be, is warned about when one thing on it
 * changes, and is not visible when its files are gone. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "describe.h"
#include "environment.h"
#include "made_up_machine.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

enum { MAX_FILES = 4 };

struct change {
  const char *id;
  struct made_up_file files[MAX_FILES + 1];
  const char *variables[3];
};

/* The made-up machine is x86, whatever this program was compiled for. */
static void observe(struct environment *environment, const char *root, const char *const *variables) {
  struct machine machine;
  assert_true(machine_open_from(&machine, root));
  strcpy(machine.processor.architecture, "x86_64");
  environment_observe(environment, &(struct environment_source){.root = root, .variables = variables}, &machine);
  machine_close(&machine);
}

static const char *const no_variables[] = {"PATH=/bin", "OMP_NUM_THREADS=2", "OMP_PROC_BIND=false", NULL};

static enum environment_state state_of(const struct environment *environment, const char *id) {
  const struct environment_item *item = environment_find(environment, id);
  assert_non_null(item);
  return item->state;
}

static bool has_warning(const struct environment *environment, const char *id) {
  for (size_t i = 0; i < environment->warnings; i++)
    if (strcmp(environment->warning[i].id, id) == 0)
      return environment->warning[i].what[0] && environment->warning[i].cause[0] && environment->warning[i].cure[0];
  return false;
}

static void nothing_to_complain_about(void **state) {
  (void)state;
  char *root = make_up_machine();
  struct environment environment;
  observe(&environment, root, no_variables);
  for (int i = 0; i < ENVIRONMENT_ITEMS; i++) {
    const struct environment_item *item = &environment.item[i];
    const bool later = strcmp(item->id, "placement") == 0; /* is seen when threads run */
    if (item->state != (later ? ENVIRONMENT_NOT_VISIBLE : ENVIRONMENT_FINE))
      fail_msg("%s is %s", item->id, environment_state_name(item->state));
    assert_true(item->value[0] != '\0');
  }
  assert_int_equal(environment.warnings, 0);
  assert_false(environment.emulated);
  assert_int_equal(environment.vulnerabilities, 3);
  assert_string_equal(environment.vulnerability[0].name, "mds");
  forget_machine(root);
}

#define CPU "/sys/devices/system/cpu/"
#define CLOCK "/sys/devices/system/clocksource/clocksource0/current_clocksource"

static const struct change warned_changes[] = {
    {"emulation", {{"/proc/sys/kernel/arch", "aarch64\n"}}, {0}},
    {"emulation", {{"/proc/thread-self/maps", "r--p /usr/libexec/valgrind/vgpreload_core-amd64-linux.so\n"}}, {0}},
    {"hypervisor", {{"/proc/cpuinfo", "vendor_id\t: GenuineIntel\nflags\t: fpu hypervisor avx\n"}}, {0}},
    {"usable_threads", {{"/sys/fs/cgroup/cpuset.cpus.effective", "0-1\n"}}, {0}},
    {"cpu_quota", {{"/proc/self/cgroup", "0::/box\n"}, {"/sys/fs/cgroup/box/cpu.max", "150000 100000\n"}}, {0}},
    {"cpu_quota",
     {{"/proc/self/cgroup", "2:cpu,cpuacct:/box\n"},
      {"/proc/self/mountinfo", "41 30 0:31 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n"},
      {"/sys/fs/cgroup/cpu/box/cpu.cfs_quota_us", "50000\n"},
      {"/sys/fs/cgroup/cpu/box/cpu.cfs_period_us", "100000\n"}},
     {0}},
    {"smt", {{CPU "smt/active", "1\n"}}, {0}},
    {"core_kinds", {{CPU "cpu3/cpu_capacity", "512\n"}}, {0}},
    {"governor", {{CPU "cpu2/cpufreq/scaling_governor", "powersave\n"}}, {0}},
    {"turbo", {{CPU "intel_pstate/no_turbo", "0\n"}}, {0}},
    {"turbo", {{CPU "intel_pstate/no_turbo", NULL}, {CPU "cpufreq/boost", "1\n"}}, {0}},
    {"clock_source", {{CLOCK, "hpet\n"}}, {0}},
    {"load", {{"/proc/loadavg", "3.10 0.20 0.30 4/200 999\n"}}, {0}},
    {"steal", {{"/proc/stat", "cpu  1000 0 1000 7000 0 0 0 1000 0 0\n"}}, {0}},
    {"transparent_huge_pages", {{"/sys/kernel/mm/transparent_hugepage/enabled", "always madvise [never]\n"}}, {0}},
    {"transparent_huge_pages", {{"/proc/self/status", "THP_enabled:\t0\n"}}, {0}},
    {"huge_page_defrag", {{"/sys/kernel/mm/transparent_hugepage/defrag", "always defer madvise [never]\n"}}, {0}},
    {"huge_page_defrag", {{"/sys/kernel/mm/transparent_hugepage/defrag", "always [defer] madvise never\n"}}, {0}},
    {"numa_balancing",
     {{"/proc/sys/kernel/numa_balancing", "1\n"},
      {"/sys/devices/system/node/online", "0-1\n"},
      {"/sys/devices/system/node/node0/cpumap", "3\n"},
      {"/sys/devices/system/node/node1/cpumap", "c\n"}},
     {0}},
    {"swap", {{"/proc/meminfo", "SwapTotal: 1000000 kB\nSwapFree: 500000 kB\n"}}, {0}},
    {"aslr", {{"/proc/sys/kernel/randomize_va_space", "0\n"}}, {0}},
    {"store_bypass", {{"/proc/self/status", "Speculation_Store_Bypass:\tthread force mitigated\n"}}, {0}},
    {"store_bypass", {{"/proc/self/status", "Speculation_Store_Bypass:\tglobally mitigated\n"}}, {0}},
    {"openmp_variables", {{0}}, {"OMP_PROC_BIND=close"}},
    {"openmp_variables", {{0}}, {"PATH=/bin", "GOMP_CPU_AFFINITY=0 1"}},
};

static void each_disturbance_is_warned_about(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof warned_changes / sizeof *warned_changes; i++) {
    const struct change *change = &warned_changes[i];
    char *root = make_up_machine();
    struct environment environment;
    change_machine(root, change->files);
    observe(&environment, root, change->variables);
    if (state_of(&environment, change->id) != ENVIRONMENT_WARNED || !has_warning(&environment, change->id))
      fail_msg("change %zu: %s is %s", i, change->id, environment_state_name(state_of(&environment, change->id)));
    for (size_t w = 0; w < environment.warnings; w++)
      if (strcmp(environment.warning[w].id, change->id) != 0)
        fail_msg("change %zu of %s also warns of %s", i, change->id, environment.warning[w].id);
    forget_machine(root);
  }
}

static const struct change fine_changes[] = {
    {"turbo", {{CPU "intel_pstate/no_turbo", NULL}, {CPU "cpufreq/boost", "0\n"}}, {0}},
    {"clock_source", {{CLOCK, "kvm-clock\n"}}, {0}},
    {"clock_source", {{CLOCK, "hyperv_clocksource_tsc_page\n"}}, {0}},
    {"clock_source", {{CLOCK, "arch_sys_counter\n"}}, {0}},
    {"clock_source", {{CLOCK, "timebase\n"}}, {0}},
    {"clock_source", {{CLOCK, "riscv_clocksource\n"}}, {0}},
    {"huge_page_defrag",
     {{"/sys/kernel/mm/transparent_hugepage/defrag", "always defer [defer+madvise] madvise never\n"}},
     {0}},
    {"numa_balancing",
     {{"/sys/devices/system/node/online", "0-1\n"},
      {"/sys/devices/system/node/node0/cpumap", "3\n"},
      {"/sys/devices/system/node/node1/cpumap", "c\n"}},
     {0}},
    {"aslr", {{"/proc/sys/kernel/randomize_va_space", "1\n"}}, {0}},
    {"store_bypass", {{"/proc/self/status", "Speculation_Store_Bypass:\tnot vulnerable\n"}}, {0}},
};

static void what_is_fine_in_another_way_is_fine(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof fine_changes / sizeof *fine_changes; i++) {
    const struct change *change = &fine_changes[i];
    char *root = make_up_machine();
    struct environment environment;
    change_machine(root, change->files);
    observe(&environment, root, no_variables);
    if (state_of(&environment, change->id) != ENVIRONMENT_FINE || environment.warnings > 0)
      fail_msg("change %zu: %s is %s", i, change->id, environment_state_name(state_of(&environment, change->id)));
    forget_machine(root);
  }
}

static const struct change hidden_changes[] = {
    {"cpu_quota", {{"/proc/self/cgroup", NULL}}, {0}},
    {"emulation", {{"/proc/thread-self/maps", NULL}}, {0}},
    {"usable_threads", {{CPU "online", NULL}}, {0}},
    {"turbo", {{CPU "intel_pstate/no_turbo", NULL}}, {0}},
    {"clock_source", {{CLOCK, NULL}}, {0}},
    {"load", {{"/proc/loadavg", NULL}}, {0}},
    {"steal", {{"/proc/stat", NULL}}, {0}},
    {"steal", {{"/proc/cpuinfo", "flags\t: fpu hypervisor avx\n"}}, {0}}, /* 0 from a hypervisor proves nothing */
    {"smt", {{"/proc/cpuinfo", "flags\t: fpu hypervisor avx\n"}}, {0}},
    {"hypervisor", {{"/proc/cpuinfo", NULL}}, {0}},
    {"transparent_huge_pages", {{"/sys/kernel/mm/transparent_hugepage/enabled", NULL}}, {0}},
    {"huge_page_defrag", {{"/sys/kernel/mm/transparent_hugepage/defrag", NULL}}, {0}},
    {"swap", {{"/proc/meminfo", NULL}}, {0}},
    {"aslr", {{"/proc/sys/kernel/randomize_va_space", NULL}}, {0}},
    {"store_bypass", {{"/proc/self/status", "Speculation_Store_Bypass:\tunknown\n"}}, {0}},
};

static void each_missing_file_is_told(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof hidden_changes / sizeof *hidden_changes; i++) {
    const struct change *change = &hidden_changes[i];
    char *root = make_up_machine();
    struct environment environment;
    change_machine(root, change->files);
    observe(&environment, root, no_variables);
    if (state_of(&environment, change->id) != ENVIRONMENT_NOT_VISIBLE)
      fail_msg("change %zu: %s is %s", i, change->id, environment_state_name(state_of(&environment, change->id)));
    assert_false(has_warning(&environment, change->id));
    forget_machine(root);
  }
}

/* Only what this process knows of itself may be fine when nothing of the system can be seen. */
static void nothing_visible_is_never_fine(void **state) {
  (void)state;
  char *root = make_up_nothing();
  struct environment environment;
  observe(&environment, root, no_variables);
  for (int i = 0; i < ENVIRONMENT_ITEMS; i++) {
    const struct environment_item *item = &environment.item[i];
    const bool own = strcmp(item->id, "openmp_variables") == 0 || strcmp(item->id, "arithmetic") == 0;
    if (item->state == ENVIRONMENT_FINE && !own) fail_msg("%s is called fine", item->id);
  }
  assert_true(has_warning(&environment, "topology"));
  forget_machine(root);
}

static void an_emulator_is_found_by_its_link(void **state) {
  (void)state;
  char *root = make_up_machine(), path[600];
  snprintf(path, sizeof path, "%s/proc/thread-self/exe", root);
  assert_int_equal(symlink("/usr/bin/qemu-aarch64-static", path), 0);
  struct environment environment;
  observe(&environment, root, no_variables);
  assert_true(environment.emulated);
  assert_string_equal(environment.emulator, "qemu-aarch64-static");
  assert_int_equal(state_of(&environment, "hypervisor"), ENVIRONMENT_NOT_VISIBLE);
  forget_machine(root);
}

static void a_wide_quota_is_fine(void **state) {
  (void)state;
  char *root = make_up_machine();
  struct environment environment;
  change_machine(root, (struct made_up_file[]){{"/proc/self/cgroup", "0::/outer/inner\n"},
                                               {"/sys/fs/cgroup/outer/cpu.max", "400000 100000\n"},
                                               {"/sys/fs/cgroup/outer/inner/cpu.max", "max 100000\n"},
                                               {NULL, NULL}});
  observe(&environment, root, no_variables);
  assert_int_equal(state_of(&environment, "cpu_quota"), ENVIRONMENT_FINE);
  assert_true(fabs(environment_find(&environment, "cpu_quota")->number - 4) < 1e-9);
  forget_machine(root);
}

static void subnormals_taken_as_zero_are_warned_about(void **state) {
  (void)state;
#if defined(__x86_64__)
  char *root = make_up_machine();
  struct environment environment;
  const unsigned before = _mm_getcsr();
  _mm_setcsr(before | 1U << 15 | 1U << 6);
  observe(&environment, root, no_variables);
  _mm_setcsr(before);
  assert_string_equal(environment_find(&environment, "arithmetic")->value,
                      "results flushed to zero, inputs taken as zero");
  assert_true(has_warning(&environment, "arithmetic"));
  forget_machine(root);
#else
  skip();
#endif
}

static void steal_is_counted_between_two_readings(void **state) {
  (void)state;
  char *root = make_up_machine();
  const struct environment_source source = {.root = root};
  struct environment_ticks before, after;
  assert_true(environment_ticks_read(&source, &before));
  change_machine(root, (struct made_up_file[]){{"/proc/stat", "cpu  1050 0 1000 8040 0 0 0 10 5 0\n"}, {NULL, NULL}});
  assert_true(environment_ticks_read(&source, &after));
  assert_true(fabs(environment_steal_percent(&before, &after) - 10) < 1e-9);
  assert_true(fabs(environment_steal_percent(&after, &before)) < 1e-9);
  change_machine(root, (struct made_up_file[]){{"/proc/stat", "cpu  1050 0\n"}, {NULL, NULL}});
  assert_false(environment_ticks_read(&source, &after));
  forget_machine(root);
}

static void later_warnings_are_added_once(void **state) {
  (void)state;
  static struct environment environment;
  assert_true(environment_warn(&environment, "dram_sets", "a", "b", "c"));
  assert_true(environment_warn(&environment, "dram_sets", "d", "e", "f"));
  assert_int_equal(environment.warnings, 1);
  assert_string_equal(environment.warning[0].what, "d");
  for (int i = 1; i < ENVIRONMENT_MAX_WARNINGS; i++) {
    char id[16];
    snprintf(id, sizeof id, "w%d", i);
    assert_true(environment_warn(&environment, id, "a", "b", "c"));
  }
  assert_false(environment_warn(&environment, "one_more", "a", "b", "c"));
}

static void json_says_null_for_what_is_unknown(void **state) {
  (void)state;
  char *root = make_up_nothing();
  struct machine machine;
  struct environment environment;
  assert_true(machine_open_from(&machine, root));
  strcpy(machine.product, "not \xff utf-8");
  observe(&environment, root, no_variables);
  json_t *all = json_pack("{s:o, s:o, s:o}", "machine", describe_machine(&machine), "environment",
                          describe_environment(&environment), "warnings", describe_warnings(&environment));
  assert_non_null(all);
  const json_t *described = json_object_get(all, "machine");
  assert_true(json_is_null(json_object_get(json_object_get(described, "processor"), "family")));
  assert_true(json_is_null(json_object_get(json_object_get(described, "memory"), "total_bytes")));
  assert_true(json_is_null(json_object_get(json_object_get(described, "hypervisor"), "present")));
  assert_string_equal(json_string_value(json_object_get(described, "product")), "not ? utf-8");
  const json_t *caches = json_object_get(described, "caches");
  assert_int_equal(json_array_size(caches), MACHINE_LEVELS);
  assert_true(json_is_null(json_object_get(json_array_get(caches, 0), "bytes")));
  const json_t *items = json_object_get(json_object_get(all, "environment"), "items");
  assert_int_equal(json_object_size(items), ENVIRONMENT_ITEMS);
  const json_t *governor = json_object_get(items, "governor");
  assert_string_equal(json_string_value(json_object_get(governor, "state")), "not visible");
  assert_true(json_is_null(json_object_get(governor, "value")));
  assert_true(json_is_null(json_object_get(governor, "number")));
  assert_int_equal(json_array_size(json_object_get(all, "warnings")), environment.warnings);
  json_decref(all);
  machine_close(&machine);
  forget_machine(root);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_to_complain_about),
      cmocka_unit_test(each_disturbance_is_warned_about),
      cmocka_unit_test(what_is_fine_in_another_way_is_fine),
      cmocka_unit_test(each_missing_file_is_told),
      cmocka_unit_test(nothing_visible_is_never_fine),
      cmocka_unit_test(an_emulator_is_found_by_its_link),
      cmocka_unit_test(a_wide_quota_is_fine),
      cmocka_unit_test(subnormals_taken_as_zero_are_warned_about),
      cmocka_unit_test(steal_is_counted_between_two_readings),
      cmocka_unit_test(later_warnings_are_added_once),
      cmocka_unit_test(json_says_null_for_what_is_unknown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
