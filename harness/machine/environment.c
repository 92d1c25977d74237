#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* environ */
#endif
#include "environment.h"

#include <fenv.h>
#include <fnmatch.h>
#include <glob.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "system_files.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#define CPU_DIRECTORY "/sys/devices/system/cpu"
#define KERNEL "/proc/sys/kernel"
#define HUGE_PAGES "/sys/kernel/mm/transparent_hugepage"

/* What an observer sees: where to look, the machine, and the item that it fills. */
struct observation {
  const char *root;
  const struct environment_source *source;
  const struct machine *machine;
  struct environment *environment;
  struct environment_item *item;
};

static bool is_real(const struct observation *o) { return o->root[0] == '\0'; }

/* ---- an item and its warning ------------------------------------------------------------------------------------ */

/* Of an item that is warned about, warn() says the rest. */
__attribute__((format(printf, 3, 4))) static void set_item(struct observation *o, enum environment_state state,
                                                           const char *format, ...) {
  va_list args;
  va_start(args, format);
  o->item->state = state;
  vsnprintf(o->item->value, sizeof o->item->value, format, args);
  va_end(args);
}

__attribute__((format(printf, 4, 5))) static void warn(struct observation *o, const char *cause, const char *cure,
                                                       const char *format, ...) {
  char what[ENVIRONMENT_SENTENCE];
  va_list args;
  va_start(args, format);
  vsnprintf(what, sizeof what, format, args);
  va_end(args);
  environment_warn(o->environment, o->item->id, what, cause, cure);
}

/* ---- items that one file decides -------------------------------------------------------------------------------- */

/* The rows of an item are gone through in their order: the first whose file is there, and which has a reading of the
 * file's text, decides. Of a line such as "always [madvise] never" the text is what stands in brackets. */
static const char small_pages[] =
    "Arrays lie on small pages: each 4 KiB needs an entry of the address translation caches";
