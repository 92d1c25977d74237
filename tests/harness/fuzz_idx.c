/* The reader of IDX files, fuzzed: sound ones, plain and packed by gzip in one member or two, changed before packing
 * and after it. A file is accepted exactly where a few lines here say that it, or what zlib unpacks it to, is sound;
 * what is refused is refused in one sentence. Sanitizers see the rest. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "folder.h"
#include "fuzz.h"
#include "made_up_idx.h"
#include "train/idx.h"

enum { CASES = 25000, CAPACITY = 1 << 16 };

static void append(struct fuzz_bytes *to, struct bytes part) {
  fuzz_splice(to, to->count, 0, part.data, part.count);
  free(part.data);
}

static struct bytes copy_of(const struct fuzz_bytes *bytes, size_t begin, size_t end) {
  struct bytes copy = {malloc(end - begin + 1), end - begin};
  assert_non_null(copy.data);
  memcpy(copy.data, bytes->data + begin, copy.count);
  return copy;
}

static void change_some(struct random *random, struct fuzz_bytes *bytes) {
  if (fuzz_once_in(random, 2)) return;
  const size_t changes = 1 + random_below(random, 3);
  for (size_t i = 0; i < changes; i++) fuzz_change(random, bytes);
}

/* Dimensions that are powers of two, and nothing behind them: all that a product which overflows may announce. */
static void set_powers(struct random *random, struct fuzz_bytes *file) {
  const size_t header = 4 + 4 * (size_t)file->data[3];
  file->count = header;
  memset(file->data + 4, 0, header - 4);
  for (size_t at = 4; at < header; at += 4) {
    const size_t power = random_below(random, 32);
    file->data[at + 3 - power / 8] = (unsigned char)(1U << power % 8);
  }
}

/* An IDX file, or nearly one, of so many dimensions. */
static void make_plain(struct random *random, struct fuzz_bytes *file, unsigned dimensions) {
  const uint32_t count = 1 + (uint32_t)random_below(random, 40), rows = 1 + (uint32_t)random_below(random, 5);
  file->count = 0;
  append(file, dimensions == 1 ? made_up_labels(count) : made_up_images(count, rows, 5));
  if (fuzz_once_in(random, 20)) set_powers(random, file);
  change_some(random, file);
}

static void pack(struct random *random, struct fuzz_bytes *file) {
  static unsigned char data[CAPACITY];
  struct fuzz_bytes packed = {data, 0, sizeof data};
  const size_t cut = fuzz_once_in(random, 2) ? file->count : random_below(random, file->count + 1);
  append(&packed, made_up_gzip(copy_of(file, 0, cut)));
  if (cut < file->count) append(&packed, made_up_gzip(copy_of(file, cut, file->count)));
  change_some(random, &packed);
  memcpy(file->data, packed.data, packed.count);
  file->count = packed.count;
}

/* All members of a packed file; false if that is not all there is. */
static bool unpack(const struct fuzz_bytes *file, struct fuzz_bytes *plain) {
  z_stream stream = {.next_in = file->data, .avail_in = (uInt)file->count};
  int result = Z_STREAM_END;
  assert_int_equal(inflateInit2(&stream, MAX_WBITS + 16), Z_OK);
  stream.next_out = plain->data, stream.avail_out = (uInt)plain->capacity;
  while (result == Z_STREAM_END && stream.avail_in) {
    inflateReset(&stream);
    result = inflate(&stream, Z_FINISH);
  }
  plain->count = (size_t)(stream.next_out - plain->data);
  inflateEnd(&stream);
  return result == Z_STREAM_END;
}

static bool is_sound(const struct fuzz_bytes *file, unsigned dimensions) {
  const size_t header = 4 + 4 * (size_t)dimensions;
  if (file->count < header || file->data[0] || file->data[1] || file->data[2] != 8 || file->data[3] != dimensions)
    return false;
  uint64_t product = 1;
  for (size_t at = 4; at < header; at += 4) {
    const unsigned char *d = file->data + at;
    product *= (uint64_t)d[0] << 24 | (uint64_t)d[1] << 16 | (uint64_t)d[2] << 8 | d[3];
    if (product == 0 || product > file->count) return false;
  }
  return product == file->count - header;
}

static const char *wrong_with(const struct idx *idx, bool accepted, const struct fuzz_bytes *file,
                              unsigned dimensions) {
  static unsigned char data[CAPACITY];
  struct fuzz_bytes unpacked = {data, 0, sizeof data};
  const bool packed = file->count >= 2 && file->data[0] == 0x1f && file->data[1] == 0x8b;
  const struct fuzz_bytes *plain = packed ? &unpacked : file;
  const bool sound = (!packed || unpack(file, &unpacked)) && is_sound(plain, dimensions);
  if (sound && !accepted) return "a sound file is refused";
  if (!accepted) return idx->byte ? "something is left of a refused file" : NULL;
  if (!sound) return "a file that is not sound is accepted";
  if (idx->bytes != plain->count - 4 - 4 * (size_t)dimensions) return "the number of bytes";
  if (idx->dimension[0] * idx->dimension[1] * idx->dimension[2] != idx->bytes) return "the dimensions";
  return memcmp(idx->byte, plain->data + plain->count - idx->bytes, idx->bytes) == 0 ? NULL : "the bytes";
}

static void nothing_but_sound_files_and_sentences(void **state) {
  (void)state;
  static unsigned char data[CAPACITY];
  struct fuzz_bytes file = {data, 0, sizeof data};
  struct fuzz fuzz;
  uint64_t accepted = 0;
  fuzz_begin(&fuzz, CASES);
  while (fuzz_next(&fuzz)) {
    struct idx idx;
    const unsigned dimensions = fuzz_once_in(&fuzz.random, 3) ? 1 : 3;
    make_plain(&fuzz.random, &file, dimensions);
    if (fuzz_once_in(&fuzz.random, 2)) pack(&fuzz.random, &file);
    file_write("case", file.data, file.count);
    complaint_begin();
    const bool read = idx_read(&idx, "case", dimensions);
    const char *wrong = complaint_wrong(read ? NULL : "'case'");
    if (!wrong) wrong = wrong_with(&idx, read, &file, dimensions);
    if (wrong) fail_msg("GRADMARK_FUZZ_SEED=%" PRIu64 ": %s", fuzz.seed, wrong);
    accepted += read;
    if (read) idx_free(&idx);
  }
  printf("%" PRIu64 " files, %" PRIu64 " of them accepted\n", fuzz.tried, accepted);
  if (fuzz_tried_many(&fuzz)) assert_true(accepted > 0 && accepted < fuzz.tried);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(nothing_but_sound_files_and_sentences, folder_enter, folder_leave),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
