/* harness/machine/topology.c: made-up machines whose files hwloc reads, machines told to hwloc, and this one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "made_up_machine.h"
#include "system_files.h"
#include "topology.h"

static const uint64_t MIB = 1024 * 1024;

static struct machine open_files(const char *root) {
  struct machine machine;
  assert_true(machine_open_from(&machine, root));
  return machine;
}

static void lists_of_cpus_are_read(void **state) {
  (void)state;
  assert_int_equal(system_list_count("0-3,8,10-11\n"), 7);
  assert_int_equal(system_list_count(""), 0);
  assert_int_equal(system_list_count("3-1"), 0);
  assert_int_equal(system_list_count("0-4294967295"), 0);
}

static void files_show_cores_and_caches(void **state) {
  (void)state;
  char *root = make_up_machine();
  struct machine machine = open_files(root);
  assert_true(machine.topology_visible);
  assert_int_equal(machine.cores, 4);
  assert_int_equal(machine.pus, 4);
  assert_int_equal(machine.online_pus, 4);
  assert_int_equal(machine.packages, 1);
  assert_int_equal(machine.numa_nodes, 1);
  assert_int_equal(machine.smt, 1);
  assert_int_equal(machine.core_kinds, 1);
  assert_int_equal(machine.cache[0].bytes, 32 * 1024); /* the data cache, not the larger one for instructions */
  assert_int_equal(machine.cache[0].ways, 8);
  assert_int_equal(machine.cache[0].line, 64);
  assert_int_equal(machine.cache[0].count, 4);
  assert_false(machine.cache[0].unified);
  assert_int_equal(machine.cache[1].bytes, MIB);
  assert_int_equal(machine.cache[1].ways, 0);
  assert_int_equal(machine.cache[2].bytes, 8 * MIB);
  assert_int_equal(machine.cache[2].shared_by, 4);
  assert_int_equal(machine.cache[2].count, 1);
  assert_ptr_equal(machine_last_cache(&machine), &machine.cache[2]);
  assert_int_equal(machine_level_of(&machine, 32 * 1024), 1);
  assert_int_equal(machine_level_of(&machine, 32 * 1024 + 1), 2);
  assert_int_equal(machine_level_of(&machine, 9 * MIB), 4);
  assert_string_equal(machine.processor.vendor, "GenuineIntel");
  assert_string_equal(machine.processor.name, "A Processor");
  assert_int_equal(machine.processor.model, 143);
  assert_int_equal(machine.hypervisor, MACHINE_NO);
  assert_string_equal(machine.host, "workbench");
  assert_string_equal(machine.kernel, "Linux 6.1.0");
  assert_string_equal(machine.system, "A System 12");
  assert_false(machine_bind(&machine, 0)); /* a made-up machine cannot be bound to */
  machine_close(&machine);
  forget_machine(root);
}

static void a_core_comes_before_any_sibling(void **state) {
  (void)state;
  char *root = make_up_machine();
  change_machine(root, (struct made_up_file[]){{"/sys/devices/system/cpu/cpu0/topology/thread_siblings", "3\n"},
                                               {"/sys/devices/system/cpu/cpu1/topology/thread_siblings", "3\n"},
                                               {"/sys/devices/system/cpu/cpu2/topology/thread_siblings", "c\n"},
                                               {"/sys/devices/system/cpu/cpu3/topology/thread_siblings", "c\n"},
                                               {NULL, NULL}});
  struct machine machine = open_files(root);
  static const unsigned expected[] = {0, 2, 1, 3};
  assert_int_equal(machine.cores, 2);
  assert_int_equal(machine.pus, 4);
  assert_int_equal(machine.smt, 2);
  for (int i = 0; i < 4; i++) {
    assert_int_equal(machine.pu[i].os_index, expected[i]);
    assert_int_equal(machine.pu[i].core, i % 2);
    assert_int_equal(machine.pu[i].sibling, i / 2);
  }
  machine_close(&machine);
  forget_machine(root);
}

