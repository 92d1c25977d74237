#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* environ */
#endif
#include "environment.h"

#include <dirent.h>
#include <fenv.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "control_groups.h"
#include "system_files.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#define CPU_DIRECTORY "/sys/devices/system/cpu"

/* What an observer sees: where to look, the machine, and the item that it fills. */
struct look {
  const char *root;
  const char *const *variables;
  const struct machine *machine;
  struct environment *environment;
  struct environment_item *item;
};

static bool is_real(const struct look *look) { return look->root[0] == '\0'; }

/* ---- the three verdicts ----------------------------------------------------------------------------------------- */

static void set_value(struct look *look, enum environment_state state, const char *format, va_list args) {
  look->item->state = state;
  vsnprintf(look->item->value, sizeof look->item->value, format, args);
}

__attribute__((format(printf, 2, 3))) static void fine(struct look *look, const char *format, ...) {
  va_list args;
  va_start(args, format);
  set_value(look, ENVIRONMENT_FINE, format, args);
  va_end(args);
}

__attribute__((format(printf, 2, 3))) static void not_visible(struct look *look, const char *format, ...) {
  va_list args;
  va_start(args, format);
  set_value(look, ENVIRONMENT_NOT_VISIBLE, format, args);
  va_end(args);
}

/* Gives the value; warn() says the rest. */
__attribute__((format(printf, 2, 3))) static void warned(struct look *look, const char *format, ...) {
  va_list args;
  va_start(args, format);
  set_value(look, ENVIRONMENT_WARNED, format, args);
  va_end(args);
}

static void warn(struct look *look, const char *what, const char *cause, const char *cure) {
  environment_warn(look->environment, look->item->id, what, cause, cure);
}

/* ---- the machine ------------------------------------------------------------------------------------------------ */

static const char *file_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/* qemu-user shows its guest a made-up /proc/self, but the thread's own entry is the emulator's. */
static bool emulated_by_link(struct look *look, char *name, size_t size) {
  char path[SYSTEM_PATH], target[SYSTEM_PATH];
  snprintf(path, sizeof path, "%s/proc/thread-self/exe", look->root);
  const ssize_t length = readlink(path, target, sizeof target - 1);
  if (length <= 0) return false;
  target[length] = '\0';
  const char *file = file_name(target);
  if (strncmp(file, "qemu-", 5) != 0 && strcmp(file, "FEXInterpreter") != 0 && strncmp(file, "box64", 5) != 0)
    return false;
  system_copy(name, size, file);
  return true;
}

static bool emulated_by_maps(struct look *look, char *name, size_t size) {
  char *maps = system_file_text(look->root, "/proc/thread-self/maps");
  const bool found = maps && (strstr(maps, "/vgpreload_") || strstr(maps, "/valgrind/"));
  free(maps);
  if (found) system_copy(name, size, "valgrind");
  return found;
}

/* The kernel runs on another architecture than the one this program was compiled for. */
static bool emulated_by_kernel(struct look *look, char *name, size_t size) {
  char kernel[64];
  const char *ours = look->machine->processor.architecture;
  if (!ours[0] || !system_file_line(look->root, kernel, sizeof kernel, "/proc/sys/kernel/arch")) return false;
  if (!kernel[0] || strcmp(kernel, ours) == 0) return false;
  snprintf(name, size, "an emulator of %.32s on %.32s", ours, kernel);
  return true;
}

/* QEMU's own translator signs itself, as a user-mode emulator and as a whole emulated machine. */
static bool emulated_by_signature(struct look *look, char *name, size_t size) {
  if (!strstr(look->machine->hypervisor_name, "TCG")) return false;
  system_copy(name, size, "QEMU without hardware virtualization (TCG)");
  return true;
}

static void observe_emulation(struct look *look) {
  struct environment *environment = look->environment;
  char *name = environment->emulator;
  const size_t size = sizeof environment->emulator;
  environment->emulated = emulated_by_link(look, name, size) || emulated_by_maps(look, name, size) ||
                          emulated_by_kernel(look, name, size) || emulated_by_signature(look, name, size);
  if (!environment->emulated) {
    char *maps = system_file_text(look->root, "/proc/thread-self/maps");
    if (maps)
      fine(look, "none seen");
    else
      not_visible(look, "/proc does not show this process");
    free(maps);
    return;
  }
  warned(look, "%s", name);
  warn(look, "An emulator runs this program: its times say nothing about a processor, and none are reported",
       "The program was started under qemu, valgrind or another translator of machine code",
       "Run gradmark directly on the processor that is to be measured");
}

