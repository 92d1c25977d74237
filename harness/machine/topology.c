#include "topology.h"

#include <hwloc.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "hypervisor.h"
#include "system_files.h"

#define CPU_DIRECTORY "/sys/devices/system/cpu"

static bool is_real(const char *root) { return root[0] == '\0'; }

/* ---- cores and caches, by hwloc --------------------------------------------------------------------------------- */

static unsigned weight(hwloc_const_bitmap_t set) {
  const int bits = set ? hwloc_bitmap_weight(set) : 0;
  return bits > 0 ? (unsigned)bits : 0;
}

/* NULL where hwloc fails, as it does when a variable names a file that it cannot read. */
static hwloc_topology_t load(const char *root) {
  hwloc_topology_t topology;
  setenv("HWLOC_HIDE_ERRORS", "2", 0); /* what cannot be seen, this program says in its own form */
  if (hwloc_topology_init(&topology) != 0) return NULL;
  if (!is_real(root)) { /* hwloc reads the files of that machine, and may not ask this one's processor */
    setenv("HWLOC_FSROOT", root, 1);
    hwloc_topology_set_components(topology, HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST, "x86");
  }
  const bool loaded = hwloc_topology_load(topology) == 0 && hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PU) > 0;
  if (!is_real(root)) unsetenv("HWLOC_FSROOT");
  if (loaded) return topology;
  hwloc_topology_destroy(topology);
  return NULL;
}

/* Variables with which hwloc looks elsewhere than at this machine, or at none. */
static void unset_variables(void) {
  static const char *const names[] = {"HWLOC_COMPONENTS", "HWLOC_CPUID_PATH", "HWLOC_FSROOT",
                                      "HWLOC_SYNTHETIC",  "HWLOC_THISSYSTEM", "HWLOC_XMLFILE"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) unsetenv(names[i]);
}

static hwloc_obj_type_t cache_type(int level) { return (hwloc_obj_type_t)(HWLOC_OBJ_L1CACHE + level); }

