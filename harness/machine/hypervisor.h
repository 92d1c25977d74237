/* Hypervisors, and QEMU's translator, sign a CPUID leaf that processors themselves do not have. */
#ifndef GRADMARK_HYPERVISOR_H
#define GRADMARK_HYPERVISOR_H

enum { HYPERVISOR_SIGNATURE = 13 };

/* "KVMKVMKVM"; empty where nothing is signed. */
void hypervisor_sign(char signature[HYPERVISOR_SIGNATURE]);

/* "KVM"; empty for a signature that is not known. */
const char *hypervisor_signed_by(const char *signature);

#endif
