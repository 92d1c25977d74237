#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "made_up_machine.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATH_SIZE = 512 };

static void make_folders(char *path, size_t from) {
  for (char *slash = strchr(path + from + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    mkdir(path, 0777);
    *slash = '/';
  }
}

static void write_file(const char *root, const char *path, const char *text) {
  char full[PATH_SIZE];
  snprintf(full, sizeof full, "%s%s", root, path);
  if (!text) {
    unlink(full);
    return;
  }
  FILE *file = fopen(full, "w");
  if (!file) {
    make_folders(full, strlen(root));
    file = fopen(full, "w");
  }
  assert_non_null(file);
  assert_true(fputs(text, file) >= 0);
  assert_int_equal(fclose(file), 0);
}

void change_machine(const char *root, const struct made_up_file *files) {
  for (; files->path; files++) write_file(root, files->path, files->text);
}

static void write_cpu(const char *root, int cpu) {
  static const struct made_up_file shared[] = {
      {"topology/physical_package_id", "0\n"},
      {"topology/core_siblings", "f\n"},
      {"cpu_capacity", "1024\n"},
      {"cpufreq/scaling_governor", "performance\n"},
      {"cpufreq/scaling_driver", "intel_pstate\n"},
      {"cache/index0/level", "1\n"},
      {"cache/index0/type", "Data\n"},
      {"cache/index0/size", "32K\n"},
      {"cache/index0/coherency_line_size", "64\n"},
      {"cache/index0/physical_line_partition", "1\n"},
      {"cache/index0/number_of_sets", "64\n"},
      {"cache/index1/level", "1\n"},
      {"cache/index1/type", "Instruction\n"},
      {"cache/index1/size", "64K\n"},
      {"cache/index2/level", "2\n"},
      {"cache/index2/type", "Unified\n"},
      {"cache/index2/size", "1024K\n"},
      {"cache/index3/level", "3\n"},
      {"cache/index3/type", "Unified\n"},
      {"cache/index3/size", "8192K\n"},
      {"cache/index3/shared_cpu_map", "f\n"},
      {NULL, NULL},
  };
  char path[PATH_SIZE], own_id[16], own_mask[16];
  for (const struct made_up_file *file = shared; file->path; file++) {
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/%s", cpu, file->path);
    write_file(root, path, file->text);
  }
  snprintf(own_id, sizeof own_id, "%d\n", cpu);
  snprintf(own_mask, sizeof own_mask, "%x\n", 1U << cpu);
  const struct made_up_file own[] = {
      {"topology/core_id", own_id},
      {"topology/thread_siblings", own_mask},
      {"cache/index0/shared_cpu_map", own_mask},
      {"cache/index1/shared_cpu_map", own_mask},
      {"cache/index2/shared_cpu_map", own_mask},
  };
  for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/%s", cpu, own[i].path);
    write_file(root, path, own[i].text);
  }
}

/* In memory where that can be: a machine has some hundred files. */
char *make_up_nothing(void) {
  char *root = strdup("/dev/shm/gradmark-machine-XXXXXX");
  assert_non_null(root);
  if (mkdtemp(root)) return root;
  free(root);
  root = strdup("/tmp/gradmark-machine-XXXXXX");
  assert_non_null(root);
  assert_non_null(mkdtemp(root));
  return root;
}

char *make_up_machine(void) {
  static const struct made_up_file files[] = {
      {"/proc/self/status",
       "Name:\tgradmark\nCapEff:\t0000000000000000\nTHP_enabled:\t1\n"
       "Speculation_Store_Bypass:\tthread vulnerable\n"},
      {"/proc/self/cgroup", "0::/\n"},
      {"/proc/self/mountinfo",
       "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/root rw\n"
       "30 22 0:27 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n"},
      {"/proc/mounts", "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n"},
      {"/proc/thread-self/maps", "00400000-0047e000 r--p 00000000 fe:00 2163475 /usr/bin/gradmark\n"},
      {"/proc/cpuinfo",
       "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 143\n"
       "model name\t: A Processor\nstepping\t: 8\nmicrocode\t: 0x2b\nflags\t\t: fpu sse avx2\n"},
      {"/proc/meminfo",
       "MemTotal:       16000000 kB\nMemFree:         1000000 kB\nMemAvailable:   12000000 kB\n"
       "SwapTotal:             0 kB\nSwapFree:              0 kB\nHugePages_Total:       4\n"
       "HugePages_Free:        3\nHugepagesize:       2048 kB\n"},
      {"/sys/fs/cgroup/cgroup.controllers", "cpuset cpu memory\n"},
      {"/proc/loadavg", "0.10 0.20 0.30 1/200 999\n"},
      {"/proc/stat", "cpu  1000 0 1000 8000 0 0 0 0 0 0\ncpu0 1000 0 1000 8000 0 0 0 0 0 0\n"},
      {"/proc/sys/kernel/hostname", "workbench\n"},
      {"/proc/sys/kernel/osrelease", "6.1.0\n"},
      {"/proc/sys/kernel/randomize_va_space", "2\n"},
      {"/proc/sys/kernel/numa_balancing", "0\n"},
      {"/etc/os-release", "NAME=\"A System\"\nPRETTY_NAME=\"A System 12\"\n"},
      {"/sys/devices/system/cpu/online", "0-3\n"},
      {"/sys/devices/system/cpu/smt/active", "0\n"},
      {"/sys/devices/system/cpu/intel_pstate/no_turbo", "1\n"},
      {"/sys/devices/system/cpu/vulnerabilities/meltdown", "Not affected\n"},
      {"/sys/devices/system/cpu/vulnerabilities/retbleed", "Mitigation: Enhanced IBRS\n"},
      {"/sys/devices/system/cpu/vulnerabilities/mds", "Vulnerable\n"},
      {"/sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n"},
      {"/sys/devices/system/node/online", "0\n"},
      {"/sys/devices/system/node/node0/cpumap", "f\n"},
      {"/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n"},
      {"/sys/kernel/mm/transparent_hugepage/defrag", "always defer defer+madvise [madvise] never\n"},
      {NULL, NULL},
  };
  char *root = make_up_nothing();
  change_machine(root, files);
  for (int cpu = 0; cpu < 4; cpu++) write_cpu(root, cpu);
  return root;
}

static int forget_entry(const char *path, const struct stat *status, int kind, struct FTW *position) {
  (void)status, (void)kind, (void)position;
  return remove(path);
}

void forget_machine(char *root) {
  assert_int_equal(nftw(root, forget_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
  free(root);
}