static void fast_cores_come_first(void **state) {
  (void)state;
  char *root = make_up_machine();
  change_machine(root, (struct made_up_file[]){{"/sys/devices/system/cpu/cpu0/cpu_capacity", "400\n"},
                                               {"/sys/devices/system/cpu/cpu0/cache/index0/size", "16K\n"},
                                               {"/sys/devices/system/cpu/cpu2/cache/index0/size", "8K\n"},
                                               {NULL, NULL}});
  struct machine machine = open_files(root);
  assert_int_equal(machine.core_kinds, 2);
  assert_int_equal(machine.pu[0].os_index, 1);
  assert_int_equal(machine.pu[3].os_index, 0);
  assert_int_equal(machine.cache[0].bytes, 8 * 1024); /* the smallest */
  assert_false(machine.cache[0].uniform);
  machine_close(&machine);
  forget_machine(root);
}

static void the_cpuset_is_kept(void **state) {
  (void)state;
  char *root = make_up_machine();
  change_machine(root, (struct made_up_file[]){{"/sys/fs/cgroup/cpuset.cpus.effective", "2-7\n"}, {NULL, NULL}});
  struct machine machine = open_files(root);
  assert_int_equal(machine.pus, 2);
  assert_int_equal(machine.online_pus, 4);
  assert_int_equal(machine.pu[0].os_index, 2);
  assert_int_equal(machine.cache[2].shared_by, 4);
  assert_int_equal(machine.cache[2].usable_by, 2);
  machine_close(&machine);
  forget_machine(root);
}

static void nothing_visible_is_no_more_than_processors(void **state) {
  (void)state;
  char *root = make_up_nothing();
  struct machine machine = open_files(root);
  assert_false(machine.topology_visible);
  assert_int_equal(machine.cores, sysconf(_SC_NPROCESSORS_ONLN));
  assert_int_equal(machine.packages, 1);
  assert_int_equal(machine.smt, 1);
  assert_int_equal(machine.online_pus, 0);
  assert_null(machine_last_cache(&machine));
  assert_int_equal(machine_level_of(&machine, 1), 4);
  assert_int_equal(machine.memory.total, 0);
  assert_int_equal(machine.hypervisor, MACHINE_UNKNOWN);
  assert_string_equal(machine.processor.name, "");
  assert_int_equal(machine.processor.family, -1);
  machine_close(&machine);
  forget_machine(root);
}

static struct machine_memory memory_of(const char *root) { return machine_memory_now(root); }

static void memory_without_a_limit(void **state) {
  (void)state;
  char *root = make_up_machine();
  const struct machine_memory memory = memory_of(root);
  assert_int_equal(memory.total, 16000000ULL * 1024);
  assert_int_equal(memory.available, 12000000ULL * 1024);
  assert_int_equal(memory.limit, 0);
  forget_machine(root);
}

static void the_narrowest_group_limits_memory(void **state) {
  (void)state;
  char *root = make_up_machine();
  change_machine(root, (struct made_up_file[]){{"/proc/self/cgroup", "0::/outer/inner\n"},
                                               {"/sys/fs/cgroup/outer/memory.max", "1073741824\n"},
                                               {"/sys/fs/cgroup/outer/memory.current", "500\n"},
                                               {"/sys/fs/cgroup/outer/inner/memory.max", "max\n"},
                                               {NULL, NULL}});
  struct machine_memory memory = memory_of(root);
  assert_int_equal(memory.limit, 1024 * MIB);
  assert_int_equal(memory.available, 1024 * MIB - 500);
  change_machine(
      root, (struct made_up_file[]){{"/sys/fs/cgroup/outer/inner/memory.max", "536870912\n"},
                                    {"/sys/fs/cgroup/outer/inner/memory.current", "268435456\n"},
                                    {"/sys/fs/cgroup/outer/inner/memory.stat", "anon 1\ninactive_file 134217728\n"},
                                    {NULL, NULL}});
  memory = memory_of(root);
  assert_int_equal(memory.limit, 512 * MIB);
  assert_int_equal(memory.available, 384 * MIB); /* unused file pages are given back */
  forget_machine(root);
}