static const struct setting {
  const char *id, *path;
  const char *field; /* "name" of a line "name: text"; NULL: the first line is the text */
  struct reading {
    const char *pattern; /* of the text, as of file names; NULL: the readings end here */
    enum environment_state state;
    const char *value; /* NULL: the text itself */
  } reading[8];
  const char *what, *cause, *cure; /* of the reading that is warned about */
} settings[] = {
    {.id = "turbo",
     .path = CPU_DIRECTORY "/intel_pstate/no_turbo",
     .reading = {{"0", ENVIRONMENT_WARNED, "on"}, {"1", ENVIRONMENT_FINE, "off"}},
     .what = "Turbo is on: the clock depends on temperature, on the instructions, and on how many cores are busy",
     .cause = "The processor may exceed its base clock",
     .cure = "echo 1 | sudo tee /sys/devices/system/cpu/intel_pstate/no_turbo"},
    {.id = "turbo",
     .path = CPU_DIRECTORY "/cpufreq/boost",
     .reading = {{"0", ENVIRONMENT_FINE, "off"}, {"1", ENVIRONMENT_WARNED, "on"}},
     .what = "Turbo is on: the clock depends on temperature, on the instructions, and on how many cores are busy",
     .cause = "The processor may exceed its base clock",
     .cure = "echo 0 | sudo tee /sys/devices/system/cpu/cpufreq/boost"},
    {.id = "clock_source",
     .path = "/sys/devices/system/clocksource/clocksource0/current_clocksource",
     /* Clocks that are read without entering the kernel. */
     .reading = {{"tsc", ENVIRONMENT_FINE, NULL},
                 {"kvm-clock", ENVIRONMENT_FINE, NULL},
                 {"hyperv_clocksource_tsc_page", ENVIRONMENT_FINE, NULL},
                 {"arch_*", ENVIRONMENT_FINE, NULL},
                 {"timebase", ENVIRONMENT_FINE, NULL},
                 {"riscv_clocksource", ENVIRONMENT_FINE, NULL},
                 {"?*", ENVIRONMENT_WARNED, NULL}},
     .what = "Reading the time takes about a microsecond with this clock source",
     .cause = "The kernel does not trust the processor's time-stamp counter, or was told not to use it",
     .cure =
         "See the kernel's log for 'clocksource'; on a virtual machine choose its own clock source (tsc, kvm-clock)"},
    /* A process may be denied huge pages that the system allows. */
    {.id = "transparent_huge_pages",
     .path = "/proc/self/status",
     .field = "THP_enabled",
     .reading = {{"0", ENVIRONMENT_WARNED, "not for this process"}},
     .what = small_pages,
     .cause = "The process that started gradmark switched them off (prctl PR_SET_THP_DISABLE)",
     .cure = "Start gradmark from an ordinary shell"},
    {.id = "transparent_huge_pages",
     .path = HUGE_PAGES "/enabled",
     .reading = {{"never", ENVIRONMENT_WARNED, NULL}, {"?*", ENVIRONMENT_FINE, NULL}},
     .what = small_pages,
     .cause = "Transparent huge pages are switched off",
     .cure = "echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled"},
    {.id = "huge_page_defrag",
     .path = HUGE_PAGES "/defrag",
     .reading = {{"never", ENVIRONMENT_WARNED, NULL},
                 {"defer", ENVIRONMENT_WARNED, NULL},
                 {"?*", ENVIRONMENT_FINE, NULL}},
     .what = "When memory is in pieces, arrays get small pages: two runs of the same kernel may differ",
     .cause = "The kernel does not free huge pages at the moment when they are asked for",
     .cure = "echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/defrag"},
    {.id = "numa_balancing",
     .path = KERNEL "/numa_balancing",
     .reading = {{"0", ENVIRONMENT_FINE, "off"}, {"[1-9]*", ENVIRONMENT_WARNED, "on"}},
     .what = "The kernel moves pages between NUMA nodes during a measurement, and stops threads to see who uses them",
     .cause = "Automatic NUMA balancing is on",
     .cure = "echo 0 | sudo tee /proc/sys/kernel/numa_balancing"},
    /* Comparisons are between processes and rely on each having a layout of its own, so that randomness is the fine
     * state here. */
    {.id = "aslr",
     .path = KERNEL "/randomize_va_space",
     .reading = {{"0", ENVIRONMENT_WARNED, "off"},
                 {"1", ENVIRONMENT_FINE, "on, except for the heap"},
                 {"2", ENVIRONMENT_FINE, "on"}},
     .what = "Every process has the same memory layout: a lucky one looks like a faster kernel",
     .cause = "Address space randomization is off",
     .cure = "echo 2 | sudo tee /proc/sys/kernel/randomize_va_space"},
    {.id = "store_bypass",
     .path = "/proc/self/status",
     .field = "Speculation_Store_Bypass",
     .reading = {{"not vulnerable", ENVIRONMENT_FINE, "allowed, the processor is not vulnerable"},
                 {"*vulnerable", ENVIRONMENT_FINE, "allowed"},
                 {"thread *mitigated", ENVIRONMENT_WARNED, "forbidden for this process"},
                 {"*mitigated", ENVIRONMENT_WARNED, "forbidden for the machine"}},
     .what = "Loads wait until the addresses of all earlier stores are known: kernels that update in place are slower",
     .cause =
         "Speculative store bypass is forbidden for this process (a seccomp filter, a container) or for the machine",
     .cure = "Allow it: no seccomp filter, or the kernel parameter spec_store_bypass_disable=prctl"},
};

static bool setting_text(const char *root, const struct setting *setting, char *text, size_t size) {
  char line[ENVIRONMENT_VALUE];
  if (!(setting->field ? system_file_field(root, line, sizeof line, setting->path, setting->field)
                       : system_file_line(root, line, sizeof line, "%s", setting->path)))
    return false;
  if (!system_chosen(line, text, size)) system_copy(text, size, line);
  return true;
}

