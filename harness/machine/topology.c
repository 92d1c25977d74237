#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* affinity masks */
#endif
#include "topology.h"

#include <hwloc.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "control_groups.h"
#include "hypervisor.h"
#include "system_files.h"

/* What hwloc, or the kernel's files, say of each usable PU. Numbers are the source's own; arrange() makes of both the
 * same struct machine. */
struct seen_cache {
  bool present, unified;
  unsigned key; /* PUs with equal keys share the cache */
  size_t bytes, line;
  unsigned ways, shared_by;
};

struct seen_pu {
  unsigned os_index, core, package, node;
  unsigned core_width; /* PUs of its core, usable or not */
  unsigned order;      /* in which the source lists it: neighbours stand together */
  unsigned sibling;
  int speed; /* higher is faster; equal where the cores are alike */
  struct seen_cache cache[MACHINE_LEVELS];
};

struct seen {
  struct seen_pu *pu;
  unsigned count;
};

static bool is_real(const struct machine_source *source) { return source->root[0] == '\0'; }

/* ---- from hwloc ------------------------------------------------------------------------------------------------- */

static unsigned weight(hwloc_const_bitmap_t set) {
  const int bits = set ? hwloc_bitmap_weight(set) : 0;
  return bits > 0 ? (unsigned)bits : 0;
}

/* That there is nothing to see, as in a container without /sys, is for this program to say, in its own form. */
static hwloc_topology_t load_hwloc(void) {
  hwloc_topology_t topology;
  setenv("HWLOC_HIDE_ERRORS", "2", 0);
  if (hwloc_topology_init(&topology) != 0) return NULL;
  if (hwloc_topology_load(topology) == 0 && hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PU) > 0) return topology;
  hwloc_topology_destroy(topology);
  return NULL;
}

/* What the control groups allow, less what the affinity mask of this process leaves out. NULL without memory. */
static hwloc_bitmap_t usable_set(const struct machine *machine) {
  hwloc_bitmap_t set = hwloc_bitmap_dup(hwloc_topology_get_allowed_cpuset(machine->topology));
  hwloc_bitmap_t mask = hwloc_bitmap_alloc();
  if (set && mask && machine->this_system && hwloc_get_cpubind(machine->topology, mask, HWLOC_CPUBIND_PROCESS) == 0 &&
      hwloc_bitmap_intersects(set, mask))
    hwloc_bitmap_and(set, set, mask);
  hwloc_bitmap_free(mask);
  return set;
}

static void see_cache(hwloc_obj_t object, struct seen_pu *seen) {
  const struct hwloc_cache_attr_s *attributes = &object->attr->cache;
  if (attributes->depth < 1 || attributes->depth > MACHINE_LEVELS) return;
  unsigned ways = attributes->associativity > 0 ? (unsigned)attributes->associativity : 0;
  if (attributes->associativity < 0 && attributes->linesize) ways = (unsigned)(attributes->size / attributes->linesize);
  seen->cache[attributes->depth - 1] = (struct seen_cache){
      .present = attributes->size > 0,
      .unified = attributes->type == HWLOC_OBJ_CACHE_UNIFIED,
      .key = object->logical_index,
      .bytes = (size_t)attributes->size,
      .line = attributes->linesize,
      .ways = ways,
      .shared_by = weight(object->complete_cpuset),
  };
}

/* hwloc ranks the kinds of cores from the most thrifty to the fastest. */
static int kind_of(hwloc_topology_t topology, hwloc_const_cpuset_t set) {
  const int kind = hwloc_cpukinds_get_by_cpuset(topology, set, 0);
  int efficiency = -1;
  if (kind >= 0) hwloc_cpukinds_get_info(topology, (unsigned)kind, NULL, &efficiency, NULL, NULL, 0);
  return efficiency;
}

