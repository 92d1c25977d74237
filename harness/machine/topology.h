/* This machine as the timings need it: which cores may be used and in which order, the caches above them, the memory
 * that is left, and what the processor calls itself. Filled once by machine_open, read-only after that. */
#ifndef GRADMARK_TOPOLOGY_H
#define GRADMARK_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hwloc_topology;

enum { MACHINE_LEVELS = 3, MACHINE_TEXT = 128 };

/* One processing unit (hardware thread) that this process may use. Indices other than `os_index` count from 0 over the
 * usable cores, packages and NUMA nodes. */
struct machine_pu {
  unsigned os_index;
  unsigned core, package, node;
  unsigned sibling; /* 0 for the first unit of its core, 1 for the next */
};

/* The data or unified caches of one level. On a processor with cores of several kinds these are the smallest. */
struct machine_cache {
  size_t bytes;       /* of one such cache; 0: unknown, or there is no such level */
  size_t line;        /* bytes; 0: unknown */
  unsigned ways;      /* associativity; 0: unknown */
  unsigned shared_by; /* PUs of the machine that share one, usable or not; 0: unknown */
  unsigned usable_by; /* the same, counting only ours */
  unsigned count;     /* caches of this level that our PUs reach; 0: unknown */
  bool unified;       /* holds instructions too */
  bool uniform;       /* all of them have the same size */
};

enum machine_answer { MACHINE_NO, MACHINE_YES, MACHINE_UNKNOWN };

/* Texts are "" and family, model and stepping are -1 where unknown. */
struct machine_processor {
  char vendor[MACHINE_TEXT];       /* GenuineIntel */
  char name[MACHINE_TEXT];         /* Intel(R) Xeon(R) Platinum 8480+ */
  char microcode[MACHINE_TEXT];    /* as the kernel shows it; behind a hypervisor it may be made up */
  char architecture[MACHINE_TEXT]; /* x86_64 */
  int family, model, stepping;
};

/* Bytes. `limit` is the smallest limit of the control groups that this process is in; 0: there is none, or none is
 * visible. `available` is what can be taken now without swapping, bounded by what that limit leaves; 0: unknown. */
struct machine_memory {
  uint64_t total, available, limit;
  size_t page;
};

struct machine {
  /* hwloc saw the machine and its caches. Where its variables (HWLOC_COMPONENTS, ...) keep it from that, it is asked
   * again without them, and where it sees no caches then either, the C library is; `topology_source` says which. */
  bool topology_visible;
  bool this_system; /* false where HWLOC_SYNTHETIC or HWLOC_XMLFILE describes another machine: nothing can be bound */
  char topology_source[MACHINE_TEXT]; /* "hwloc 2.9.0", "hwloc 2.9.0, which shows no caches" */

  unsigned cores, pus, packages, numa_nodes; /* usable by this process; at least 1 each */
  unsigned online_pus;                       /* of the whole machine; 0: unknown */
  unsigned smt;                              /* PUs of the core that has most of them, usable or not; 1: no SMT */
  unsigned core_kinds;                       /* 1: all cores alike; 0: unknown */
  struct machine_pu *pu; /* pu[0 .. cores-1] is one per core, then come the siblings; the fastest kind of core first */

  struct machine_cache cache[MACHINE_LEVELS]; /* cache[0] is L1 (data) */
  struct machine_memory memory;
  struct machine_processor processor;
  enum machine_answer hypervisor;
  char hypervisor_name[MACHINE_TEXT]; /* KVM; "" where unknown */
  char product[MACHINE_TEXT];         /* what the firmware (DMI) calls the machine; "" where not readable */
  char host[MACHINE_TEXT], kernel[MACHINE_TEXT], system[MACHINE_TEXT]; /* "Linux 6.1.0"; "Debian GNU/Linux 12" */

  struct hwloc_topology *topology;
};

/* Fills *machine. False only without memory; whatever cannot be seen is left unknown. `root` stands before every path
 * under /proc and /sys: "" is this machine, a directory is one that a test made up, where threads cannot be bound. */
bool machine_open(struct machine *machine);
bool machine_open_from(struct machine *machine, const char *root);
void machine_close(struct machine *machine);

/* Binds the calling thread to pu[thread_index]: a core of its own while there are cores, then the siblings. False
 * where there is no such PU, or where the system (or a topology that is not this system's) does not let us. */
bool machine_bind(const struct machine *machine, int thread_index);

/* Lets the calling thread run on all usable PUs again. */
bool machine_unbind(const struct machine *machine);

/* The first level whose cache holds a working set of `bytes`: 1 .. 3, or 4 for memory. Levels of unknown size are
 * skipped. */
int machine_level_of(const struct machine *machine, size_t bytes);

/* The last cache before memory, NULL where no cache is visible. */
const struct machine_cache *machine_last_cache(const struct machine *machine);

/* Addresses so many bytes apart share a set of the L2: its size divided by its ways. A common value where unknown. */
size_t machine_cache_span(const struct machine *machine);

/* What hwloc saw, as its own XML, for the caller to free; NULL where `topology_visible` is false. */
char *machine_xml(const struct machine *machine);

/* Reads the memory that is available now, as machine_open did. */
struct machine_memory machine_memory_now(const char *root);

#endif