static void observe_setting(struct observation *o) {
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
    const struct setting *setting = &settings[i];
    char text[ENVIRONMENT_VALUE];
    if (strcmp(setting->id, o->item->id) != 0 || !setting_text(o->root, setting, text, sizeof text)) continue;
    for (const struct reading *reading = setting->reading; reading->pattern; reading++) {
      if (fnmatch(reading->pattern, text, 0) != 0) continue;
      set_item(o, reading->state, "%s", reading->value ? reading->value : text);
      if (reading->state == ENVIRONMENT_WARNED) warn(o, setting->cause, setting->cure, "%s", setting->what);
      return;
    }
  }
  set_item(o, ENVIRONMENT_NOT_VISIBLE, "the kernel does not show it");
}

/* ---- the machine ------------------------------------------------------------------------------------------------ */

static const char *file_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/* The emulator's name; "" if none is seen. `maps` are this process's mappings. */
static void find_emulator(const struct observation *o, const char *maps, char *name, size_t size) {
  char path[SYSTEM_PATH], target[SYSTEM_PATH] = "", kernel[64];
  const char *ours = o->machine->processor.architecture;
  /* qemu-user shows its guest a made-up /proc/self, but the thread's own entry is the emulator's. */
  snprintf(path, sizeof path, "%s/proc/thread-self/exe", o->root);
  if (readlink(path, target, sizeof target - 1) < 0) target[0] = '\0';
  const char *file = file_name(target);
  if (strncmp(file, "qemu-", 5) == 0 || strcmp(file, "FEXInterpreter") == 0 || strncmp(file, "box64", 5) == 0)
    system_copy(name, size, file);
  else if (maps && (strstr(maps, "/vgpreload_") || strstr(maps, "/valgrind/")))
    system_copy(name, size, "valgrind");
  /* The kernel runs on another architecture than the one this program was compiled for. */
  else if (ours[0] && system_file_line(o->root, kernel, sizeof kernel, KERNEL "/arch") && kernel[0] &&
           strcmp(kernel, ours) != 0)
    snprintf(name, size, "an emulator of %.32s on %.32s", ours, kernel);
  /* QEMU's own translator signs itself, as a user-mode emulator and as a whole emulated machine. */
  else if (strstr(o->machine->hypervisor_name, "TCG"))
    system_copy(name, size, "QEMU without hardware virtualization (TCG)");
}

static void observe_emulation(struct observation *o) {
  struct environment *environment = o->environment;
  char *maps = system_file_text(o->root, "/proc/thread-self/maps");
  find_emulator(o, maps, environment->emulator, sizeof environment->emulator);
  environment->emulated = environment->emulator[0];
  if (environment->emulated) {
    set_item(o, ENVIRONMENT_WARNED, "%s", environment->emulator);
    warn(o, "The program was started under qemu, valgrind or another translator of machine code",
         "Run gradmark directly on the processor that is to be measured",
         "An emulator runs this program: its times say nothing about a processor, and none are reported");
  } else if (maps) {
    set_item(o, ENVIRONMENT_FINE, "none seen");
  } else {
    set_item(o, ENVIRONMENT_NOT_VISIBLE, "/proc does not show this process");
  }
  free(maps);
}

static void observe_hypervisor(struct observation *o) {
  const struct machine *machine = o->machine;
  const char *name = machine->hypervisor_name;
  if (o->environment->emulated) {
    set_item(o, ENVIRONMENT_NOT_VISIBLE, "the emulator hides it");
  } else if (machine->hypervisor == MACHINE_UNKNOWN) {
    set_item(o, ENVIRONMENT_NOT_VISIBLE, "this architecture does not show whether there is one");
  } else if (machine->hypervisor == MACHINE_NO) {
    set_item(o, ENVIRONMENT_FINE, "none");
  } else {
    set_item(o, ENVIRONMENT_WARNED, "%s", name[0] ? name : "present, of unknown name");
    warn(o, "The processor reports a hypervisor",
         "Measure on bare metal or a dedicated host; otherwise repeat at several times and compare the uncertainties",
         "This is a virtual machine%s%s: neighbours may share its cores, last cache, memory bandwidth and clock",
         name[0] ? " under " : "", name);
  }
}