static void observe_hypervisor(struct look *look) {
  const struct machine *machine = look->machine;
  if (look->environment->emulated) {
    not_visible(look, "the emulator hides it");
    return;
  }
  if (machine->hypervisor == MACHINE_UNKNOWN) {
    not_visible(look, "this architecture does not show whether there is one");
    return;
  }
  if (machine->hypervisor == MACHINE_NO) {
    fine(look, "none");
    return;
  }
  char what[ENVIRONMENT_SENTENCE];
  warned(look, "%s", machine->hypervisor_name[0] ? machine->hypervisor_name : "present, of unknown name");
  snprintf(what, sizeof what,
           "This is a virtual machine%s%s: neighbours may share its cores, last cache, memory bandwidth and clock",
           machine->hypervisor_name[0] ? " under " : "", machine->hypervisor_name);
  warn(look, what, "The processor reports a hypervisor",
       "Measure on bare metal or a dedicated host; otherwise repeat at several times and compare the uncertainties");
}

static void observe_topology(struct look *look) {
  const struct machine *machine = look->machine;
  if (!machine->this_system && is_real(look)) {
    warned(look, "%s", machine->topology_source);
    warn(look, "The topology describes another machine than this one: sizes do not fit it and threads are not bound",
         "HWLOC_SYNTHETIC, HWLOC_XMLFILE or another HWLOC_ variable is set", "Unset the HWLOC_ variables");
  } else if (!machine_last_cache(machine)) {
    warned(look, "no cache is visible");
    warn(look, "The sizes of the caches are not visible: working sets cannot be placed in L1, L2 and L3",
         "Neither hwloc nor the C library shows a cache",
         "Mount /sys, or describe the machine to hwloc (HWLOC_XMLFILE, made by lstopo on the host)");
  } else if (!machine->topology_visible) {
    warned(look, "%s", machine->topology_source);
    warn(look, "hwloc sees no caches with its variables as they are: it was asked again without them",
         "An HWLOC_ variable keeps hwloc from this system or names a file that it cannot read, or /sys is not mounted",
         "Mount /sys and /proc, unset the HWLOC_ variables, and look at what lstopo prints");
  } else {
    fine(look, "%s", machine->topology_source);
  }
}

static const char *variable(const struct look *look, const char *name) {
  const size_t length = strlen(name);
  for (const char *const *at = look->variables; at && *at; at++)
    if (strncmp(*at, name, length) == 0 && (*at)[length] == '=') return *at + length + 1;
  return NULL;
}

/* OpenMP runtimes bind the first thread before main() when one of these is set. */
static const char *openmp_binding(const struct look *look) {
  static const char *const names[] = {"OMP_PROC_BIND", "OMP_PLACES", "GOMP_CPU_AFFINITY", "KMP_AFFINITY"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const char *value = variable(look, names[i]);
    if (value && strcasecmp(value, "false") != 0) return names[i];
  }
  return NULL;
}

static void observe_cpuset(struct look *look) {
  const struct machine *machine = look->machine;
  look->item->number = machine->pus;
  if (machine->online_pus == 0) {
    not_visible(look, "%u usable; how many the machine has is not shown", machine->pus);
    return;
  }
  if (machine->pus >= machine->online_pus) {
    fine(look, "all %u", machine->online_pus);
    return;
  }
  char what[ENVIRONMENT_SENTENCE], cause[ENVIRONMENT_SENTENCE];
  const char *binding = openmp_binding(look);
  warned(look, "%u of %u", machine->pus, machine->online_pus);
  snprintf(what, sizeof what, "Only %u of the machine's %u hardware threads may be used; the others may be busy",
           machine->pus, machine->online_pus);
  if (binding)
    snprintf(cause, sizeof cause, "%s makes the OpenMP runtime bind the first thread before gradmark starts", binding);
  else
    snprintf(cause, sizeof cause, "An affinity mask or a cpuset (taskset, a container, a batch system, isolcpus)");
  warn(look, what, cause,
       binding ? "Unset the variable: gradmark binds its threads itself"
               : "Start gradmark without taskset, or give the container or the job all processors");
}

static void observe_quota(struct look *look) {
  double cpus;
  if (!control_groups_cpu(look->root, &cpus)) {
    not_visible(look, "the control groups are not shown");
    return;
  }
  look->environment->cpu_quota = cpus;
  if (cpus <= 0) {
    fine(look, "none in the groups that can be seen");
    return;
  }
  look->item->number = cpus;
  if (cpus + 1e-6 >= look->machine->cores) {
    fine(look, "%.4g CPUs for %u cores", cpus, look->machine->cores);
    return;
  }
  char what[ENVIRONMENT_SENTENCE];
  warned(look, "%.4g CPUs for %u cores", cpus, look->machine->cores);
  snprintf(what, sizeof what,
           "The time of %.4g CPUs must do for %u cores: threads are stopped in mid-run when it is used up", cpus,
           look->machine->cores);
  warn(look, what, "A control group (container, systemd, batch system) has a CPU quota",
       "Raise or remove the quota (docker --cpus, Kubernetes limits, systemd CPUQuota), or use fewer threads");
}