static void see_object(hwloc_topology_t topology, hwloc_obj_t object, struct seen_pu *seen) {
  const int node = hwloc_bitmap_first(object->nodeset);
  *seen = (struct seen_pu){
      .os_index = object->os_index,
      .core = UINT_MAX - object->logical_index, /* where hwloc knows no cores, each PU is one */
      .node = node > 0 ? (unsigned)node : 0,
      .core_width = 1,
      .order = object->logical_index,
      .speed = kind_of(topology, object->cpuset),
  };
  for (hwloc_obj_t around = object->parent; around; around = around->parent) {
    if (hwloc_obj_type_is_dcache(around->type)) see_cache(around, seen);
    if (around->type == HWLOC_OBJ_PACKAGE) seen->package = around->logical_index;
    if (around->type == HWLOC_OBJ_CORE) {
      seen->core = around->logical_index;
      seen->core_width = weight(around->complete_cpuset);
    }
  }
}

static bool see_by_hwloc(struct machine *machine, struct seen *seen) {
  hwloc_topology_t topology = machine->topology;
  hwloc_bitmap_t usable = usable_set(machine);
  if (!usable) return false;
  seen->pu = calloc(weight(usable) ? weight(usable) : 1, sizeof *seen->pu);
  if (seen->pu)
    for (hwloc_obj_t pu = NULL; (pu = hwloc_get_next_obj_inside_cpuset_by_type(topology, usable, HWLOC_OBJ_PU, pu));)
      see_object(topology, pu, &seen->pu[seen->count++]);
  hwloc_bitmap_free(usable);
  const int kinds = hwloc_cpukinds_get_nr(topology, 0);
  machine->core_kinds = kinds > 0 ? (unsigned)kinds : 0;
  if (!machine->this_system) machine->online_pus = weight(hwloc_topology_get_complete_cpuset(topology));
  return seen->pu;
}

static void name_hwloc(struct machine *machine) {
  const char *version = hwloc_obj_get_info_by_name(hwloc_get_root_obj(machine->topology), "hwlocVersion");
  const char *instead = "";
  if (!machine->this_system)
    instead = getenv("HWLOC_SYNTHETIC") ? ", told by HWLOC_SYNTHETIC" : ", not told by this system";
  snprintf(machine->topology_source, sizeof machine->topology_source, "hwloc %.32s%s", version ? version : "", instead);
}

static bool any_cache(const struct seen *seen) {
  for (unsigned i = 0; i < seen->count; i++)
    for (int level = 0; level < MACHINE_LEVELS; level++)
      if (seen->pu[i].cache[level].present) return true;
  return false;
}

/* ---- from the kernel's files --------------------------------------------------------------------------------------
 */

#define CPU_DIRECTORY "/sys/devices/system/cpu"

static unsigned file_unsigned(const char *root, unsigned cpu, const char *file, unsigned otherwise) {
  long long number;
  if (!system_file_number(root, &number, CPU_DIRECTORY "/cpu%u/%s", cpu, file)) return otherwise;
  return number >= 0 && number < UINT_MAX ? (unsigned)number : otherwise;
}

/* The first CPU of the list names the whole set that shares something. */
static void set_of(const char *root, unsigned cpu, const char *file, unsigned *key, unsigned *members) {
  char list[1024];
  unsigned first, last;
  if (!system_file_line(root, list, sizeof list, CPU_DIRECTORY "/cpu%u/%s", cpu, file)) return;
  const char *at = list;
  if (!system_next_range(&at, &first, &last)) return;
  *key = first;
  *members = system_list_count(list);
}

/* "48K" */
static size_t file_size(const char *root, unsigned cpu, unsigned index) {
  char line[64], *end;
  if (!system_file_line(root, line, sizeof line, CPU_DIRECTORY "/cpu%u/cache/index%u/size", cpu, index)) return 0;
  const unsigned long long number = strtoull(line, &end, 10);
  return (size_t)number << (*end == 'K' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0);
}

