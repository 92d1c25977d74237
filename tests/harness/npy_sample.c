/* Writes arrays for test_npy.py: npy_sample DIRECTORY. Its exit code is 2 where one could not be written. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "train/export.h"

int main(int argc, char **argv) {
  if (argc != 2) return EXIT_USAGE;
  enum { ROWS = 1000, COLUMNS = 37 };
  static float f32[ROWS * COLUMNS];
  static const int32_t i32[] = {0, 1, -1, INT32_MAX, INT32_MIN};
  static const uint32_t u32[] = {0, 1, UINT32_MAX}, special[] = {0x80000000, 1, 0x7f800000, 0x7fc12345, 0x3f800000};
  float specials[5];
  memcpy(specials, special, sizeof special);
  for (int i = 0; i < ROWS * COLUMNS; i++) f32[i] = (float)i / 3;
  const char *directory = argv[1];
  const bool done = npy_write(directory, "matrix.npy", NPY_F32, f32, ROWS, COLUMNS) &&
                    npy_write(directory, "specials.npy", NPY_F32, specials, 5, 0) &&
                    npy_write(directory, "column.npy", NPY_I32, i32, 5, 1) &&
                    npy_write(directory, "row.npy", NPY_U32, u32, 1, 3) &&
                    npy_write(directory, "empty.npy", NPY_U32, u32, 0, 0);
  return done ? EXIT_FINE : EXIT_USAGE;
}