static void observe_topology(struct observation *o) {
  const struct machine *machine = o->machine;
  set_item(o, ENVIRONMENT_WARNED, "%s", machine->topology_source);
  if (!machine->this_system && is_real(o)) {
    warn(o, "HWLOC_SYNTHETIC, HWLOC_XMLFILE or another HWLOC_ variable is set", "Unset the HWLOC_ variables",
         "The topology describes another machine than this one: sizes do not fit it and threads are not bound");
  } else if (!machine_last_cache(machine)) {
    set_item(o, ENVIRONMENT_WARNED, "no cache is visible");
    warn(o, "Neither hwloc nor the C library shows a cache",
         "Mount /sys, or describe the machine to hwloc (HWLOC_XMLFILE, made by lstopo on the host)",
         "The sizes of the caches are not visible: working sets cannot be placed in L1, L2 and L3");
  } else if (!machine->topology_visible) {
    warn(o,
         "An HWLOC_ variable keeps hwloc from this system or names a file that it cannot read, or /sys is not mounted",
         "Mount /sys and /proc, unset the HWLOC_ variables, and look at what lstopo prints",
         "hwloc sees no caches with its variables as they are: it was asked again without them");
  } else {
    o->item->state = ENVIRONMENT_FINE;
  }
}

static const char *variable(const struct environment_source *source, const char *name) {
  const size_t length = strlen(name);
  const char *const *at = source->variables ? source->variables : (const char *const *)environ;
  for (; at && *at; at++)
    if (strncmp(*at, name, length) == 0 && (*at)[length] == '=') return *at + length + 1;
  return NULL;
}

static bool counts_as_set(const struct environment_source *source, const char *name) {
  const char *value = variable(source, name);
  return value && value[0] && strcasecmp(value, "false") != 0;
}

/* The first few make OpenMP runtimes bind the first thread before main(), the first of them can forbid it. */
enum { OPENMP_BINDING = 4 };
static const char *const openmp_variables[] = {"OMP_PROC_BIND",  "OMP_PLACES",   "GOMP_CPU_AFFINITY", "KMP_AFFINITY",
                                               "KMP_HW_SUBSET",  "OMP_DYNAMIC",  "OMP_THREAD_LIMIT",  "OMP_WAIT_POLICY",
                                               "GOMP_SPINCOUNT", "KMP_BLOCKTIME"};

const char *environment_openmp_binding(const struct environment_source *source, const struct machine *machine) {
  const char *bind = variable(source, openmp_variables[0]);
  const bool forbidden = bind && strcasecmp(bind, "false") == 0;
  if (machine->pus >= machine->online_pus || forbidden) return NULL;
  for (int i = 0; i < OPENMP_BINDING; i++)
    if (counts_as_set(source, openmp_variables[i])) return openmp_variables[i];
  return NULL;
}

static void observe_cpuset(struct observation *o) {
  const struct machine *machine = o->machine;
  const char *binding = environment_openmp_binding(o->source, machine);
  char cause[ENVIRONMENT_SENTENCE] = "An affinity mask or a cpuset (taskset, a container, a batch system, isolcpus)";
  o->item->number = machine->pus;
  if (machine->online_pus == 0) {
    set_item(o, ENVIRONMENT_NOT_VISIBLE, "%u usable; how many the machine has is not shown", machine->pus);
  } else if (machine->pus >= machine->online_pus) {
    set_item(o, ENVIRONMENT_FINE, "all %u", machine->online_pus);
  } else {
    if (binding)
      snprintf(cause, sizeof cause, "%s makes the OpenMP runtime bind the first thread before gradmark starts",
               binding);
    set_item(o, ENVIRONMENT_WARNED, "%u of %u", machine->pus, machine->online_pus);
    warn(o, cause,
         binding ? "Unset the variable: gradmark binds its threads itself"
                 : "Start gradmark without taskset, or give the container or the job all processors",
         "Only %u of the machine's %u hardware threads may be used; the others may be busy", machine->pus,
         machine->online_pus);
  }
}