static void first_version_groups_limit_memory(void **state) {
  (void)state;
  char *root = make_up_machine();
  change_machine(
      root, (struct made_up_file[]){{"/proc/self/cgroup", "5:memory:/docker/1f3a\n4:cpu,cpuacct:/docker/1f3a\n0::/\n"},
                                    {"/proc/self/mountinfo",
                                     "40 30 0:30 /docker/1f3a /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
                                     "41 30 0:31 /docker/1f3a /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n"},
                                    {"/sys/fs/cgroup/memory/memory.limit_in_bytes", "268435456\n"},
                                    {"/sys/fs/cgroup/memory/memory.usage_in_bytes", "1048576\n"},
                                    {"/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "150000\n"},
                                    {"/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"},
                                    {NULL, NULL}});
  const struct machine_memory memory = memory_of(root);
  assert_int_equal(memory.limit, 256 * MIB);
  assert_int_equal(memory.available, 255 * MIB);
  double cpus;
  assert_true(control_groups_cpu(root, &cpus));
  assert_true(cpus > 1.499 && cpus < 1.501);
  /* What stands for "no limit" in version 1. */
  change_machine(root, (struct made_up_file[]){{"/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"},
                                               {"/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n"},
                                               {NULL, NULL}});
  assert_int_equal(memory_of(root).limit, 0);
  assert_true(control_groups_cpu(root, &cpus));
  assert_true(cpus <= 0);
  forget_machine(root);
}

static void hidden_groups_are_not_called_absent(void **state) {
  (void)state;
  char *root = make_up_nothing();
  double cpus;
  uint64_t limit, left;
  assert_false(control_groups_cpu(root, &cpus));
  assert_false(control_groups_memory(root, &limit, &left));
  change_machine(root, (struct made_up_file[]){{"/proc/self/cgroup", "3:memory:/a\n"}, {NULL, NULL}});
  assert_true(control_groups_cpu(root, &cpus)); /* there is no group that has the controller */
  assert_false(control_groups_memory(root, &limit, &left));
  forget_machine(root);
}

static void an_arm_core_is_named(void **state) {
  (void)state;
  char *root = make_up_machine();
  change_machine(
      root, (struct made_up_file[]){{"/proc/cpuinfo", "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd40\n"},
                                    {"/sys/class/dmi/id/sys_vendor", "Amazon EC2\n"},
                                    {"/sys/class/dmi/id/product_name", "c7g.large\n"},
                                    {NULL, NULL}});
  struct machine machine = open_files(root);
  assert_string_equal(machine.processor.vendor, "Arm");
  assert_string_equal(machine.processor.name, "Neoverse V1");
  assert_int_equal(machine.hypervisor, MACHINE_YES);
  assert_string_equal(machine.hypervisor_name, "Amazon EC2");
  machine_close(&machine);
  change_machine(root, (struct made_up_file[]){{"/sys/class/dmi/id/product_name", "c7g.metal\n"}, {NULL, NULL}});
  machine = open_files(root);
  assert_int_equal(machine.hypervisor, MACHINE_UNKNOWN); /* Arm has no bit that would say no */
  machine_close(&machine);
  forget_machine(root);
}

static void a_told_topology_is_not_bound_to(void **state) {
  (void)state;
  assert_int_equal(setenv("HWLOC_SYNTHETIC", "pack:2 numa:1 l3:1 l2:4 l1d:1 core:1 pu:2", 1), 0);
  struct machine machine;
  assert_true(machine_open(&machine));
  assert_true(machine.topology_visible);
  assert_false(machine.this_system);
  assert_int_equal(machine.cores, 8);
  assert_int_equal(machine.pus, 16);
  assert_int_equal(machine.online_pus, 16);
  assert_int_equal(machine.packages, 2);
  assert_int_equal(machine.numa_nodes, 2);
  assert_int_equal(machine.smt, 2);
  assert_int_equal(machine.cache[0].count, 8);
  assert_int_equal(machine.cache[2].count, 2);
  assert_int_equal(machine.cache[2].shared_by, 8);
  for (unsigned i = 0; i < 16; i++) {
    assert_int_equal(machine.pu[i].core, i % 8);
    assert_int_equal(machine.pu[i].package, i % 8 / 4);
  }
  assert_false(machine_bind(&machine, 0));
  machine_close(&machine);
  assert_int_equal(unsetenv("HWLOC_SYNTHETIC"), 0);
}

/* With variables that keep hwloc from the machine, or make it fail, the machine is seen as without them. */
static void hwloc_that_is_kept_from_the_machine_is_asked_again(void **state) {
  (void)state;
  static const char *const variables[][2] = {
      {"HWLOC_COMPONENTS", "no_os,stop"}, {"HWLOC_COMPONENTS", "stop"}, {"HWLOC_XMLFILE", "/dev/null"}};
  struct machine whole;
  assert_true(machine_open(&whole));
  for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
    assert_int_equal(setenv(variables[i][0], variables[i][1], 1), 0);
    struct machine machine;
    assert_true(machine_open(&machine));
    assert_false(machine.topology_visible);
    assert_true(machine.this_system);
    assert_int_equal(machine.cores, whole.cores);
    assert_int_equal(machine.pus, whole.pus);
    assert_int_equal(machine.smt, whole.smt);
    assert_memory_equal(machine.cache, whole.cache, sizeof whole.cache);
    assert_null(machine_xml(&machine));
    machine_close(&machine);
    assert_null(getenv(variables[i][0]));
  }
  machine_close(&whole);
}