static bool shows_caches(hwloc_topology_t topology) {
  for (int level = 0; topology && level < MACHINE_LEVELS; level++)
    if (hwloc_get_nbobjs_by_type(topology, cache_type(level)) > 0) return true;
  return false;
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

/* What hwloc says of a usable PU; numbers are its own. Where it knows no cores, each PU is one. */
enum place { CORE, PACKAGE, NODE, PLACES };
struct seen_pu {
  unsigned os_index, place[PLACES];
  unsigned usable[PLACES]; /* the same, counted from 0 over the usable ones */
  unsigned core_width;     /* PUs of its core, usable or not */
  unsigned order;          /* in which hwloc lists it: neighbours stand together */
  unsigned sibling;
  int speed; /* higher is faster; equal where the cores are alike */
};

/* hwloc ranks the kinds of cores from the most thrifty to the fastest. */
static int speed_of(hwloc_topology_t topology, hwloc_const_cpuset_t set) {
  const int kind = hwloc_cpukinds_get_by_cpuset(topology, set, 0);
  int efficiency = -1;
  if (kind >= 0) hwloc_cpukinds_get_info(topology, (unsigned)kind, NULL, &efficiency, NULL, NULL, 0);
  return efficiency;
}

static struct seen_pu see_pu(hwloc_topology_t topology, hwloc_obj_t pu) {
  hwloc_obj_t core = hwloc_get_ancestor_obj_by_type(topology, HWLOC_OBJ_CORE, pu);
  hwloc_obj_t package = hwloc_get_ancestor_obj_by_type(topology, HWLOC_OBJ_PACKAGE, pu);
  const int node = hwloc_bitmap_first(pu->nodeset);
  return (struct seen_pu){
      .os_index = pu->os_index,
      .order = pu->logical_index,
      .place = {[CORE] = core ? core->logical_index : UINT_MAX - pu->logical_index,
                [PACKAGE] = package ? package->logical_index : 0,
                [NODE] = node > 0 ? (unsigned)node : 0},
      .core_width = core ? weight(core->complete_cpuset) : 1,
      .speed = speed_of(topology, pu->cpuset),
  };
}

/* hwloc has the PUs of a core side by side. */
static unsigned list_pus(hwloc_topology_t topology, hwloc_const_cpuset_t usable, struct seen_pu *list) {
  unsigned count = 0;
  for (hwloc_obj_t pu = NULL; (pu = hwloc_get_next_obj_inside_cpuset_by_type(topology, usable, HWLOC_OBJ_PU, pu));) {
    struct seen_pu *next = &list[count++];
    *next = see_pu(topology, pu);
    if (next > list && next->place[CORE] == next[-1].place[CORE]) next->sibling = next[-1].sibling + 1;
  }
  return count;
}

/* First one PU of each core, the fastest cores first, neighbours together; then the second PUs in the same order. */
static int compare_pus(const void *left, const void *right) {
  const struct seen_pu *a = left, *b = right;
  if (a->sibling != b->sibling) return a->sibling < b->sibling ? -1 : 1;
  if (a->speed != b->speed) return a->speed > b->speed ? -1 : 1;
  return a->order < b->order ? -1 : a->order > b->order;
}

/* Counts from 0 in the order of first appearance; gives how many there are. */
static unsigned count_usable(struct seen_pu *list, unsigned count, enum place kind) {
  unsigned different = 0;
  for (unsigned i = 0; i < count; i++) {
    unsigned first = 0;
    while (list[first].place[kind] != list[i].place[kind]) first++;
    list[i].usable[kind] = first == i ? different++ : list[first].usable[kind];
  }
  return different;
}

static bool arrange_pus(struct machine *machine, hwloc_const_cpuset_t usable) {
  const size_t most = weight(usable) + 1;
  struct seen_pu *list = calloc(most, sizeof *list);
  machine->pu = calloc(most, sizeof *machine->pu);
  if (list && machine->pu) {
    machine->pus = list_pus(machine->topology, usable, list);
    qsort(list, machine->pus, sizeof *list, compare_pus);
    machine->cores = count_usable(list, machine->pus, CORE);
    machine->packages = count_usable(list, machine->pus, PACKAGE);
    machine->numa_nodes = count_usable(list, machine->pus, NODE);
  }
  for (unsigned i = 0; i < machine->pus; i++) {
    const struct seen_pu *pu = &list[i];
    machine->pu[i] = (struct machine_pu){.os_index = pu->os_index,
                                         .core = pu->usable[CORE],
                                         .package = pu->usable[PACKAGE],
                                         .node = pu->usable[NODE],
                                         .sibling = pu->sibling};
    if (pu->core_width > machine->smt) machine->smt = pu->core_width;
  }
  free(list);
  return machine->pus > 0;
}

static unsigned ways_of(const struct hwloc_cache_attr_s *cache) {
  if (cache->associativity >= 0) return (unsigned)cache->associativity;
  return cache->linesize ? (unsigned)(cache->size / cache->linesize) : 0; /* fully associative */
}

static void summarize_cache(hwloc_obj_t object, hwloc_const_cpuset_t usable, struct machine_cache *summary) {
  const struct hwloc_cache_attr_s *cache = &object->attr->cache;
  const unsigned sharing = weight(object->complete_cpuset);
  unsigned ours = 0;
  for (int pu = -1; (pu = hwloc_bitmap_next(object->cpuset, pu)) >= 0;)
    ours += hwloc_bitmap_isset(usable, (unsigned)pu) != 0;
  summary->uniform = summary->count == 0 || (summary->uniform && summary->bytes == cache->size);
  if (summary->count++ == 0 || cache->size < summary->bytes) {
    summary->bytes = (size_t)cache->size;
    summary->line = cache->linesize;
    summary->ways = ways_of(cache);
    summary->unified = cache->type == HWLOC_OBJ_CACHE_UNIFIED;
  }
  if (sharing > summary->shared_by) summary->shared_by = sharing;
  if (ours > summary->usable_by) summary->usable_by = ours;
}

static void summarize_caches(struct machine *machine, hwloc_const_cpuset_t usable) {
  for (int level = 0; level < MACHINE_LEVELS; level++)
    for (hwloc_obj_t cache = NULL;
         (cache = hwloc_get_next_obj_covering_cpuset_by_type(machine->topology, usable, cache_type(level), cache));)
      if (cache->attr->cache.size > 0) summarize_cache(cache, usable, &machine->cache[level]);
}

/* Where hwloc shows no cache, the C library may know the sizes. It does not know which PUs share a cache. */
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

static void name_source(struct machine *machine, bool told) {
  const char *version = hwloc_obj_get_info_by_name(hwloc_get_root_obj(machine->topology), "hwlocVersion");
  const char *note = "";
  if (told) note = getenv("HWLOC_SYNTHETIC") ? ", told by HWLOC_SYNTHETIC" : ", not told by this system";
  if (!machine->topology_visible)
    note = shows_caches(machine->topology) ? ", without its variables" : ", which shows no caches";
  snprintf(machine->topology_source, sizeof machine->topology_source, "hwloc %.32s%s", version ? version : "", note);
}

static bool open_topology(struct machine *machine, const char *root) {
  char online[1024];
  machine->topology = load(root);
  const bool told = is_real(root) && machine->topology && !hwloc_topology_is_thissystem(machine->topology);
  machine->topology_visible = told || shows_caches(machine->topology);
  if (!machine->topology_visible && is_real(root)) {
    if (machine->topology) hwloc_topology_destroy(machine->topology);
    unset_variables();
    machine->topology = load(root);
  }
  if (!machine->topology) return false;
  machine->this_system = is_real(root) && !told;
  hwloc_bitmap_t usable = usable_set(machine);
  const bool arranged = usable && arrange_pus(machine, usable);
  if (arranged) summarize_caches(machine, usable);
  hwloc_bitmap_free(usable);
  const int kinds = hwloc_cpukinds_get_nr(machine->topology, 0);
  machine->core_kinds = kinds > 0 ? (unsigned)kinds : 0;
  if (told)
    machine->online_pus = weight(hwloc_topology_get_complete_cpuset(machine->topology));
  else if (system_file_line(root, online, sizeof online, CPU_DIRECTORY "/online"))
    machine->online_pus = system_list_count(online);
  name_source(machine, told);
  if (machine->this_system && !machine_last_cache(machine)) ask_the_library(machine);
  return arranged;
}

/* ---- memory ----------------------------------------------------------------------------------------------------- */

static uint64_t kib_field(const char *text, const char *name) {
  long long number;
  return text && system_text_number(text, name, &number) && number > 0 ? (uint64_t)number * 1024 : 0;
}

static uint64_t page_count(int name, size_t page) {
  const long pages = sysconf(name);
  return pages > 0 ? (uint64_t)pages * page : 0;
}

struct machine_memory machine_memory_now(const char *root) {
  const long page = sysconf(_SC_PAGESIZE);
  struct machine_memory memory = {.page = page > 0 ? (size_t)page : 4096};
  char *text = system_file_text(root, "/proc/meminfo");
  memory.total = kib_field(text, "MemTotal");
  memory.available = kib_field(text, "MemAvailable");
  free(text);
  if (!memory.total && is_real(root)) memory.total = page_count(_SC_PHYS_PAGES, memory.page);
  if (!memory.available && is_real(root)) memory.available = page_count(_SC_AVPHYS_PAGES, memory.page);

  uint64_t limit, left;
  if (!control_groups_memory(root, &limit, &left)) return memory;
  /* A limit that is larger than the machine's memory has no effect. */
  if (limit != UINT64_MAX && (!memory.total || limit < memory.total)) memory.limit = limit;
  if (left < memory.available) memory.available = left;
  return memory;
}

/* ---- what it is called ------------------------------------------------------------------------------------------ */

#if defined(__x86_64__)
#define ARCHITECTURE "x86_64"
#elif defined(__aarch64__)
#define ARCHITECTURE "aarch64"
#elif defined(__riscv)
#define ARCHITECTURE "riscv64"
#else
#define ARCHITECTURE ""
#endif

/* On Arm the kernel gives the numbers of the vendor and of the core, and no names. */
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

/* The firmware of most virtual machines names the hypervisor as the product; "" for what is none. */
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

/* x86 has a CPU flag for a hypervisor. Elsewhere firmware and kernel may tell; if they do not, it is not known. */
static void find_hypervisor(struct machine *machine, const char *root, const char *cpuinfo) {
  char flags[8192] = "", type[MACHINE_TEXT] = "", signature[HYPERVISOR_SIGNATURE] = "";
  const bool flags_visible = cpuinfo && system_text_field(cpuinfo, "flags", flags, sizeof flags);
  if (is_real(root)) hypervisor_sign(signature);
  const char *name = hypervisor_signed_by(signature);
  if (!name[0]) name = virtual_product(machine->product);
  if (!name[0] && system_file_line(root, type, sizeof type, "/sys/hypervisor/type")) name = type;
  system_copy(machine->hypervisor_name, sizeof machine->hypervisor_name, name);
  if (name[0] || signature[0] || has_flag(flags, "hypervisor"))
    machine->hypervisor = MACHINE_YES;
  else
    machine->hypervisor = flags_visible ? MACHINE_NO : MACHINE_UNKNOWN;
}

static void name_system(struct machine *machine, const char *root) {
  struct utsname names;
  if (!is_real(root) || uname(&names) != 0) memset(&names, 0, sizeof names);
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

/* ---- the whole -------------------------------------------------------------------------------------------------- */

bool machine_open(struct machine *machine) { return machine_open_from(machine, ""); }

bool machine_open_from(struct machine *machine, const char *root) {
  *machine = (struct machine){0};
  if (!open_topology(machine, root)) {
    machine_close(machine);
    return false;
  }
  machine->memory = machine_memory_now(root);
  char *cpuinfo = system_file_text(root, "/proc/cpuinfo");
  name_processor(&machine->processor, root, cpuinfo);
  read_product(machine, root);
  find_hypervisor(machine, root, cpuinfo);
  name_system(machine, root);
  free(cpuinfo);
  return true;
}

void machine_close(struct machine *machine) {
  if (machine->topology) hwloc_topology_destroy(machine->topology);
  free(machine->pu);
  *machine = (struct machine){0};
}

/* ---- binding ---------------------------------------------------------------------------------------------------- */

static bool bind_range(const struct machine *machine, unsigned first, unsigned count) {
  if (!machine->this_system) return false;
  hwloc_bitmap_t set = hwloc_bitmap_alloc();
  bool bound = set;
  for (unsigned i = first; bound && i < first + count; i++) bound = hwloc_bitmap_set(set, machine->pu[i].os_index) == 0;
  bound = bound && hwloc_set_cpubind(machine->topology, set, HWLOC_CPUBIND_THREAD) == 0;
  hwloc_bitmap_free(set);
  return bound;
}

bool machine_bind(const struct machine *machine, int thread_index) {
  if (thread_index < 0 || (unsigned)thread_index >= machine->pus) return false;
  return bind_range(machine, (unsigned)thread_index, 1);
}

bool machine_unbind(const struct machine *machine) { return bind_range(machine, 0, machine->pus); }

/* ---- questions -------------------------------------------------------------------------------------------------- */

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

char *machine_xml(const struct machine *machine) {
  char *buffer;
  int size;
  if (!machine->topology_visible || hwloc_topology_export_xmlbuffer(machine->topology, &buffer, &size, 0) != 0)
    return NULL;
  char *copy = strdup(buffer);
  hwloc_free_xmlbuffer(machine->topology, buffer);
  return copy;
}