static void observe_quota(struct observation *o) {
  const unsigned cores = o->machine->cores;
  double cpus;
  const bool visible = control_groups_cpu(o->root, &cpus);
  if (cpus > 0) o->item->number = cpus;
  if (!visible) {
    set_item(o, ENVIRONMENT_NOT_VISIBLE, "the control groups are not shown");
  } else if (cpus <= 0) {
    set_item(o, ENVIRONMENT_FINE, "none in the groups that can be seen");
  } else if (cpus + 1e-6 >= cores) {
    set_item(o, ENVIRONMENT_FINE, "%.4g CPUs for %u cores", cpus, cores);
  } else {
    set_item(o, ENVIRONMENT_WARNED, "%.4g CPUs for %u cores", cpus, cores);
    warn(o, "A control group (container, systemd, batch system) has a CPU quota",
         "Raise or remove the quota (docker --cpus, Kubernetes limits, systemd CPUQuota), or use fewer threads",
         "The time of %.4g CPUs must do for %u cores: threads are stopped in mid-run when it is used up", cpus, cores);
  }
}

static void observe_smt(struct observation *o) {
  const struct machine *machine = o->machine;
  char active[8] = "";
  const bool known = system_file_line(o->root, active, sizeof active, CPU_DIRECTORY "/smt/active");
  if (machine->smt > 1 || strcmp(active, "1") == 0) {
    set_item(o, ENVIRONMENT_WARNED, machine->smt > 1 ? "%u hardware threads per core" : "active", machine->smt);
    warn(o, "Simultaneous multithreading (Hyper-Threading) is on",
         "Keep the machine idle, or: echo off | sudo tee /sys/devices/system/cpu/smt/control",
         "Cores run several hardware threads: whatever runs on a core's other thread takes from the measured one");
  } else if (machine->hypervisor == MACHINE_YES) {
    set_item(o, ENVIRONMENT_NOT_VISIBLE, "1 thread per core is shown; a hypervisor may hide the others");
  } else if (known || machine->topology_visible) {
    set_item(o, ENVIRONMENT_FINE, "off");
  } else {
    set_item(o, ENVIRONMENT_NOT_VISIBLE, "the kernel does not show it");
  }
}

static void observe_core_kinds(struct observation *o) {
  const struct machine *machine = o->machine;
  if (machine->core_kinds > 0) o->item->number = machine->core_kinds;
  if (machine->core_kinds == 0) {
    set_item(o, ENVIRONMENT_NOT_VISIBLE, "the system does not say whether the cores are alike");
  } else if (machine->core_kinds == 1) {
    set_item(o, ENVIRONMENT_FINE, machine->hypervisor == MACHINE_YES ? "one, as the hypervisor shows it" : "one");
  } else {
    set_item(o, ENVIRONMENT_WARNED, "%u", machine->core_kinds);
    warn(o, "A hybrid processor, or cores with different top clocks",
         "Choose the cores: taskset -c LIST gradmark ...; one thread runs on the fastest kind",
         "The cores are of several kinds: results with more threads mix fast and slow cores");
  }
}

/* Known later: placement_observe sets it after a run on several threads. */
static void observe_placement(struct observation *o) {
  set_item(o, ENVIRONMENT_NOT_VISIBLE, "several threads were not watched");
}

static void observe_governor(struct observation *o) {
  const struct machine *machine = o->machine;
  char driver[32] = "", shown[32] = "", governor[32];
  for (unsigned i = 0; i < machine->pus; i++) {
    const unsigned cpu = machine->pu[i].os_index;
    if (!system_file_line(o->root, governor, sizeof governor, CPU_DIRECTORY "/cpu%u/cpufreq/scaling_governor", cpu))
      continue;
    if (!driver[0])
      system_file_line(o->root, driver, sizeof driver, CPU_DIRECTORY "/cpu%u/cpufreq/scaling_driver", cpu);
    if (!shown[0] || strcmp(governor, "performance") != 0) system_copy(shown, sizeof shown, governor);
  }
  if (!shown[0]) {
    set_item(o, ENVIRONMENT_NOT_VISIBLE, "the kernel does not control the clock here (no cpufreq)");
    return;
  }
  const bool fast = strcmp(shown, "performance") == 0;
  set_item(o, fast ? ENVIRONMENT_FINE : ENVIRONMENT_WARNED, "%s%s%s", shown, driver[0] ? ", driver " : "", driver);
  if (!fast)
    warn(o, "The frequency governor of at least one usable core is not 'performance'",
         "sudo cpupower frequency-set -g performance",
         "The clock follows the load (governor %s): short timings may run at a lower clock", shown);
}