static bool see_cache_file(const char *root, unsigned index, struct seen_pu *seen) {
  char type[32], file[64];
  const unsigned cpu = seen->os_index;
  if (!system_file_line(root, type, sizeof type, CPU_DIRECTORY "/cpu%u/cache/index%u/type", cpu, index)) return false;
  snprintf(file, sizeof file, "cache/index%u/level", index);
  const unsigned level = file_unsigned(root, cpu, file, 0);
  const size_t bytes = file_size(root, cpu, index);
  if (strcmp(type, "Instruction") == 0 || level < 1 || level > MACHINE_LEVELS || bytes == 0) return true;
  struct seen_cache *cache = &seen->cache[level - 1];
  *cache = (struct seen_cache){.present = true, .unified = strcmp(type, "Unified") == 0, .key = cpu, .bytes = bytes};
  snprintf(file, sizeof file, "cache/index%u/coherency_line_size", index);
  cache->line = file_unsigned(root, cpu, file, 0);
  snprintf(file, sizeof file, "cache/index%u/ways_of_associativity", index);
  cache->ways = file_unsigned(root, cpu, file, 0);
  snprintf(file, sizeof file, "cache/index%u/shared_cpu_list", index);
  set_of(root, cpu, file, &cache->key, &cache->shared_by);
  return true;
}

static unsigned node_of(const char *root, unsigned cpu) {
  char nodes[256], cpus[1024];
  unsigned first, last;
  if (!system_file_line(root, nodes, sizeof nodes, "/sys/devices/system/node/online")) return 0;
  for (const char *at = nodes; system_next_range(&at, &first, &last);)
    for (unsigned node = first; node <= last; node++)
      if (system_file_line(root, cpus, sizeof cpus, "/sys/devices/system/node/node%u/cpulist", node) &&
          system_list_has(cpus, cpu))
        return node;
  return 0;
}

static void see_files_of(const char *root, unsigned cpu, unsigned order, struct seen_pu *seen) {
  *seen = (struct seen_pu){.os_index = cpu, .core = cpu, .core_width = 1, .order = order, .node = node_of(root, cpu)};
  set_of(root, cpu, "topology/thread_siblings_list", &seen->core, &seen->core_width);
  seen->package = file_unsigned(root, cpu, "topology/physical_package_id", 0);
  seen->speed = (int)file_unsigned(root, cpu, "cpu_capacity", 0);
  for (unsigned index = 0; see_cache_file(root, index, seen);) index++;
}

/* The CPUs that are online and that this process may run on, as a list; without /proc and /sys, as many as sysconf
 * counts. */
static void usable_list(const struct machine_source *source, char *allowed, size_t size, const char *online) {
  char *status = system_file_text(source->root, "/proc/self/status");
  const bool found = status && system_text_field(status, "Cpus_allowed_list", allowed, size);
  free(status);
  if (found && system_list_count(allowed) > 0) return;
  const long counted = is_real(source) ? sysconf(_SC_NPROCESSORS_ONLN) : 1;
  if (online[0])
    system_copy(allowed, size, online);
  else
    snprintf(allowed, size, "0-%ld", counted > 0 ? counted - 1 : 0);
}

static bool see_by_files(const struct machine_source *source, struct seen *seen) {
  char online[1024] = "", allowed[4096];
  if (!system_file_line(source->root, online, sizeof online, CPU_DIRECTORY "/online")) online[0] = '\0';
  usable_list(source, allowed, sizeof allowed, online);
  seen->pu = calloc(system_list_count(allowed) + 1, sizeof *seen->pu);
  if (!seen->pu) return false;
  unsigned first, last;
  for (const char *at = allowed; system_next_range(&at, &first, &last);)
    for (unsigned cpu = first; cpu <= last; cpu++)
      if (!online[0] || system_list_has(online, cpu)) {
        see_files_of(source->root, cpu, seen->count, &seen->pu[seen->count]);
        seen->count++;
      }
  if (seen->count == 0) see_files_of(source->root, 0, 0, &seen->pu[seen->count++]);
  return true;
}