static void observe_smt(struct look *look) {
  const struct machine *machine = look->machine;
  long long active;
  const bool known = system_file_number(look->root, &active, CPU_DIRECTORY "/smt/active");
  const bool shown = machine->smt > 1 || (known && active == 1);
  if (shown) {
    warned(look, machine->smt > 1 ? "%u hardware threads per core" : "active", machine->smt);
    warn(look, "Cores run several hardware threads: whatever runs on a core's other thread takes from the measured one",
         "Simultaneous multithreading (Hyper-Threading) is on",
         "Keep the machine idle, or: echo off | sudo tee /sys/devices/system/cpu/smt/control");
  } else if (machine->hypervisor == MACHINE_YES) {
    not_visible(look, "1 thread per core is shown; a hypervisor may hide the others");
  } else if (known || machine->topology_visible) {
    fine(look, "off");
  } else {
    not_visible(look, "the kernel does not show it");
  }
}

static void observe_core_kinds(struct look *look) {
  const struct machine *machine = look->machine;
  if (machine->core_kinds == 0) {
    not_visible(look, "the system does not say whether the cores are alike");
    return;
  }
  look->item->number = machine->core_kinds;
  if (machine->core_kinds == 1) {
    fine(look, machine->hypervisor == MACHINE_YES ? "one, as the hypervisor shows it" : "one");
    return;
  }
  warned(look, "%u", machine->core_kinds);
  warn(look, "The cores are of several kinds: results with more threads mix fast and slow cores",
       "A hybrid processor, or cores with different top clocks",
       "Choose the cores: taskset -c LIST gradmark ...; one thread runs on the fastest kind");
}

/* Filled by who runs on several threads (placement_observe). */
static void observe_placement(struct look *look) { not_visible(look, "several threads were not watched"); }

/* ---- the clock -------------------------------------------------------------------------------------------------- */

static void observe_governor(struct look *look) {
  const struct machine *machine = look->machine;
  char driver[32] = "", first[32] = "", worst[32] = "";
  unsigned seen = 0;
  for (unsigned i = 0; i < machine->pus; i++) {
    char governor[32];
    if (!system_file_line(look->root, governor, sizeof governor, CPU_DIRECTORY "/cpu%u/cpufreq/scaling_governor",
                          machine->pu[i].os_index))
      continue;
    if (seen++ == 0) {
      system_copy(first, sizeof first, governor);
      if (!system_file_line(look->root, driver, sizeof driver, CPU_DIRECTORY "/cpu%u/cpufreq/scaling_driver",
                            machine->pu[i].os_index))
        driver[0] = '\0';
    }
    if (strcmp(governor, "performance") != 0) system_copy(worst, sizeof worst, governor);
  }
  if (seen == 0) {
    not_visible(look, "the kernel does not control the clock here (no cpufreq)");
    return;
  }
  const char *shown = worst[0] ? worst : first;
  if (!worst[0]) {
    fine(look, "%s%s%s", shown, driver[0] ? ", driver " : "", driver);
    return;
  }
  char what[ENVIRONMENT_SENTENCE];
  warned(look, "%s%s%s", shown, driver[0] ? ", driver " : "", driver);
  snprintf(what, sizeof what, "The clock follows the load (governor %s): short timings may run at a lower clock",
           shown);
  warn(look, what, "The frequency governor of at least one usable core is not 'performance'",
       "sudo cpupower frequency-set -g performance");
}

static void observe_turbo(struct look *look) {
  long long off, on;
  const char *cure = NULL;
  bool active = false;
  if (system_file_number(look->root, &off, CPU_DIRECTORY "/intel_pstate/no_turbo")) {
    active = off == 0;
    cure = "echo 1 | sudo tee /sys/devices/system/cpu/intel_pstate/no_turbo";
  } else if (system_file_number(look->root, &on, CPU_DIRECTORY "/cpufreq/boost")) {
    active = on != 0;
    cure = "echo 0 | sudo tee /sys/devices/system/cpu/cpufreq/boost";
  }
  if (!cure) {
    not_visible(look, "the kernel does not show it");
    return;
  }
  if (!active) {
    fine(look, "off");
    return;
  }
  warned(look, "on");
  warn(look, "Turbo is on: the clock depends on temperature, on the instructions, and on how many cores are busy",
       "The processor may exceed its base clock", cure);
}