/* ---- what else runs --------------------------------------------------------------------------------------------- */

/* The fourth figure of /proc/loadavg counts the threads that run or want to at this moment, ours among them. */
static bool read_load(const struct observation *o, double *load, unsigned *others) {
  char line[128];
  unsigned running;
  if (!system_file_line(o->root, line, sizeof line, "/proc/loadavg")) return false;
  if (sscanf(line, "%lf %*f %*f %u/", load, &running) != 2) return false;
  *others = running > 0 ? running - 1 : 0;
  return true;
}

/* Counts several times and takes the smallest number, because daemons that wake up for a moment disturb little. The
 * average over a minute is shown but not judged: it may stem from a build that has just ended. */
static void observe_load(struct observation *o) {
  enum { TIMES = 5, PAUSE = 10 * 1000 * 1000 };
  double load;
  unsigned others = 0;
  for (int i = 0; i < TIMES; i++) {
    unsigned now;
    if (!read_load(o, &load, &now)) {
      set_item(o, ENVIRONMENT_NOT_VISIBLE, "/proc/loadavg is not shown");
      return;
    }
    if (i == 0 || now < others) others = now;
    if (others == 0) break;
    nanosleep(&(struct timespec){.tv_nsec = PAUSE}, NULL);
  }
  o->item->number = others;
  if (others == 0) {
    set_item(o, ENVIRONMENT_FINE, "no other thread runs; average over a minute: %.2f", load);
    return;
  }
  set_item(o, ENVIRONMENT_WARNED, "%u other thread%s; average over a minute: %.2f", others, others == 1 ? "" : "s",
           load);
  warn(o, "Other programs are busy", "See which with top, and stop them or wait until they are done",
       "%u other thread%s this machine while it is measured", others,
       others == 1 ? " keeps running on" : "s keep running on");
}

bool environment_ticks_read(const struct environment_source *source, struct environment_ticks *ticks) {
  enum { STEAL = 7, FIELDS = 8 }; /* user nice system idle iowait irq softirq steal; guests are counted in user */
  unsigned long long of[FIELDS];
  char line[256];
  *ticks = (struct environment_ticks){0};
  if (!system_file_line(source->root, line, sizeof line, "/proc/stat") ||
      sscanf(line, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &of[0], &of[1], &of[2], &of[3], &of[4], &of[5],
             &of[6], &of[7]) != FIELDS)
    return false;
  for (int i = 0; i < FIELDS; i++) ticks->total += of[i];
  ticks->steal = of[STEAL];
  return true;
}

double environment_steal_percent(const struct environment_ticks *before, const struct environment_ticks *after) {
  if (after->total <= before->total || after->steal < before->steal) return 0;
  return 100.0 * (double)(after->steal - before->steal) / (double)(after->total - before->total);
}

static void observe_steal(struct observation *o) {
  struct environment_ticks ticks;
  if (!environment_ticks_read(&(struct environment_source){.root = o->root}, &ticks)) {
    set_item(o, ENVIRONMENT_NOT_VISIBLE, "/proc/stat does not show it");
    return;
  }
  if (ticks.steal == 0 && o->machine->hypervisor != MACHINE_NO) {
    set_item(o, ENVIRONMENT_NOT_VISIBLE, "0 %%: there was none, or the hypervisor does not report it");
    return;
  }
  const double percent = environment_steal_percent(&(struct environment_ticks){0}, &ticks);
  o->item->number = percent;
  set_item(o, percent < 1 ? ENVIRONMENT_FINE : ENVIRONMENT_WARNED, "%.2g %% since the system started", percent);
  if (percent >= 1)
    warn(o, "The host has sold more processors than it has",
         "Use an instance type with dedicated processors, or measure at another time",
         "The hypervisor gave %.2g %% of this machine's processor time to others", percent);
}