/* The C library's own knowledge, where nothing else shows a cache. Who shares them stays unknown. */
static void ask_the_library(struct machine *machine) {
#ifdef _SC_LEVEL1_DCACHE_SIZE
  static const int names[MACHINE_LEVELS][3] = {
      {_SC_LEVEL1_DCACHE_SIZE, _SC_LEVEL1_DCACHE_LINESIZE, _SC_LEVEL1_DCACHE_ASSOC},
      {_SC_LEVEL2_CACHE_SIZE, _SC_LEVEL2_CACHE_LINESIZE, _SC_LEVEL2_CACHE_ASSOC},
      {_SC_LEVEL3_CACHE_SIZE, _SC_LEVEL3_CACHE_LINESIZE, _SC_LEVEL3_CACHE_ASSOC},
  };
  for (int level = 0; level < MACHINE_LEVELS; level++) {
    const long bytes = sysconf(names[level][0]), line = sysconf(names[level][1]), ways = sysconf(names[level][2]);
    if (bytes <= 0) continue;
    machine->cache[level] = (struct machine_cache){
        .bytes = (size_t)bytes,
        .line = line > 0 ? (size_t)line : 0,
        .ways = ways > 0 ? (unsigned)ways : 0,
        .unified = level > 0,
        .uniform = true,
    };
  }
#else
  (void)machine;
#endif
}

/* ---- from what was seen to what is used ---------------------------------------------------------------------------
 */

static void number_siblings(struct seen *seen) {
  for (unsigned i = 0; i < seen->count; i++)
    for (unsigned j = 0; j < i; j++)
      if (seen->pu[j].core == seen->pu[i].core) seen->pu[i].sibling++;
}

/* First one PU of each core, the fastest cores first, neighbours together; then the second PUs in the same order. */
static int compare_pus(const void *left, const void *right) {
  const struct seen_pu *a = left, *b = right;
  if (a->sibling != b->sibling) return a->sibling < b->sibling ? -1 : 1;
  if (a->speed != b->speed) return a->speed > b->speed ? -1 : 1;
  return a->order < b->order ? -1 : a->order > b->order;
}

typedef unsigned number_of(const struct seen_pu *pu);
static unsigned core_of(const struct seen_pu *pu) { return pu->core; }
static unsigned package_of(const struct seen_pu *pu) { return pu->package; }
static unsigned numa_node_of(const struct seen_pu *pu) { return pu->node; }
static unsigned speed_of(const struct seen_pu *pu) { return (unsigned)pu->speed; }

/* How many different numbers the first `count` PUs have. */
static unsigned distinct(const struct seen *seen, unsigned count, number_of *number) {
  unsigned different = 0;
  for (unsigned i = 0; i < count; i++) {
    unsigned j = 0;
    while (number(&seen->pu[j]) != number(&seen->pu[i])) j++;
    different += j == i;
  }
  return different;
}

/* Counts from 0 in the order of first appearance. */
static unsigned rank(const struct seen *seen, unsigned index, number_of *number) {
  unsigned first = 0;
  while (number(&seen->pu[first]) != number(&seen->pu[index])) first++;
  return distinct(seen, first, number);
}

static void summarize_level(const struct seen *seen, int level, struct machine_cache *summary) {
  *summary = (struct machine_cache){.uniform = true};
  for (unsigned i = 0; i < seen->count; i++) {
    const struct seen_cache *cache = &seen->pu[i].cache[level];
    if (!cache->present) continue;
    unsigned before = 0, sharing = 0;
    for (unsigned j = 0; j < seen->count; j++) {
      const bool same = seen->pu[j].cache[level].present && seen->pu[j].cache[level].key == cache->key;
      sharing += same;
      before += same && j < i;
    }
    if (summary->bytes && cache->bytes != summary->bytes) summary->uniform = false;
    if (!summary->bytes || cache->bytes < summary->bytes) {
      summary->bytes = cache->bytes;
      summary->line = cache->line;
      summary->ways = cache->ways;
      summary->unified = cache->unified;
    }
    if (cache->shared_by > summary->shared_by) summary->shared_by = cache->shared_by;
    if (sharing > summary->usable_by) summary->usable_by = sharing;
    summary->count += before == 0;
  }
}

