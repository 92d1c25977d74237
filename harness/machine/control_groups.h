/* The limits that Linux control groups (v1 and v2; containers, batch systems, systemd) set on this process: its own
 * group's and those of all groups around it that can be seen. */
#ifndef GRADMARK_CONTROL_GROUPS_H
#define GRADMARK_CONTROL_GROUPS_H

#include <stdbool.h>
#include <stdint.h>

/* Processor time, in CPUs: 1.5 is three halves of one. 0: no limit. False if it cannot be seen whether there is one. */
bool control_groups_cpu(const char *root, double *cpus);

/* The smallest memory limit, and the least that any of the limits leaves now; both UINT64_MAX without a limit. False
 * if it cannot be seen whether there is one. */
bool control_groups_memory(const char *root, uint64_t *limit, uint64_t *left);

#endif