/* ---- memory ----------------------------------------------------------------------------------------------------- */

static void observe_numa_balancing(struct observation *o) {
  const struct machine *machine = o->machine;
  if (machine->numa_nodes == 1 && machine->topology_visible)
    set_item(o, ENVIRONMENT_FINE, "one NUMA node, nothing to balance");
  else
    observe_setting(o);
}

static void observe_swap(struct observation *o) {
  enum { A_FEW = 64 * 1024 }; /* KiB that nobody has asked for since the last boot are no sign of want */
  char *text = system_file_text(o->root, "/proc/meminfo");
  long long total, available;
  const bool visible =
      text && system_text_number(text, "SwapTotal", &total) && system_text_number(text, "SwapFree", &available);
  free(text);
  if (!visible) {
    set_item(o, ENVIRONMENT_NOT_VISIBLE, "/proc/meminfo does not show it");
    return;
  }
  const long long used = total - available;
  o->item->number = (double)used * 1024;
  if (total == 0) {
    set_item(o, ENVIRONMENT_FINE, "none");
    return;
  }
  set_item(o, used <= A_FEW ? ENVIRONMENT_FINE : ENVIRONMENT_WARNED, "%lld MiB used of %lld MiB", used / 1024,
           total / 1024);
  if (used > A_FEW)
    warn(o, "Programs use more memory than the machine has", "Stop them, then: sudo swapoff -a && sudo swapon -a",
         "Memory was short: what is in swap may come back, and arrays may be moved out, during a measurement");
}

/* ---- what the kernel allows -------------------------------------------------------------------------------------- */

/* Not judged, for what they cost is system calls, which kernels have none of; they are kept because they tell machines
 * apart. The one that does slow loads down is the item store_bypass. */
static void list_vulnerabilities(struct environment *environment, const char *root) {
  char pattern[SYSTEM_PATH];
  glob_t files = {0};
  snprintf(pattern, sizeof pattern, "%s" CPU_DIRECTORY "/vulnerabilities/*", root);
  if (glob(pattern, 0, NULL, &files) != 0) files.gl_pathc = 0;
  for (size_t i = 0; i < files.gl_pathc && environment->vulnerabilities < ENVIRONMENT_MAX_VULNERABILITIES; i++) {
    struct environment_vulnerability *next = &environment->vulnerability[environment->vulnerabilities];
    system_copy(next->name, sizeof next->name, file_name(files.gl_pathv[i]));
    environment->vulnerabilities += system_file_line("", next->state, sizeof next->state, "%s", files.gl_pathv[i]);
  }
  globfree(&files);
}

/* ---- this process ----------------------------------------------------------------------------------------------- */

static void observe_openmp(struct observation *o) {
  char set[ENVIRONMENT_VALUE] = "";
  size_t used = 0;
  unsigned count = 0;
  for (size_t i = 0; i < sizeof openmp_variables / sizeof *openmp_variables; i++) {
    const char *name = openmp_variables[i];
    if (!counts_as_set(o->source, name)) continue;
    snprintf(set + used, sizeof set - used, "%s%s=%s", used ? ", " : "", name, variable(o->source, name));
    used = strlen(set);
    count++;
  }
  o->item->number = count;
  set_item(o, count ? ENVIRONMENT_WARNED : ENVIRONMENT_FINE, "%s", count ? set : "none set that matters");
  if (count)
    warn(o, "They are set in the environment of this process",
         "Unset them: gradmark counts and binds its threads itself",
         "Variables of the OpenMP runtime change how many threads there are, where they run, or how they wait");
}