static bool arrange(struct machine *machine, struct seen *seen) {
  number_siblings(seen);
  qsort(seen->pu, seen->count, sizeof *seen->pu, compare_pus);
  machine->pus = seen->count;
  machine->cores = distinct(seen, seen->count, core_of);
  machine->packages = distinct(seen, seen->count, package_of);
  machine->numa_nodes = distinct(seen, seen->count, numa_node_of);
  machine->pu = calloc(seen->count, sizeof *machine->pu);
  if (!machine->pu) return false;
  machine->smt = 1;
  for (unsigned i = 0; i < seen->count; i++) {
    const struct seen_pu *pu = &seen->pu[i];
    machine->pu[i] = (struct machine_pu){.os_index = pu->os_index,
                                         .core = rank(seen, i, core_of),
                                         .package = rank(seen, i, package_of),
                                         .node = rank(seen, i, numa_node_of),
                                         .sibling = pu->sibling};
    if (pu->core_width > machine->smt) machine->smt = pu->core_width;
  }
  for (int level = 0; level < MACHINE_LEVELS; level++) summarize_level(seen, level, &machine->cache[level]);
  return true;
}

static bool open_by_hwloc(struct machine *machine, const struct machine_source *source, struct seen *seen) {
  machine->topology = load_hwloc();
  if (!machine->topology) return false;
  machine->this_system = is_real(source) && hwloc_topology_is_thissystem(machine->topology);
  if (!see_by_hwloc(machine, seen)) return false;
  name_hwloc(machine);
  /* Where hwloc is kept from the system it counts processors and sees nothing else; files may still show more. */
  return seen->count > 0 && (any_cache(seen) || !machine->this_system);
}

static bool open_by_files(struct machine *machine, const struct machine_source *source, struct seen *seen) {
  machine->this_system = is_real(source);
  if (!see_by_files(source, seen)) return false;
  machine->core_kinds = seen->pu[0].speed > 0 ? distinct(seen, seen->count, speed_of) : 0;
  system_copy(machine->topology_source, sizeof machine->topology_source, "the kernel's files: hwloc shows no caches");
  return true;
}

static bool open_topology(struct machine *machine, const struct machine_source *source) {
  struct seen seen = {0};
  char online[1024];
  if (system_file_line(source->root, online, sizeof online, CPU_DIRECTORY "/online"))
    machine->online_pus = system_list_count(online);
  machine->topology_visible = !source->without_hwloc && open_by_hwloc(machine, source, &seen);
  bool filled = machine->topology_visible;
  if (!filled) {
    free(seen.pu);
    seen = (struct seen){0};
    if (machine->topology) hwloc_topology_destroy(machine->topology);
    machine->topology = NULL;
    filled = open_by_files(machine, source, &seen);
  }
  machine->bindable = machine->this_system;
  filled = filled && arrange(machine, &seen);
  free(seen.pu);
  if (filled && machine->this_system && !machine_last_cache(machine)) ask_the_library(machine);
  return filled;
}

/* ---- memory -------------------------------------------------------------------------------------------------------
 */

static uint64_t kib_field(const char *text, const char *name) {
  long long number;
  return text && system_text_number(text, name, &number) && number > 0 ? (uint64_t)number * 1024 : 0;
}

static uint64_t page_count(int name, size_t page) {
  const long pages = sysconf(name);
  return pages > 0 ? (uint64_t)pages * page : 0;
}

struct machine_memory machine_memory_now(const struct machine_source *source) {
  const long page = sysconf(_SC_PAGESIZE);
  struct machine_memory memory = {.page = page > 0 ? (size_t)page : 4096};
  char *text = system_file_text(source->root, "/proc/meminfo");
  memory.total = kib_field(text, "MemTotal");
  memory.available = kib_field(text, "MemAvailable");
  free(text);
  if (!memory.total && is_real(source)) memory.total = page_count(_SC_PHYS_PAGES, memory.page);
  if (!memory.available && is_real(source)) memory.available = page_count(_SC_AVPHYS_PAGES, memory.page);