/* Clocks that are read without entering the kernel. */
static bool cheap_clock(const char *name) {
  static const char *const cheap[] = {
      "tsc",      "kvm-clock",        "hyperv_clocksource_tsc_page", "arch_sys_counter", "arch_mmio_timer",
      "timebase", "riscv_clocksource"};
  for (size_t i = 0; i < sizeof cheap / sizeof *cheap; i++)
    if (strcmp(name, cheap[i]) == 0) return true;
  return false;
}

static void observe_clock(struct look *look) {
  char name[64];
  if (!system_file_line(look->root, name, sizeof name,
                        "/sys/devices/system/clocksource/clocksource0/current_clocksource")) {
    not_visible(look, "the kernel does not show it");
    return;
  }
  if (cheap_clock(name)) {
    fine(look, "%s", name);
    return;
  }
  char what[ENVIRONMENT_SENTENCE];
  warned(look, "%s", name);
  snprintf(what, sizeof what, "Reading the time takes about a microsecond, with the clock source %s", name);
  warn(look, what, "The kernel does not trust the processor's time-stamp counter, or was told not to use it",
       "See the kernel's log for 'clocksource'; on a virtual machine choose its own clock source (tsc, kvm-clock)");
}

/* ---- what else runs --------------------------------------------------------------------------------------------- */

/* The fourth figure of /proc/loadavg counts the threads that run or want to at this moment, ours among them. */
static bool read_load(const struct look *look, double *load, unsigned *others) {
  char line[128];
  unsigned running;
  if (!system_file_line(look->root, line, sizeof line, "/proc/loadavg")) return false;
  if (sscanf(line, "%lf %*f %*f %u/", load, &running) != 2) return false;
  *others = running > 0 ? running - 1 : 0;
  return true;
}

/* Others are counted several times and the least is taken, for daemons that wake up for a moment disturb little. The
 * average over a minute is shown but not judged: it still holds the build that came just before. */
static void observe_load(struct look *look) {
  enum { TIMES = 5, PAUSE = 10 * 1000 * 1000 };
  double load;
  unsigned others = 0;
  for (int i = 0; i < TIMES; i++) {
    unsigned now;
    if (!read_load(look, &load, &now)) {
      not_visible(look, "/proc/loadavg is not shown");
      return;
    }
    if (i == 0 || now < others) others = now;
    if (others == 0) break;
    nanosleep(&(struct timespec){.tv_nsec = PAUSE}, NULL);
  }
  look->item->number = others;
  if (others == 0) {
    fine(look, "no other thread runs; average over a minute: %.2f", load);
    return;
  }
  char what[ENVIRONMENT_SENTENCE];
  warned(look, "%u other thread%s; average over a minute: %.2f", others, others == 1 ? "" : "s", load);
  snprintf(what, sizeof what, "%u other thread%s this machine while it is measured", others,
           others == 1 ? " keeps running on" : "s keep running on");
  warn(look, what, "Other programs are busy", "See which with top, and stop them or wait until they are done");
}

bool environment_ticks_read(const struct environment_source *source, struct environment_ticks *ticks) {
  char *text = system_file_text(source->root, "/proc/stat");
  *ticks = (struct environment_ticks){0};
  if (!text) return false;
  enum { STEAL = 7, FIELDS = 8 }; /* user nice system idle iowait irq softirq steal; guests are counted in user */
  int fields = 0;
  if (strncmp(text, "cpu ", 4) == 0) {
    char *at = text + 4;
    for (; fields < FIELDS; fields++) {
      char *end;
      const unsigned long long value = strtoull(at, &end, 10);
      if (end == at) break;
      ticks->total += value;
      if (fields == STEAL) ticks->steal = value;
      at = end;
    }
  }
  free(text);
  return fields == FIELDS;
}

double environment_steal_percent(const struct environment_ticks *before, const struct environment_ticks *after) {
  if (after->total <= before->total || after->steal < before->steal) return 0;
  return 100.0 * (double)(after->steal - before->steal) / (double)(after->total - before->total);
}

static void observe_steal(struct look *look) {
  const struct environment_source source = {.root = look->root};
  const struct environment_ticks start = {0};
  struct environment_ticks ticks;
  if (!environment_ticks_read(&source, &ticks)) {
    not_visible(look, "/proc/stat does not show it");
    return;
  }
  const double percent = environment_steal_percent(&start, &ticks);
  if (ticks.steal == 0 && look->machine->hypervisor != MACHINE_NO) {
    not_visible(look, "0 %%: there was none, or the hypervisor does not report it");
    return;
  }
  look->item->number = percent;
  if (percent < 1) {
    fine(look, "%.2g %% since the system started", percent);
    return;
  }
  char what[ENVIRONMENT_SENTENCE];
  warned(look, "%.2g %% since the system started", percent);
  snprintf(what, sizeof what, "The hypervisor gave %.2g %% of this machine's processor time to others", percent);
  warn(look, what, "The host has sold more processors than it has",
       "Use an instance type with dedicated processors, or measure at another time");
}