/* Whether results (ftz) and inputs (daz) that are subnormal count as zero. False where it is not known how to ask. */
static bool read_subnormals(bool *ftz, bool *daz) {
#if defined(__x86_64__)
  enum { DAZ = 1U << 6, FTZ = 1U << 15 };
  const unsigned control = _mm_getcsr();
  *ftz = control & FTZ, *daz = control & DAZ;
  return true;
#elif defined(__aarch64__)
  enum { FZ = 1U << 24 };
  uint64_t control;
  __asm__ volatile("mrs %0, fpcr" : "=r"(control));
  *ftz = *daz = control & FZ;
  return true;
#else
  *ftz = *daz = false;
  return false;
#endif
}

static void observe_arithmetic(struct observation *o) {
  const char *cure = "Find it among the libraries and plug-ins that are loaded (LD_PRELOAD)";
  bool ftz, daz;
  if (!read_subnormals(&ftz, &daz)) {
    set_item(o, ENVIRONMENT_NOT_VISIBLE, "not known for this architecture");
  } else if (fegetround() != FE_TONEAREST) {
    set_item(o, ENVIRONMENT_WARNED, "not rounded to nearest");
    warn(o, "Something loaded into this process changed the rounding mode at its start", cure,
         "Arithmetic is not rounded to nearest: results differ from the references");
  } else if (ftz || daz) {
    set_item(o, ENVIRONMENT_WARNED, "%s%s%s", ftz ? "results flushed to zero" : "", ftz && daz ? ", " : "",
             daz ? "inputs taken as zero" : "");
    warn(o, "A library that was compiled with -ffast-math switched FTZ or DAZ on when it was loaded", cure,
         "Subnormal numbers are taken for zero: results differ, and slow cases are hidden");
  } else {
    set_item(o, ENVIRONMENT_FINE, "IEEE 754: subnormals kept, rounded to nearest");
  }
}

/* ---- the list --------------------------------------------------------------------------------------------------- */

static const struct observer {
  const char *id, *label, *unit;
  void (*observe)(struct observation *o);
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
    {"turbo", "turbo", NULL, observe_setting},
    {"clock_source", "clock source", NULL, observe_setting},
    {"load", "other load", "count", observe_load},
    {"steal", "stolen processor time", "percent", observe_steal},
    {"transparent_huge_pages", "transparent huge pages", NULL, observe_setting},
    {"huge_page_defrag", "huge page defragmentation", NULL, observe_setting},
    {"numa_balancing", "NUMA balancing", NULL, observe_numa_balancing},
    {"swap", "swap", "bytes", observe_swap},
    {"aslr", "address randomization", NULL, observe_setting},
    {"store_bypass", "speculative store bypass", NULL, observe_setting},
    {"openmp_variables", "OpenMP variables", "count", observe_openmp},
    {"arithmetic", "subnormals and rounding", NULL, observe_arithmetic},
};

void environment_observe(struct environment *environment, const struct environment_source *source,
                         const struct machine *machine) {
  *environment = (struct environment){0};
  list_vulnerabilities(environment, source->root);
  for (int i = 0; i < ENVIRONMENT_ITEMS; i++) {
    struct environment_item *item = &environment->item[i];
    *item = (struct environment_item){
        .id = observers[i].id, .label = observers[i].label, .unit = observers[i].unit, .number = NAN};
    struct observation o = {
        .root = source->root, .source = source, .machine = machine, .environment = environment, .item = item};
    observers[i].observe(&o);
  }
}

const struct environment_item *environment_find(const struct environment *environment, const char *id) {
  for (int i = 0; i < ENVIRONMENT_ITEMS; i++)
    if (strcmp(environment->item[i].id, id) == 0) return &environment->item[i];
  return NULL;
}

void environment_set(struct environment *environment, const char *id, enum environment_state state, double number,
                     const char *value) {
  const struct environment_item *found = environment_find(environment, id);
  if (!found) return;
  struct environment_item *item = &environment->item[found - environment->item];
  item->state = state;
  item->number = number;
  system_copy(item->value, sizeof item->value, value);
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