  uint64_t limit, left;
  if (!control_groups_memory(source->root, &limit, &left)) return memory;
  /* A limit beyond what there is limits nothing. */
  if (limit != UINT64_MAX && (!memory.total || limit < memory.total)) memory.limit = limit;
  if (left < memory.available) memory.available = left;
  return memory;
}

/* ---- what it is called ----------------------------------------------------------------------------------------------
 */

#if defined(__x86_64__)
#define ARCHITECTURE "x86_64"
#elif defined(__aarch64__)
#define ARCHITECTURE "aarch64"
#elif defined(__riscv)
#define ARCHITECTURE "riscv64"
#else
#define ARCHITECTURE ""
#endif

/* Kernels name an Arm core by numbers only. */
static void name_arm(const char *cpuinfo, struct machine_processor *processor) {
  static const struct {
    int number;
    const char *name;
  } vendors[] = {{0x41, "Arm"},    {0x42, "Broadcom"}, {0x43, "Cavium"},   {0x46, "Fujitsu"}, {0x48, "HiSilicon"},
                 {0x4e, "NVIDIA"}, {0x50, "Ampere"},   {0x51, "Qualcomm"}, {0x61, "Apple"},   {0xc0, "Ampere"}},
    arm_cores[] = {{0xd03, "Cortex-A53"},  {0xd05, "Cortex-A55"},  {0xd07, "Cortex-A57"},    {0xd08, "Cortex-A72"},
                   {0xd0b, "Cortex-A76"},  {0xd0c, "Neoverse N1"}, {0xd40, "Neoverse V1"},   {0xd41, "Cortex-A78"},
                   {0xd44, "Cortex-X1"},   {0xd47, "Cortex-A710"}, {0xd48, "Cortex-X2"},     {0xd49, "Neoverse N2"},
                   {0xd4f, "Neoverse V2"}, {0xd81, "Cortex-A720"}, {0xd83, "Neoverse V3AE"}, {0xd84, "Neoverse V3"},
                   {0xd8e, "Neoverse N3"}};
  char implementer[MACHINE_TEXT], part[MACHINE_TEXT];
  if (!system_text_field(cpuinfo, "CPU implementer", implementer, sizeof implementer) ||
      !system_text_field(cpuinfo, "CPU part", part, sizeof part))
    return;
  const long vendor = strtol(implementer, NULL, 0), core = strtol(part, NULL, 0);
  for (size_t i = 0; i < sizeof vendors / sizeof *vendors; i++)
    if (vendors[i].number == vendor) system_copy(processor->vendor, sizeof processor->vendor, vendors[i].name);
  for (size_t i = 0; vendor == 0x41 && i < sizeof arm_cores / sizeof *arm_cores; i++)
    if (arm_cores[i].number == core) system_copy(processor->name, sizeof processor->name, arm_cores[i].name);
  if (!processor->name[0])
    snprintf(processor->name, sizeof processor->name, "implementer %.16s, part %.16s", implementer, part);
  processor->model = (int)core;
}

static int field_int(const char *cpuinfo, const char *name) {
  long long number;
  return system_text_number(cpuinfo, name, &number) && number >= 0 && number < INT_MAX ? (int)number : -1;
}

static void name_processor(struct machine_processor *processor, const char *root, const char *cpuinfo) {
  *processor = (struct machine_processor){.family = -1, .model = -1, .stepping = -1, .architecture = ARCHITECTURE};
  if (cpuinfo) {
    system_text_field(cpuinfo, "vendor_id", processor->vendor, sizeof processor->vendor);
    system_text_field(cpuinfo, "model name", processor->name, sizeof processor->name);
    system_text_field(cpuinfo, "microcode", processor->microcode, sizeof processor->microcode);
    processor->family = field_int(cpuinfo, "cpu family");
    processor->model = field_int(cpuinfo, "model");
    processor->stepping = field_int(cpuinfo, "stepping");
    if (!processor->vendor[0]) name_arm(cpuinfo, processor);
  }
  if (!processor->microcode[0])
    system_file_line(root, processor->microcode, sizeof processor->microcode, CPU_DIRECTORY "/cpu0/microcode/version");
}