/* As hwloc sees it at once, and where it must be asked again. */
static struct machine open_one_way_or_the_other(int other) {
  struct machine machine;
  if (other) assert_int_equal(setenv("HWLOC_COMPONENTS", "stop", 1), 0);
  assert_true(machine_open(&machine));
  return machine;
}

static void this_machine_opens(void **state) {
  (void)state;
  for (int other = 0; other < 2; other++) {
    struct machine machine = open_one_way_or_the_other(other);
    assert_true(machine.cores >= 1 && machine.cores <= machine.pus);
    for (unsigned i = 0; i < machine.cores; i++) assert_int_equal(machine.pu[i].core, i);
    assert_true(machine_bind(&machine, 0));
    assert_false(machine_bind(&machine, -1));
    assert_false(machine_bind(&machine, (int)machine.pus));
    assert_true(machine_unbind(&machine));
    machine_close(&machine);
  }
}

static void an_affinity_mask_is_kept_by_both_ways(void **state) {
  (void)state;
  for (int other = 0; other < 2; other++) {
    struct machine whole = open_one_way_or_the_other(other);
    const unsigned last = whole.pus - 1;
    assert_true(machine_bind(&whole, (int)last));
    struct machine part = open_one_way_or_the_other(other);
    assert_int_equal(part.pus, 1);
    assert_int_equal(part.pu[0].os_index, whole.pu[last].os_index);
    assert_int_equal(part.online_pus, whole.online_pus);
    for (int level = 0; level < MACHINE_LEVELS; level++) {
      assert_true(part.cache[level].usable_by <= 1);
      assert_int_equal(part.cache[level].shared_by, whole.cache[level].shared_by);
    }
    assert_true(machine_unbind(&whole));
    machine_close(&part);
    machine_close(&whole);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lists_of_cpus_are_read),
      cmocka_unit_test(files_show_cores_and_caches),
      cmocka_unit_test(a_core_comes_before_any_sibling),
      cmocka_unit_test(fast_cores_come_first),
      cmocka_unit_test(the_cpuset_is_kept),
      cmocka_unit_test(nothing_visible_is_no_more_than_processors),
      cmocka_unit_test(memory_without_a_limit),
      cmocka_unit_test(the_narrowest_group_limits_memory),
      cmocka_unit_test(first_version_groups_limit_memory),
      cmocka_unit_test(hidden_groups_are_not_called_absent),
      cmocka_unit_test(an_arm_core_is_named),
      cmocka_unit_test(a_told_topology_is_not_bound_to),
      cmocka_unit_test(hwloc_that_is_kept_from_the_machine_is_asked_again),
      cmocka_unit_test(this_machine_opens),
      cmocka_unit_test(an_affinity_mask_is_kept_by_both_ways),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