/* ---- memory ----------------------------------------------------------------------------------------------------- */

/* A process may be denied huge pages that the system allows (prctl PR_SET_THP_DISABLE). */
static bool denied_huge_pages(const struct look *look) {
  char *status = system_file_text(look->root, "/proc/self/status");
  long long enabled;
  const bool denied = status && system_text_number(status, "THP_enabled", &enabled) && enabled == 0;
  free(status);
  return denied;
}

static bool thp_setting(const struct look *look, const char *name, char *choice, size_t size) {
  char line[128];
  return system_file_line(look->root, line, sizeof line, "/sys/kernel/mm/transparent_hugepage/%s", name) &&
         system_chosen(line, choice, size);
}

static void observe_huge_pages_enabled(struct look *look) {
  char choice[32];
  const char *what = "Arrays lie on small pages: each 4 KiB needs an entry of the address translation caches";
  if (!thp_setting(look, "enabled", choice, sizeof choice)) {
    not_visible(look, "the kernel does not show it");
  } else if (denied_huge_pages(look)) {
    warned(look, "%s, but not for this process", choice);
    warn(look, what, "The process that started gradmark switched them off (prctl PR_SET_THP_DISABLE)",
         "Start gradmark from an ordinary shell");
  } else if (strcmp(choice, "never") == 0) {
    warned(look, "never");
    warn(look, what, "Transparent huge pages are switched off",
         "echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled");
  } else {
    fine(look, "%s", choice);
  }
}

static void observe_defrag(struct look *look) {
  char choice[32];
  if (!thp_setting(look, "defrag", choice, sizeof choice)) {
    not_visible(look, "the kernel does not show it");
  } else if (strcmp(choice, "never") == 0 || strcmp(choice, "defer") == 0) {
    warned(look, "%s", choice);
    warn(look, "When memory is in pieces, arrays get small pages: two runs of the same kernel may differ",
         "The kernel does not free huge pages at the moment when they are asked for",
         "echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/defrag");
  } else {
    fine(look, "%s", choice);
  }
}

static void observe_reserved_pages(struct look *look) {
  char *text = system_file_text(look->root, "/proc/meminfo");
  long long total, available, kib;
  if (text && system_text_number(text, "HugePages_Total", &total) &&
      system_text_number(text, "HugePages_Free", &available) && system_text_number(text, "Hugepagesize", &kib)) {
    look->item->number = (double)available;
    fine(look, "%lld free of %lld, %lld KiB each", available, total, kib);
  } else {
    not_visible(look, "/proc/meminfo does not show them");
  }
  free(text);
}

static void observe_numa_balancing(struct look *look) {
  const struct machine *machine = look->machine;
  long long active;
  if (machine->numa_nodes == 1 && machine->topology_visible) {
    fine(look, "one NUMA node, nothing to balance");
  } else if (!system_file_number(look->root, &active, "/proc/sys/kernel/numa_balancing")) {
    not_visible(look, "the kernel does not show it");
  } else if (active == 0 || machine->numa_nodes == 1) {
    fine(look, active == 0 ? "off" : "on, with one NUMA node");
  } else {
    warned(look, "on");
    warn(look, "The kernel moves pages between NUMA nodes during a measurement, and stops threads to see who uses them",
         "Automatic NUMA balancing is on", "echo 0 | sudo tee /proc/sys/kernel/numa_balancing");
  }
}

static void observe_swap(struct look *look) {
  enum { A_FEW = 64 * 1024 }; /* KiB that nobody has asked for since the last boot are no sign of want */
  char *text = system_file_text(look->root, "/proc/meminfo");
  long long total, available;
  const bool visible =
      text && system_text_number(text, "SwapTotal", &total) && system_text_number(text, "SwapFree", &available);
  free(text);
  if (!visible) {
    not_visible(look, "/proc/meminfo does not show it");
    return;
  }
  const long long used = total - available;
  look->item->number = (double)used * 1024;
  if (total == 0) {
    fine(look, "none");
  } else if (used <= A_FEW) {
    fine(look, "%lld MiB used of %lld MiB", used / 1024, total / 1024);
  } else {
    warned(look, "%lld MiB used of %lld MiB", used / 1024, total / 1024);
    warn(look, "Memory was short: what is in swap may come back, and arrays may be moved out, during a measurement",
         "Programs use more memory than the machine has", "Stop them, then: sudo swapoff -a && sudo swapon -a");
  }
}

