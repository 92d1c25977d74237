/* One lane of eight, which a mask picks, and one float as an operand of a multiply-add. In an object of its own, for
 * only AVX2 may have its instructions. */
#include "verify/trap.h"

#include <immintrin.h>

static void copy(const float *from, float *to) {
  const __m256i first = _mm256_setr_epi32(-1, 0, 0, 0, 0, 0, 0, 0);
  _mm256_maskstore_ps(to, first, _mm256_maskload_ps(from, first));
  __m128 zero = _mm_setzero_ps();
  __asm__ volatile("vfmadd213ss (%1), %0, %0" : "+x"(zero) : "r"(from) : "memory");
}

extern masked_copy *const gm_masked_copy_avx2;
masked_copy *const gm_masked_copy_avx2 = copy;
