#include "machine/hypervisor.h"

#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

void hypervisor_sign(char signature[HYPERVISOR_SIGNATURE]) {
  memset(signature, 0, HYPERVISOR_SIGNATURE);
#if defined(__x86_64__)
  unsigned a, b, c, d;
  __cpuid(1, a, b, c, d);
  if (!(c >> 31)) return;
  __cpuid(0x40000000, a, b, c, d);
  memcpy(signature, &b, 4);
  memcpy(signature + 4, &c, 4);
  memcpy(signature + 8, &d, 4);
#endif
}

const char *hypervisor_signed_by(const char *signature) {
  static const char *const known[][2] = {
      {"KVMKVMKVM", "KVM"},      {"Microsoft Hv", "Hyper-V"},    {"VMwareVMware", "VMware"},
      {"XenVMMXenVMM", "Xen"},   {"TCGTCGTCGTCG", "QEMU (TCG)"}, {"VBoxVBoxVBox", "VirtualBox"},
      {"bhyve bhyve ", "bhyve"}, {" lrpepyh vr", "Parallels"},   {"ACRNACRNACRN", "ACRN"},
      {"Linux KVM Hv", "KVM"},
  };
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (strcmp(signature, known[i][0]) == 0) return known[i][1];
  return "";
}