/* ---- the kernel's protections ----------------------------------------------------------------------------------- */

/* Comparisons are between processes and rely on each having a layout of its own, so that randomness is the fine state
 * here. */
static void observe_aslr(struct look *look) {
  long long mode;
  if (!system_file_number(look->root, &mode, "/proc/sys/kernel/randomize_va_space")) {
    not_visible(look, "the kernel does not show it");
    return;
  }
  look->item->number = (double)mode;
  if (mode > 0) {
    fine(look, mode == 1 ? "on, except for the heap" : "on");
    return;
  }
  warned(look, "off");
  warn(look, "Every process has the same memory layout: a lucky one looks like a faster kernel",
       "Address space randomization is off", "echo 2 | sudo tee /proc/sys/kernel/randomize_va_space");
}

static int compare_vulnerabilities(const void *left, const void *right) {
  const struct environment_vulnerability *a = left, *b = right;
  return strcmp(a->name, b->name);
}

static void list_vulnerabilities(struct look *look, DIR *directory) {
  struct environment *environment = look->environment;
  for (struct dirent *entry; (entry = readdir(directory));) {
    if (entry->d_name[0] == '.' || environment->vulnerabilities == ENVIRONMENT_MAX_VULNERABILITIES) continue;
    struct environment_vulnerability *next = &environment->vulnerability[environment->vulnerabilities];
    system_copy(next->name, sizeof next->name, entry->d_name);
    environment->vulnerabilities += system_file_line(look->root, next->state, sizeof next->state,
                                                     CPU_DIRECTORY "/vulnerabilities/%s", entry->d_name);
  }
  qsort(environment->vulnerability, environment->vulnerabilities, sizeof *environment->vulnerability,
        compare_vulnerabilities);
}

/* Recorded because they explain differences between machines; they cost system calls, not kernels, so none is warned
 * about. The one that does slow loads down has an item of its own. */
static void observe_mitigations(struct look *look) {
  const struct environment *environment = look->environment;
  char path[SYSTEM_PATH];
  snprintf(path, sizeof path, "%s" CPU_DIRECTORY "/vulnerabilities", look->root);
  DIR *directory = opendir(path);
  if (directory) {
    list_vulnerabilities(look, directory);
    closedir(directory);
  }
  if (environment->vulnerabilities == 0) {
    not_visible(look, "the kernel does not list them");
    return;
  }
  unsigned mitigated = 0, vulnerable = 0, unaffected = 0;
  for (size_t i = 0; i < environment->vulnerabilities; i++) {
    const char *state = environment->vulnerability[i].state;
    mitigated += strstr(state, "Mitigation") == state;
    vulnerable += strstr(state, "Vulnerable") == state;
    unaffected += strcmp(state, "Not affected") == 0;
  }
  look->item->number = mitigated;
  fine(look, "%u active, %u not needed, %u missing, of %zu", mitigated, unaffected, vulnerable,
       environment->vulnerabilities);
}

static void observe_store_bypass(struct look *look) {
  char *status = system_file_text(look->root, "/proc/self/status");
  char state[64] = "";
  const bool visible = status && system_text_field(status, "Speculation_Store_Bypass", state, sizeof state);
  free(status);
  if (!visible || strcmp(state, "unknown") == 0) {
    not_visible(look, "the kernel does not show it");
  } else if (!strstr(state, "mitigated")) {
    fine(look, strcmp(state, "not vulnerable") == 0 ? "allowed, the processor is not vulnerable" : "allowed");
  } else {
    warned(look, "forbidden (%s)", state);
    warn(look,
         "Loads wait until the addresses of all earlier stores are known: kernels that update in place are slower",
         "Speculative store bypass is forbidden for this process (a seccomp filter, a container) or for the machine",
         "Allow it: no seccomp filter, or the kernel parameter spec_store_bypass_disable=prctl");
  }
}

static bool is_core_counter(const char *name) {
  static const char *const beginnings[] = {"armv8", "armv9", "apple_", "riscv"};
  if (strcmp(name, "cpu") == 0 || strcmp(name, "cpu_core") == 0 || strcmp(name, "cpu_atom") == 0) return true;
  for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
    if (strncmp(name, beginnings[i], strlen(beginnings[i])) == 0) return true;
  return false;
}

static bool has_core_counters(const struct look *look) {
  char path[SYSTEM_PATH];
  snprintf(path, sizeof path, "%s/sys/bus/event_source/devices", look->root);
  DIR *directory = opendir(path);
  if (!directory) return false;
  bool found = false;
  for (struct dirent *entry; !found && (entry = readdir(directory));) found = is_core_counter(entry->d_name);
  closedir(directory);
  return found;
}