/* The firmware of virtual machines mostly says so. */
static const char *virtual_product(const char *product) {
  static const char *const known[][2] = {
      {"QEMU", "QEMU"},
      {"KVM", "KVM"},
      {"VMware", "VMware"},
      {"VirtualBox", "VirtualBox"},
      {"Xen", "Xen"},
      {"Bochs", "Bochs"},
      {"Parallels", "Parallels"},
      {"Virtual Machine", "Hyper-V"},
      {"Google Compute Engine", "Google Compute Engine"},
      {"OpenStack", "OpenStack"},
  };
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (strstr(product, known[i][0])) return known[i][1];
  const char *amazon = strstr(product, "Amazon EC2");
  return amazon && !strstr(amazon, "metal") ? "Amazon EC2" : "";
}

static void read_product(struct machine *machine, const char *root) {
  char vendor[MACHINE_TEXT / 2] = "", name[MACHINE_TEXT / 2 - 1] = "";
  system_file_line(root, vendor, sizeof vendor, "/sys/class/dmi/id/sys_vendor");
  if (!system_file_line(root, name, sizeof name, "/sys/class/dmi/id/product_name"))
    system_file_line(root, name, sizeof name, "/proc/device-tree/model");
  snprintf(machine->product, sizeof machine->product, "%s%s%s", vendor, vendor[0] && name[0] ? " " : "", name);
}

