/* The reader of checkpoints, fuzzed: sound files with their header, their structure and their bytes changed at random,
 * with right checksums and with wrong ones. What is accepted holds what the file says; what is refused is refused in
 * one sentence. Sanitizers see the rest. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>

#include "folder.h"
#include "fuzz.h"
#include "train/checkpoint.h"

enum { CASES = 60000, CAPACITY = 1 << 16, PREFIX = 24 };

static size_t padded(size_t bytes) { return (bytes + 63) / 64 * 64; }

static uint64_t number_at(const unsigned char *data, size_t size) {
  uint64_t number = 0;
  for (size_t i = size; i-- > 0;) number = number << 8 | data[i];
  return number;
}

static void set_number_at(unsigned char *data, size_t size, uint64_t number) {
  for (size_t i = 0; i < size; i++) data[i] = (unsigned char)(number >> 8 * i);
}

/* ---- making files ------------------------------------------------------------------------------------------------ */

static const struct base {
  const char *header;
  size_t floats; /* of data and padding */
} bases[] = {
    {"{\"state\":{},\"tensors\":[]}", 0},
    {"{\"state\":{\"step\":7,\"lr\":0.10000000000000001},\"tensors\":[{\"name\":\"weights\",\"count\":20},"
     "{\"name\":\"bias\",\"count\":3}]}",
     48},
    {"{\"tensors\":[{\"count\":16,\"name\":\"a\"},{\"count\":1,\"name\":\"b\"},{\"count\":17,\"name\":\"c\"}],"
     "\"state\":{\"deep\":[[1,[2,{\"x\":null}]],\"\\u00e9\",true],\"text\":\"{[\\\"\\\\\"}}",
     64},
};

/* Counts that a product with 4 makes small, among others. */
static const char *const pieces[] = {
    "0",
    "-1",
    "1",
    "4",
    "19",
    "21",
    "4294967296",
    "4611686018427387904",
    "4611686018427387908",
    "4611686018427387924",
    "9223372036854775807",
    "9223372036854775808",
    "1e999",
    "1.5",
    "20.0",
    "NaN",
    "null",
    "true",
    "{}",
    "[]",
    "\"\"",
    "\"weights\"",
    "\"bias\"",
    "\"a\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"\xff\"",
    "\"\\u00e9\"",
    "\"\\n\"",
    "\"state\"",
    "\"tensors\"",
    "\"name\"",
    "\"count\"",
    ",",
    ":",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\",
    " ",
    "{\"name\":\"n\",\"count\":1}",
    ",{\"name\":\"bias\",\"count\":3}",
    ",\"more\":0",
    "[[[[[[[[[[[[[[[[",
    "{\"a\":{\"a\":{\"a\":{\"a\":",
    "\"state\":{},",
    "\"count\":2,",
};

struct piece {
  size_t at, length;
};