/* CAP_PERFMON and CAP_SYS_ADMIN are above perf_event_paranoid. */
static bool may_count_anyway(const struct look *look) {
  enum { SYS_ADMIN = 21, PERFMON = 38 };
  char *status = system_file_text(look->root, "/proc/self/status");
  char capabilities[64];
  const bool visible = status && system_text_field(status, "CapEff", capabilities, sizeof capabilities);
  free(status);
  const unsigned long long mask = visible ? strtoull(capabilities, NULL, 16) : 0;
  return mask >> SYS_ADMIN & 1 || mask >> PERFMON & 1;
}

static void observe_counters(struct look *look) {
  long long paranoid;
  if (!has_core_counters(look)) {
    not_visible(look, "the kernel shows no counters of cycles or cache misses");
    return;
  }
  if (!system_file_number(look->root, &paranoid, "/proc/sys/kernel/perf_event_paranoid")) {
    not_visible(look, "the kernel does not say whether they may be read");
    return;
  }
  look->item->number = (double)paranoid;
  if (paranoid <= 2 || may_count_anyway(look)) {
    fine(look, "may be read (perf_event_paranoid %lld)", paranoid);
    return;
  }
  warned(look, "may not be read (perf_event_paranoid %lld)", paranoid);
  warn(look, "The processor counts cycles and cache misses, but this user may not read the counters",
       "perf_event_paranoid is above 2", "sudo sysctl kernel.perf_event_paranoid=2");
}

static void observe_isolated(struct look *look) {
  char list[96];
  if (!system_file_line(look->root, list, sizeof list, CPU_DIRECTORY "/isolated")) {
    not_visible(look, "the kernel does not show it");
    return;
  }
  look->item->number = system_list_count(list);
  fine(look, "%s", list[0] ? list : "none");
}

/* ---- this process ----------------------------------------------------------------------------------------------- */

static bool counts_as_set(const struct look *look, const char *name) {
  const char *value = variable(look, name);
  return value && value[0] && strcasecmp(value, "false") != 0;
}

static void observe_openmp(struct look *look) {
  static const char *const names[] = {"OMP_PROC_BIND",  "OMP_PLACES",   "GOMP_CPU_AFFINITY", "KMP_AFFINITY",
                                      "KMP_HW_SUBSET",  "OMP_DYNAMIC",  "OMP_THREAD_LIMIT",  "OMP_WAIT_POLICY",
                                      "GOMP_SPINCOUNT", "KMP_BLOCKTIME"};
  char set[ENVIRONMENT_VALUE] = "";
  size_t used = 0;
  unsigned count = 0;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (!counts_as_set(look, names[i])) continue;
    const int wrote =
        snprintf(set + used, sizeof set - used, "%s%s=%s", used ? ", " : "", names[i], variable(look, names[i]));
    used = used + (size_t)wrote < sizeof set ? used + (size_t)wrote : sizeof set - 1;
    count++;
  }
  look->item->number = count;
  if (count == 0) {
    fine(look, "none set that matters");
    return;
  }
  warned(look, "%s", set);
  warn(look, "Variables of the OpenMP runtime change how many threads there are, where they run, or how they wait",
       "They are set in the environment of this process", "Unset them: gradmark counts and binds its threads itself");
}

/* False where the processor's state is not known to us. */
static bool read_subnormals(struct environment *environment) {
#if defined(__x86_64__)
  enum { DAZ = 1U << 6, FTZ = 1U << 15 };
  const unsigned control = _mm_getcsr();
  environment->flush_to_zero = control & FTZ;
  environment->denormals_are_zero = control & DAZ;
  return true;
#elif defined(__aarch64__)
  enum { FZ = 1U << 24 };
  uint64_t control;
  __asm__ volatile("mrs %0, fpcr" : "=r"(control));
  environment->flush_to_zero = environment->denormals_are_zero = control & FZ;
  return true;
#else
  (void)environment;
  return false;
#endif
}