static bool has_flag(const char *flags, const char *flag) {
  const size_t length = strlen(flag);
  for (const char *at = flags; (at = strstr(at, flag)); at += length)
    if ((at == flags || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0')) return true;
  return false;
}

/* x86 has a bit for it; elsewhere firmware and kernel may tell, and silence proves nothing. */
static void find_hypervisor(struct machine *machine, const struct machine_source *source, const char *cpuinfo) {
  char flags[8192] = "", type[MACHINE_TEXT] = "", signature[HYPERVISOR_SIGNATURE] = "";
  const bool flags_visible = cpuinfo && system_text_field(cpuinfo, "flags", flags, sizeof flags);
  if (is_real(source)) hypervisor_sign(signature);
  const char *name = hypervisor_signed_by(signature);
  if (!name[0]) name = virtual_product(machine->product);
  if (!name[0] && system_file_line(source->root, type, sizeof type, "/sys/hypervisor/type")) name = type;
  system_copy(machine->hypervisor_name, sizeof machine->hypervisor_name, name);
  if (name[0] || signature[0] || has_flag(flags, "hypervisor"))
    machine->hypervisor = MACHINE_YES;
  else
    machine->hypervisor = flags_visible ? MACHINE_NO : MACHINE_UNKNOWN;
}

static void name_system(struct machine *machine, const struct machine_source *source) {
  const char *root = source->root;
  struct utsname names;
  if (!is_real(source) || uname(&names) != 0) memset(&names, 0, sizeof names);
  if (!system_file_line(root, machine->host, sizeof machine->host, "/proc/sys/kernel/hostname"))
    system_copy(machine->host, sizeof machine->host, names.nodename);
  char release[MACHINE_TEXT - 16];
  if (!system_file_line(root, release, sizeof release, "/proc/sys/kernel/osrelease"))
    system_copy(release, sizeof release, names.release);
  if (release[0]) snprintf(machine->kernel, sizeof machine->kernel, "Linux %s", release);

  char *text = system_file_text(root, "/etc/os-release");
  const char *name = text ? strstr(text, "PRETTY_NAME=") : NULL;
  if (name) {
    name += strlen("PRETTY_NAME=");
    name += *name == '"';
    const size_t length = strcspn(name, "\"\n");
    snprintf(machine->system, sizeof machine->system, "%.*s", (int)(length < MACHINE_TEXT ? length : MACHINE_TEXT),
             name);
  }
  free(text);
}

/* ---- the whole ------------------------------------------------------------------------------------------------------
 */

bool machine_open(struct machine *machine) { return machine_open_from(machine, &(struct machine_source){.root = ""}); }

bool machine_open_from(struct machine *machine, const struct machine_source *source) {
  *machine = (struct machine){0};
  if (!open_topology(machine, source)) {
    machine_close(machine);
    return false;
  }
  machine->memory = machine_memory_now(source);
  char *cpuinfo = system_file_text(source->root, "/proc/cpuinfo");
  name_processor(&machine->processor, source->root, cpuinfo);
  read_product(machine, source->root);
  find_hypervisor(machine, source, cpuinfo);
  name_system(machine, source);
  free(cpuinfo);
  return true;
}

void machine_close(struct machine *machine) {
  if (machine->topology) hwloc_topology_destroy(machine->topology);
  free(machine->pu);
  *machine = (struct machine){0};
}

/* ---- binding --------------------------------------------------------------------------------------------------------
 */

static bool bind_by_hwloc(const struct machine *machine, unsigned first, unsigned count) {
  hwloc_bitmap_t set = hwloc_bitmap_alloc();
  bool bound = set;
  for (unsigned i = first; bound && i < first + count; i++) bound = hwloc_bitmap_set(set, machine->pu[i].os_index) == 0;
  bound = bound && hwloc_set_cpubind(machine->topology, set, HWLOC_CPUBIND_THREAD) == 0;
  hwloc_bitmap_free(set);
  return bound;
}

static bool bind_by_kernel(const struct machine *machine, unsigned first, unsigned count) {
  unsigned highest = 0;
  for (unsigned i = first; i < first + count; i++)
    if (machine->pu[i].os_index > highest) highest = machine->pu[i].os_index;
  cpu_set_t *set = CPU_ALLOC(highest + 1);
  if (!set) return false;
  const size_t size = CPU_ALLOC_SIZE(highest + 1);
  CPU_ZERO_S(size, set);
  for (unsigned i = first; i < first + count; i++) CPU_SET_S(machine->pu[i].os_index, size, set);
  const bool bound = sched_setaffinity(0, size, set) == 0;
  CPU_FREE(set);
  return bound;
}

static bool bind_range(const struct machine *machine, unsigned first, unsigned count) {
  if (!machine->bindable) return false;
  return machine->topology ? bind_by_hwloc(machine, first, count) : bind_by_kernel(machine, first, count);
}

bool machine_bind(const struct machine *machine, int thread_index) {
  if (thread_index < 0 || (unsigned)thread_index >= machine->pus) return false;
  return bind_range(machine, (unsigned)thread_index, 1);
}

bool machine_unbind(const struct machine *machine) { return bind_range(machine, 0, machine->pus); }

/* ---- questions ------------------------------------------------------------------------------------------------------
 */

int machine_level_of(const struct machine *machine, size_t bytes) {
  for (int level = 0; level < MACHINE_LEVELS; level++)
    if (machine->cache[level].bytes && bytes <= machine->cache[level].bytes) return level + 1;
  return MACHINE_LEVELS + 1;
}

size_t machine_cache_span(const struct machine *machine) {
  enum { COMMON = 128 << 10 };
  const struct machine_cache *l2 = &machine->cache[1];
  return l2->bytes && l2->ways ? l2->bytes / l2->ways : COMMON;
}

const struct machine_cache *machine_last_cache(const struct machine *machine) {
  for (int level = MACHINE_LEVELS; level-- > 0;)
    if (machine->cache[level].bytes) return &machine->cache[level];
  return NULL;
}

char *machine_xml(const struct machine *machine, size_t *length) {
  char *buffer, *copy;
  int size; /* with the NUL at the end */
  *length = 0;
  if (!machine->topology || hwloc_topology_export_xmlbuffer(machine->topology, &buffer, &size, 0) != 0) return NULL;
  copy = strdup(buffer);
  if (copy) *length = strlen(copy);
  hwloc_free_xmlbuffer(machine->topology, buffer);
  return copy;
}