/* The texts, numbers, words and signs of a JSON text, and what is empty as one. */
static size_t cut(const struct fuzz_bytes *header, struct piece *cuts, size_t most) {
  static const char word[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.+-";
  size_t count = 0;
  for (size_t at = 0; at < header->count && count < most; at += cuts[count++].length) {
    size_t length = 1;
    if (header->data[at] == '"') {
      while (at + length < header->count && header->data[at + length] != '"')
        length += header->data[at + length] == '\\' ? 2 : 1;
      length++;
    } else if (at + 1 < header->count &&
               (memcmp(header->data + at, "{}", 2) == 0 || memcmp(header->data + at, "[]", 2) == 0)) {
      length = 2;
    } else if (memchr(word, header->data[at], sizeof word - 1)) {
      while (at + length < header->count && memchr(word, header->data[at + length], sizeof word - 1)) length++;
    }
    cuts[count] = (struct piece){at, at + length <= header->count ? length : header->count - at};
  }
  return count;
}

/* Puts one of `pieces` or a copy of another piece in a piece's place, or before it. */
static void change_header(struct random *random, struct fuzz_bytes *header) {
  static struct piece cuts[1000];
  const size_t count = cut(header, cuts, sizeof cuts / sizeof *cuts);
  if (count == 0) return;
  const struct piece old = cuts[random_below(random, count)], other = cuts[random_below(random, count)];
  const char *piece = pieces[random_below(random, sizeof pieces / sizeof *pieces)];
  const size_t length = fuzz_once_in(random, 4) ? 0 : old.length;
  unsigned char copy[CAPACITY / 4];
  memcpy(copy, header->data + other.at, other.length);
  if (fuzz_once_in(random, 2))
    fuzz_splice(header, old.at, length, copy, other.length);
  else
    fuzz_splice(header, old.at, length, piece, strlen(piece));
}

/* The one, the other or both. */
static void set_checksums(struct fuzz_bytes *file, bool of_header, bool of_all) {
  if (file->count < PREFIX + 4) return;
  const uint64_t length = number_at(file->data + 16, 8);
  if (of_header && length <= file->count - PREFIX)
    set_number_at(file->data + 12, 4, crc32_z(0, file->data + PREFIX, (size_t)length));
  if (of_all) set_number_at(file->data + file->count - 4, 4, crc32_z(0, file->data, file->count - 4));
}

static void make_case(struct random *random, struct fuzz_bytes *file) {
  const struct base *base = &bases[random_below(random, sizeof bases / sizeof *bases)];
  static unsigned char text[CAPACITY / 4];
  struct fuzz_bytes header = {text, strlen(base->header), sizeof text};
  memcpy(text, base->header, header.count);
  if (fuzz_once_in(random, 2)) {
    const size_t changes = 1 + random_below(random, 4);
    for (size_t i = 0; i < changes; i++)
      fuzz_once_in(random, 4) ? fuzz_change(random, &header) : change_header(random, &header);
  }
  size_t floats = base->floats;
  if (fuzz_once_in(random, 8)) floats += random_below(random, 65) - (floats ? 16 : 0);
  const size_t data = padded(PREFIX + header.count);
  file->count = data + 4 * floats + 4;
  memset(file->data, 0, file->count);
  memcpy(file->data, "GRADMARK\1", 9);
  set_number_at(file->data + 16, 8, header.count);
  memcpy(file->data + PREFIX, text, header.count);
  for (size_t i = 0; i < 4 * floats; i++) file->data[data + i] = (unsigned char)random_bits(random);
  set_checksums(file, true, true);
  if (fuzz_once_in(random, 2)) return;
  const size_t changes = 1 + random_below(random, 3);
  for (size_t i = 0; i < changes; i++) fuzz_change(random, file);
  if (fuzz_once_in(random, 2)) set_checksums(file, !fuzz_once_in(random, 8), !fuzz_once_in(random, 8));
}

/* ---- what must hold ---------------------------------------------------------------------------------------------- */

/* What is accepted stands in the file, all of it, and under right checksums. */
static const char *wrong_with(const struct checkpoint *checkpoint, const struct fuzz_bytes *file) {
  if (file->count < PREFIX + 4 || memcmp(file->data, "GRADMARK\1\0\0\0", 12) != 0) return "not a checkpoint";
  const size_t length = (size_t)number_at(file->data + 16, 8);
  if (length > file->count - PREFIX) return "the header's length";
  if (number_at(file->data + 12, 4) != crc32_z(0, file->data + PREFIX, length)) return "the header's checksum";
  if (number_at(file->data + file->count - 4, 4) != crc32_z(0, file->data, file->count - 4)) return "the checksum";
  if (!json_is_object(checkpoint->state) || checkpoint->count > CHECKPOINT_MAX_TENSORS) return "the header";
  size_t at = padded(PREFIX + length);
  for (size_t i = 0; i < checkpoint->count; i++) {
    const struct checkpoint_tensor *tensor = &checkpoint->tensors[i];
    const size_t name = strlen(tensor->name);
    if (tensor->count == 0 || tensor->count > file->count / 4) return "a count";
    if (at + padded(4 * tensor->count) + 4 > file->count) return "the size";
    if (name == 0 || name > CHECKPOINT_MAX_NAME) return "a name";
    for (size_t c = 0; c < name; c++)
      if (tensor->name[c] < 32 || tensor->name[c] > 126) return "a name's letters";
    if (checkpoint_tensor(checkpoint, tensor->name, tensor->count) != tensor->data) return "two of a name";
    if ((uintptr_t)tensor->data % 64) return "the alignment";
    if (memcmp(tensor->data, file->data + at, 4 * tensor->count) != 0) return "the data";
    at += padded(4 * tensor->count);
  }
  return at + 4 == file->count ? NULL : "the end";
}

static void nothing_but_checkpoints_and_sentences(void **state) {
  (void)state;
  static unsigned char data[CAPACITY];
  struct fuzz_bytes file = {data, 0, sizeof data};
  struct fuzz fuzz;
  uint64_t accepted = 0;
  fuzz_begin(&fuzz, CASES);
  while (fuzz_next(&fuzz)) {
    struct checkpoint checkpoint;
    make_case(&fuzz.random, &file);
    file_write("case", file.data, file.count);
    complaint_begin();
    const bool loaded = checkpoint_load(&checkpoint, "case");
    const char *wrong = complaint_wrong(loaded ? NULL : "'case' ");
    if (!wrong && loaded) wrong = wrong_with(&checkpoint, &file);
    if (!loaded && (checkpoint.header || checkpoint.state || checkpoint.tensors || checkpoint.data || checkpoint.count))
      wrong = "something is left of a refused file";
    if (wrong) fail_msg("GRADMARK_FUZZ_SEED=%" PRIu64 ": %s", fuzz.seed, wrong);
    accepted += loaded;
    checkpoint_free(&checkpoint);
  }
  printf("%" PRIu64 " files, %" PRIu64 " of them accepted\n", fuzz.tried, accepted);
  if (fuzz_tried_many(&fuzz)) assert_true(accepted > 0 && accepted < fuzz.tried);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(nothing_but_checkpoints_and_sentences, folder_enter, folder_leave),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