static void observe_arithmetic(struct look *look) {
  struct environment *environment = look->environment;
  if (!read_subnormals(environment)) {
    not_visible(look, "not known for this architecture");
    return;
  }
  const bool ftz = environment->flush_to_zero, daz = environment->denormals_are_zero;
  if (fegetround() != FE_TONEAREST) {
    warned(look, "not rounded to nearest");
    warn(look, "Arithmetic is not rounded to nearest: results differ from the references",
         "Something loaded into this process changed the rounding mode at its start",
         "Find it among the libraries and plug-ins that are loaded (LD_PRELOAD)");
  } else if (ftz || daz) {
    warned(look, "%s%s%s", ftz ? "results flushed to zero" : "", ftz && daz ? ", " : "",
           daz ? "inputs taken as zero" : "");
    warn(look, "Subnormal numbers are taken for zero: results differ, and slow cases are hidden",
         "A library that was compiled with -ffast-math switched FTZ or DAZ on when it was loaded",
         "Find it among the libraries and plug-ins that are loaded (LD_PRELOAD)");
  } else {
    fine(look, "IEEE 754: subnormals kept, rounded to nearest");
  }
}

/* ---- the list --------------------------------------------------------------------------------------------------- */

static const struct observer {
  const char *id, *label, *unit;
  void (*observe)(struct look *look);
} observers[ENVIRONMENT_ITEMS] = {
    {"emulation", "emulator", NULL, observe_emulation},
    {"hypervisor", "hypervisor", NULL, observe_hypervisor},
    {"topology", "topology", NULL, observe_topology},
    {"usable_threads", "usable hardware threads", "count", observe_cpuset},
    {"cpu_quota", "CPU quota", "cpus", observe_quota},
    {"smt", "threads per core (SMT)", NULL, observe_smt},
    {"core_kinds", "kinds of cores", "count", observe_core_kinds},
    {"placement", "placement of threads", "cpus", observe_placement},
    {"governor", "frequency governor", NULL, observe_governor},
    {"turbo", "turbo", NULL, observe_turbo},
    {"clock_source", "clock source", NULL, observe_clock},
    {"load", "other load", "count", observe_load},
    {"steal", "stolen processor time", "percent", observe_steal},
    {"transparent_huge_pages", "transparent huge pages", NULL, observe_huge_pages_enabled},
    {"huge_page_defrag", "huge page defragmentation", NULL, observe_defrag},
    {"reserved_huge_pages", "reserved huge pages", "count", observe_reserved_pages},
    {"numa_balancing", "NUMA balancing", NULL, observe_numa_balancing},
    {"swap", "swap", "bytes", observe_swap},
    {"aslr", "address randomization", NULL, observe_aslr},
    {"mitigations", "security mitigations", "count", observe_mitigations},
    {"store_bypass", "speculative store bypass", NULL, observe_store_bypass},
    {"hardware_counters", "hardware counters", NULL, observe_counters},
    {"isolated_cpus", "isolated processors", "count", observe_isolated},
    {"openmp_variables", "OpenMP variables", "count", observe_openmp},
    {"arithmetic", "subnormals and rounding", NULL, observe_arithmetic},
};

void environment_observe(struct environment *environment, const struct environment_source *source,
                         const struct machine *machine) {
  *environment = (struct environment){0};
  for (int i = 0; i < ENVIRONMENT_ITEMS; i++) {
    struct environment_item *item = &environment->item[i];
    *item = (struct environment_item){
        .id = observers[i].id, .label = observers[i].label, .unit = observers[i].unit, .number = NAN};
    struct look look = {.root = source->root,
                        .variables = source->variables ? source->variables : (const char *const *)environ,
                        .machine = machine,
                        .environment = environment,
                        .item = item};
    observers[i].observe(&look);
  }
}

const struct environment_item *environment_find(const struct environment *environment, const char *id) {
  for (int i = 0; i < ENVIRONMENT_ITEMS; i++)
    if (strcmp(environment->item[i].id, id) == 0) return &environment->item[i];
  return NULL;
}

void environment_set(struct environment *environment, const char *id, enum environment_state state, double number,
                     const char *value) {
  for (int i = 0; i < ENVIRONMENT_ITEMS; i++) {
    struct environment_item *item = &environment->item[i];
    if (strcmp(item->id, id) != 0) continue;
    item->state = state;
    item->number = number;
    system_copy(item->value, sizeof item->value, value);
  }
}

bool environment_warn(struct environment *environment, const char *id, const char *what, const char *cause,
                      const char *cure) {
  size_t place = 0;
  while (place < environment->warnings && strcmp(environment->warning[place].id, id) != 0) place++;
  if (place == ENVIRONMENT_MAX_WARNINGS) return false;
  if (place == environment->warnings) environment->warnings++;
  struct environment_warning *warning = &environment->warning[place];
  system_copy(warning->id, sizeof warning->id, id);
  system_copy(warning->what, sizeof warning->what, what);
  system_copy(warning->cause, sizeof warning->cause, cause);
  system_copy(warning->cure, sizeof warning->cure, cure);
  return true;
}

const char *environment_state_name(enum environment_state state) {
  static const char *const names[] = {"fine", "warned", "not visible"};
  return names[state];
}
