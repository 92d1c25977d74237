/* harness/train/checkpoint.h: what is written comes back to the bit, damage is noticed wherever it is, and a file is
 * replaced whole or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>

#include "folder.h"
#include "random.h"
#include "results/whole_file.h"
#include "train/checkpoint.h"

static const char name[] = "model.checkpoint";

static void assert_loads(struct checkpoint *checkpoint) {
  complaint_begin();
  const bool loaded = checkpoint_load(checkpoint, name);
  complaint_end(NULL);
  assert_true(loaded);
}

static void assert_refused(const char *path, const char *why) {
  struct checkpoint checkpoint;
  complaint_begin();
  const bool loaded = checkpoint_load(&checkpoint, path);
  complaint_end(why);
  assert_false(loaded);
  assert_null(checkpoint.state);
  assert_null(checkpoint.data);
}

static void assert_not_saved(const char *path, json_t *state, const struct checkpoint_tensor *tensors, size_t count,
                             const char *why) {
  complaint_begin();
  const bool saved = checkpoint_save(path, state, tensors, count);
  complaint_end(why);
  assert_false(saved);
}

static void assert_cannot_save(const char *path, const char *why) {
  complaint_begin();
  const bool can = checkpoint_can_save(path);
  complaint_end(why);
  assert_false(can);
}

/* A file whose tensors hold `version` throughout: small enough to be damaged in every byte. */
static bool saves_version(int version) {
  float weights[5], bias[16];
  for (int i = 0; i < 5; i++) weights[i] = (float)version;
  for (int i = 0; i < 16; i++) bias[i] = (float)version;
  json_t *state = json_pack("{s:i, s:s}", "version", version, "what", "a test");
  const bool saved =
      checkpoint_save(name, state, (struct checkpoint_tensor[]){{"weights", weights, 5}, {"bias", bias, 16}}, 2);
  json_decref(state);
  return saved;
}

static void save_version(int version) { assert_true(saves_version(version)); }

static int loaded_version(void) {
  struct checkpoint checkpoint;
  assert_loads(&checkpoint);
  const int version = (int)json_integer_value(json_object_get(checkpoint.state, "version"));
  const float *weights = checkpoint_tensor(&checkpoint, "weights", 5),
              *bias = checkpoint_tensor(&checkpoint, "bias", 16);
  assert_non_null(weights);
  assert_non_null(bias);
  for (int i = 0; i < 5; i++) assert_true(weights[i] == (float)version);
  for (int i = 0; i < 16; i++) assert_true(bias[i] == (float)version);
  checkpoint_free(&checkpoint);
  return version;
}

/* ---- what is written comes back --------------------------------------------------------------------------------- */

static void every_float_comes_back_to_the_bit(void **unused) {
  (void)unused;
  static const uint32_t special[] = {0,          0x80000000, 1,          0x807fffff, 0x7f800000, 0xff800000,
                                     0x7fc00000, 0x7f800001, 0xffc12345, 0xffffffff, 0x00800000, 0x7f7fffff};
  enum { SPECIAL = sizeof special / sizeof *special, MANY = 100001 };
  static uint32_t bits[MANY];
  struct random random;
  random_seed(&random, 1);
  for (size_t i = 0; i < MANY; i++) bits[i] = i < SPECIAL ? special[i] : (uint32_t)random_bits(&random);
  json_t *state = json_object();
  struct checkpoint_tensor tensors[] = {{"one", (float *)bits, 1}, {"a name with spaces", (float *)bits, MANY}};
  assert_true(checkpoint_save(name, state, tensors, 2));
  struct checkpoint checkpoint;
  assert_loads(&checkpoint);
  assert_int_equal(checkpoint.count, 2);
  for (size_t t = 0; t < 2; t++) {
    const float *data = checkpoint_tensor(&checkpoint, tensors[t].name, tensors[t].count);
    assert_non_null(data);
    assert_int_equal((uintptr_t)data % 64, 0);
    assert_memory_equal(data, bits, tensors[t].count * sizeof(float));
  }
  checkpoint_free(&checkpoint);
  json_decref(state);
}

static void the_state_comes_back_exactly(void **unused) {
  (void)unused;
  const double reals[] = {0.1, -0.0, 1, DBL_MAX, DBL_MIN, 5e-324, 0.9999999999999999, 1e22, 123456789.12345678, M_PI};
  enum { REALS = sizeof reals / sizeof *reals };
  json_t *list = json_array();
  for (size_t i = 0; i < REALS; i++) json_array_append_new(list, json_real(reals[i]));
  json_t *state = json_pack("{s:o, s:I, s:I, s:s, s:n, s:{s:b}}", "reals", list, "most", (json_int_t)INT64_MAX, "least",
                            (json_int_t)INT64_MIN, "text", "\u00e9\n\"\\ {[", "nothing", "inner", "yes", 1);
  assert_non_null(state);
  assert_true(checkpoint_save(name, state, NULL, 0));
  struct checkpoint checkpoint;
  assert_loads(&checkpoint);
  assert_int_equal(checkpoint.count, 0);
  assert_true(json_equal(state, checkpoint.state));
  for (size_t i = 0; i < REALS; i++) {
    const json_t *real = json_array_get(json_object_get(checkpoint.state, "reals"), i);
    const double value = json_real_value(real);
    assert_true(json_is_real(real));
    assert_memory_equal(&value, &reals[i], sizeof value);
  }
  checkpoint_free(&checkpoint);
  json_decref(state);
}

static void a_tensor_is_found_by_name_and_size(void **unused) {
  (void)unused;
  save_version(1);
  struct checkpoint checkpoint;
  assert_loads(&checkpoint);
  assert_non_null(checkpoint_tensor(&checkpoint, "weights", 5));
  assert_null(checkpoint_tensor(&checkpoint, "weights", 4));
  assert_null(checkpoint_tensor(&checkpoint, "weight", 5));
  assert_null(checkpoint_tensor(&checkpoint, "", 5));
  checkpoint_free(&checkpoint);
  assert_null(checkpoint_tensor(&checkpoint, "weights", 5));
}

static void an_older_file_is_replaced(void **unused) {
  (void)unused;
  for (int version = 1; version < 4; version++) {
    save_version(version);
    assert_int_equal(loaded_version(), version);
    assert_int_equal(folder_count(), 1);
  }
}

/* ---- damage ----------------------------------------------------------------------------------------------------- */

static void every_flipped_bit_is_noticed(void **unused) {
  (void)unused;
  save_version(1);
  struct bytes bytes = file_read(name);
  for (size_t at = 0; at < 8 * bytes.count; at++) {
    bytes.data[at / 8] ^= (unsigned char)(1U << at % 8);
    file_write(name, bytes.data, bytes.count);
    assert_refused(name, at < 64 ? "is not a checkpoint" : at < 96 ? "of version" : "is damaged");
    bytes.data[at / 8] ^= (unsigned char)(1U << at % 8);
  }
  free(bytes.data);
}

static void every_other_length_is_noticed(void **unused) {
  (void)unused;
  save_version(1);
  struct bytes bytes = file_read(name);
  for (size_t length = 0; length < bytes.count; length++) {
    file_write(name, bytes.data, length);
    assert_refused(name, length < sizeof(struct checkpoint_prefix) ? "is not a checkpoint" : "is damaged");
  }
  unsigned char *longer = calloc(bytes.count + 200, 1);
  assert_non_null(longer);
  memcpy(longer, bytes.data, bytes.count);
  for (size_t more = 1; more <= 200; more++) {
    file_write(name, longer, bytes.count + more);
    assert_refused(name, "longer than it says");
  }
  free(longer);
  free(bytes.data);
}

/* Writes a file with this header, `bytes` bytes of tensors and right checksums. */
static void write_checkpoint(const char *header, size_t length, size_t bytes) {
  struct checkpoint_prefix prefix = {.version = CHECKPOINT_VERSION,
                                     .header_crc = (uint32_t)crc32_z(0, (const void *)header, length),
                                     .header_length = length};
  memcpy(prefix.magic, checkpoint_magic, sizeof prefix.magic);
  const size_t data = (sizeof prefix + length + CHECKPOINT_ALIGNMENT - 1) / CHECKPOINT_ALIGNMENT * CHECKPOINT_ALIGNMENT;
  unsigned char *file = calloc(data + bytes + sizeof(uint32_t), 1);
  assert_non_null(file);
  memcpy(file, &prefix, sizeof prefix);
  memcpy(file + sizeof prefix, header, length);
  const uint32_t crc = (uint32_t)crc32_z(0, file, data + bytes);
  memcpy(file + data + bytes, &crc, sizeof crc);
  file_write(name, file, data + bytes + sizeof crc);
  free(file);
}

static void wrong_headers_under_right_checksums_are_refused(void **unused) {
  (void)unused;
  static const char *const wrong[] = {
      "",
      "{}",
      "[]",
      "{\"state\":{}}",
      "{\"tensors\":[]}",
      "{\"state\":[],\"tensors\":[]}",
      "{\"state\":null,\"tensors\":[]}",
      "{\"state\":{},\"tensors\":{}}",
      "{\"state\":{},\"tensors\":[],\"more\":1}",
      "{\"state\":{},\"state\":{},\"tensors\":[]}",
      "{\"state\":{\"a\":1,\"a\":1},\"tensors\":[]}",
      "{\"state\":{},\"tensors\":[]}}",
      "{\"state\":{\"a\":NaN},\"tensors\":[]}",
      "{\"state\":{\"a\":\"\\u0000\"},\"tensors\":[]}",
      "{\"state\":{},\"tensors\":[1]}",
      "{\"state\":{},\"tensors\":[{\"name\":\"a\"}]}",
      "{\"state\":{},\"tensors\":[{\"count\":16}]}",
      "{\"state\":{},\"tensors\":[{\"name\":1,\"count\":16}]}",
      "{\"state\":{},\"tensors\":[{\"name\":\"a\",\"count\":\"16\"}]}",
      "{\"state\":{},\"tensors\":[{\"name\":\"a\",\"count\":16.0}]}",
      "{\"state\":{},\"tensors\":[{\"name\":\"a\",\"count\":0}]}",
      "{\"state\":{},\"tensors\":[{\"name\":\"a\",\"count\":-16}]}",
      "{\"state\":{},\"tensors\":[{\"name\":\"\",\"count\":16}]}",
      "{\"state\":{},\"tensors\":[{\"name\":\"\\n\",\"count\":16}]}",
      "{\"state\":{},\"tensors\":[{\"name\":\"a\",\"count\":16,\"type\":\"f32\"}]}",
      "{\"state\":{},\"tensors\":[{\"name\":\"a\",\"count\":8},{\"name\":\"a\",\"count\":8}]}",
  };
  static const char *const short_of[] = {"17", "4611686018427387904", "4611686018427387920", "9223372036854775807"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    write_checkpoint(wrong[i], strlen(wrong[i]), 64);
    assert_refused(name, "its header is not a checkpoint's");
  }
  char header[100];
  for (size_t i = 0; i < sizeof short_of / sizeof *short_of; i++) {
    const int length =
        snprintf(header, sizeof header, "{\"state\":{},\"tensors\":[{\"name\":\"a\",\"count\":%s}]}", short_of[i]);
    write_checkpoint(header, (size_t)length, 64);
    assert_refused(name, "shorter than it says");
  }
}

/* A header of arrays within each other, between `begin` and `end`, filled up with blanks. */
static void write_nested(int depth, size_t length) {
  static const char end[] = {'}', ',', '"', 't', 'e', 'n', 's', 'o', 'r', 's', '"', ':', '[', ']', '}'};
  char *header = malloc(length);
  assert_non_null(header);
  memset(header, ' ', length);
  const size_t begin = (size_t)snprintf(header, length, "{\"state\":{\"[\":");
  memset(header + begin, '[', (size_t)depth);
  memset(header + begin + depth, ']', (size_t)depth);
  memcpy(header + begin + 2 * (size_t)depth, end, sizeof end);
  write_checkpoint(header, length, 0);
  free(header);
}

static void limits_of_the_header_are_kept(void **unused) {
  (void)unused;
  struct checkpoint checkpoint;
  write_nested(CHECKPOINT_MAX_DEPTH - 2, CHECKPOINT_MAX_HEADER);
  assert_loads(&checkpoint);
  checkpoint_free(&checkpoint);
  write_nested(CHECKPOINT_MAX_DEPTH - 1, 1000);
  assert_refused(name, "its header is not a checkpoint's");
  write_nested(400000, 900000);
  assert_refused(name, "its header is not a checkpoint's");
  write_nested(1, CHECKPOINT_MAX_HEADER + 1);
  assert_refused(name, "its header is longer");
}

static void there_may_be_4096_tensors(void **unused) {
  (void)unused;
  static char names[CHECKPOINT_MAX_TENSORS + 1][12];
  static struct checkpoint_tensor tensors[CHECKPOINT_MAX_TENSORS + 1];
  float data[1] = {1};
  for (int i = 0; i <= CHECKPOINT_MAX_TENSORS; i++) {
    snprintf(names[i], sizeof names[i], "%d", i);
    tensors[i] = (struct checkpoint_tensor){names[i], data, 1};
  }
  json_t *state = json_object();
  assert_not_saved(name, state, tensors, CHECKPOINT_MAX_TENSORS + 1, "not its tensors");
  assert_true(checkpoint_save(name, state, tensors, CHECKPOINT_MAX_TENSORS));
  struct checkpoint checkpoint;
  assert_loads(&checkpoint);
  assert_int_equal(checkpoint.count, CHECKPOINT_MAX_TENSORS);
  assert_non_null(checkpoint_tensor(&checkpoint, "4095", 1));
  checkpoint_free(&checkpoint);
  json_decref(state);
}

/* A file with holes says that it is of 256 TiB, more than a process has addresses, or of the 8 TiB that most file
 * systems allow, and takes no room. */
static void what_is_larger_than_the_memory_is_refused(void **unused) {
  (void)unused;
  bool made = false;
  for (int power = 48; !made && power >= 43; power -= 5) {
    char header[100];
    const int length = snprintf(header, sizeof header, "{\"state\":{},\"tensors\":[{\"name\":\"a\",\"count\":%llu}]}",
                                1ULL << (power - 2));
    write_checkpoint(header, (size_t)length, 0);
    made = truncate(name, 128 + (off_t)(1ULL << power) + 4) == 0;
  }
  assert_true(made);
  const pid_t child = fork();
  if (child == 0) { /* a sanitizer has something to say, too */
    struct checkpoint checkpoint;
    _exit(!freopen("/dev/null", "w", stderr) || checkpoint_load(&checkpoint, name));
  }
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- what cannot be read or written ----------------------------------------------------------------------------- */

static void what_is_no_file_is_refused(void **unused) {
  (void)unused;
  assert_int_equal(mkdir("folder", 0777), 0);
  assert_int_equal(mkfifo("pipe", 0666), 0);
  assert_int_equal(symlink("elsewhere", "link"), 0);
  assert_refused("folder", "is not a regular file");
  assert_refused("pipe", "is not a regular file");
  assert_refused("/dev/zero", "is not a regular file");
  assert_refused("link", "No such file or directory");
  assert_refused("nothing", "No such file or directory");
  json_t *state = json_object();
  static const char *const irregular[] = {"folder", "pipe", "link", "/dev/null"};
  for (size_t i = 0; i < sizeof irregular / sizeof *irregular; i++) {
    assert_cannot_save(irregular[i], "is not a regular file");
    assert_not_saved(irregular[i], state, NULL, 0, "is not a regular file");
  }
  assert_cannot_save("", "does not name a file");
  assert_cannot_save("folder/", "does not name a file");
  assert_cannot_save("missing/file", "No such file or directory");
  assert_not_saved("missing/file", state, NULL, 0, "No such file or directory");
  char longest[256] = {0};
  memset(longest, 'x', sizeof longest - 1);
  assert_cannot_save(longest, "File name too long");
  assert_int_equal(folder_count(), 3);
  json_decref(state);
}

static void asking_leaves_things_as_they_are(void **unused) {
  (void)unused;
  assert_true(checkpoint_can_save(name));
  assert_int_equal(folder_count(), 0);
  save_version(7);
  assert_true(checkpoint_can_save(name));
  assert_int_equal(loaded_version(), 7);
  assert_int_equal(folder_count(), 1);
}

static void what_no_reader_would_take_is_not_written(void **unused) {
  (void)unused;
  float data[1] = {0};
  char longest[CHECKPOINT_MAX_NAME + 2] = {0};
  memset(longest, 'x', sizeof longest - 1);
  const struct checkpoint_tensor wrong[][2] = {
      {{"same", data, 1}, {"same", data, 1}}, {{"a", data, 1}, {"", data, 1}},
      {{"a", data, 1}, {"tab\t", data, 1}},   {{"a", data, 1}, {"\xc3\xa9", data, 1}},
      {{"a", data, 1}, {longest, data, 1}},   {{"a", data, 1}, {"none", data, 0}},
  };
  json_t *state = json_object(), *deep = json_object(), *wide = json_object();
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    assert_not_saved(name, state, wrong[i], 2, "not its tensors");
  assert_not_saved(name, json_null(), NULL, 0, "no checkpoint's state");
  for (int i = 0; i < CHECKPOINT_MAX_DEPTH; i++) deep = json_pack("{s:o}", "in", deep);
  assert_not_saved(name, deep, NULL, 0, "larger or deeper");
  char *text = malloc(CHECKPOINT_MAX_HEADER + 1);
  assert_non_null(text);
  memset(text, 'x', CHECKPOINT_MAX_HEADER);
  text[CHECKPOINT_MAX_HEADER] = '\0';
  json_object_set_new(wide, "text", json_string(text));
  assert_not_saved(name, wide, NULL, 0, "larger or deeper");
  assert_int_equal(folder_count(), 0);
  free(text);
  json_decref(state);
  json_decref(deep);
  json_decref(wide);
}

/* In a folder and over a file of these modes, as one who is not root. */
static void assert_needs_permission(mode_t folder, mode_t file) {
  save_version(1);
  assert_int_equal(chmod(name, file), 0);
  assert_int_equal(chmod(".", folder), 0);
  const pid_t child = fork();
  if (child == 0) {
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) _exit(2);
    if (!freopen("/dev/null", "w", stderr)) _exit(2);
    json_t *state = json_object();
    _exit(checkpoint_can_save(name) || checkpoint_save(name, state, NULL, 0) ||
          (folder != 0777 && checkpoint_can_save("new")));
  }
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(chmod(".", 0755), 0);
  assert_int_equal(chmod(name, 0644), 0);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);
  assert_int_equal(loaded_version(), 1);
  assert_int_equal(folder_count(), 1);
}

static void without_permission_nothing_is_written(void **unused) {
  (void)unused;
  assert_needs_permission(0555, 0666);
  assert_needs_permission(0777, 0444);
}

/* Lets no file grow beyond `limit` bytes, as a full disk does; returns whether 100,000 floats could then be saved. */
static bool saved_within(rlim_t limit, bool ignored) {
  static float data[100000];
  const pid_t child = fork();
  if (child == 0) {
    const struct rlimit files = {limit, limit};
    if (ignored) signal(SIGXFSZ, SIG_IGN);
    if (!freopen("/dev/null", "w", stderr) || setrlimit(RLIMIT_FSIZE, &files) != 0) _exit(2);
    json_t *state = json_pack("{s:i}", "version", 2);
    _exit(!checkpoint_save(name, state, &(struct checkpoint_tensor){"data", data, 100000}, 1));
  }
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  if (WIFSIGNALED(status)) {
    assert_false(ignored);
    assert_int_equal(WTERMSIG(status), SIGXFSZ);
    return false;
  }
  assert_in_range(WEXITSTATUS(status), 0, 1);
  return WEXITSTATUS(status) == 0;
}

static void a_limit_on_files_leaves_the_older_one(void **unused) {
  (void)unused;
  static const rlim_t limits[] = {0, 1, 24, 100, 128, 4096, 400000};
  save_version(1);
  for (size_t i = 0; i < 2 * sizeof limits / sizeof *limits; i++) {
    assert_false(saved_within(limits[i / 2], i % 2));
    assert_int_equal(loaded_version(), 1);
    assert_int_equal(folder_count(), 1);
  }
  assert_true(saved_within(1 << 20, true));
}

/* Only some may mount one; for the others stands the limit above. */
static void a_full_disk_leaves_the_older_file(void **unused) {
  (void)unused;
  static float data[100000];
  assert_int_equal(mkdir("small", 0777), 0);
  if (geteuid() != 0 || mount("tmpfs", "small", "tmpfs", 0, "size=64k") != 0) skip(); /* only root may */
  assert_int_equal(chdir("small"), 0);
  assert_int_equal(umount2("../small", MNT_DETACH), 0); /* it stays while this program works in it */
  save_version(1);
  json_t *state = json_object();
  assert_not_saved(name, state, &(struct checkpoint_tensor){"data", data, 100000}, 1, "No space left on device");
  assert_int_equal(loaded_version(), 1);
  assert_int_equal(folder_count(), 1);
  save_version(2);
  assert_int_equal(loaded_version(), 2);
  json_decref(state);
}

/* Whoever makes a folder of the name meanwhile keeps it. */
static void what_comes_in_between_is_not_replaced(void **unused) {
  (void)unused;
  struct whole_file file;
  assert_true(whole_file_open_replacing(&file, name));
  assert_int_equal(mkdir(name, 0777), 0);
  complaint_begin();
  const bool finished = whole_file_finish(&file, "data", 4);
  complaint_end("Is a directory");
  assert_false(finished);
  assert_int_equal(folder_count(), 1);
}

/* ---- programs that are killed ------------------------------------------------------------------------------------ */

/* A child that saves version after version, and ends only if it cannot. */
static pid_t start_saving(int version) {
  const pid_t child = fork();
  if (child == 0) {
    while (saves_version(version)) version++;
    _exit(1);
  }
  return child;
}

static void assert_saving(pid_t child) { assert_int_equal(waitpid(child, NULL, WNOHANG), 0); }

static void stop_saving(pid_t child) {
  assert_int_equal(kill(child, SIGKILL), 0);
  assert_int_equal(waitpid(child, NULL, 0), child);
}

/* Killed wherever it is when a few of its files have been seen. */
static void a_killed_program_leaves_a_whole_file(void **unused) {
  (void)unused;
  struct random random;
  random_seed(&random, 1);
  save_version(0);
  int version = 0;
  for (int kill = 0; kill < 50; kill++) {
    const int until = version + (int)random_below(&random, 4);
    const pid_t child = start_saving(version + 1);
    for (int seen = version; seen < until; seen = loaded_version()) assert_saving(child);
    stop_saving(child);
    const int now = loaded_version();
    assert_true(now >= until);
    version = now;
    assert_in_range(folder_count(), 1, 2); /* a staged file, where it was killed within those microseconds */
  }
  save_version(version + 1);
  assert_int_equal(folder_count(), 1);
}

static void what_a_killed_program_left_is_removed(void **unused) {
  (void)unused;
  save_version(1);
  file_write("model.checkpoint.gradmark-part", "anything", 8);
  save_version(2);
  assert_int_equal(loaded_version(), 2);
  assert_int_equal(folder_count(), 1);
}

/* Whoever is last: every file that is seen is whole. */
static void programs_that_save_at_once_do_not_mix(void **unused) {
  (void)unused;
  enum { EACH = 1000000, LOOKS = 300 };
  pid_t child[3];
  bool seen[3] = {false};
  save_version(0);
  for (int i = 0; i < 3; i++) child[i] = start_saving(EACH * i + 1);
  for (int i = 0; i < LOOKS || !(seen[0] && seen[1] && seen[2]); i++) {
    const int version = loaded_version();
    if (version) seen[version / EACH] = true;
    for (int k = 0; k < 3; k++) assert_saving(child[k]);
    usleep(1000);
  }
  for (int i = 0; i < 3; i++) stop_saving(child[i]);
}

int main(void) {
#define TEST(function) cmocka_unit_test_setup_teardown(function, folder_enter, folder_leave)
  const struct CMUnitTest tests[] = {
      TEST(every_float_comes_back_to_the_bit),
      TEST(the_state_comes_back_exactly),
      TEST(a_tensor_is_found_by_name_and_size),
      TEST(an_older_file_is_replaced),
      TEST(every_flipped_bit_is_noticed),
      TEST(every_other_length_is_noticed),
      TEST(wrong_headers_under_right_checksums_are_refused),
      TEST(limits_of_the_header_are_kept),
      TEST(there_may_be_4096_tensors),
      TEST(what_is_larger_than_the_memory_is_refused),
      TEST(what_is_no_file_is_refused),
      TEST(asking_leaves_things_as_they_are),
      TEST(what_no_reader_would_take_is_not_written),
      TEST(without_permission_nothing_is_written),
      TEST(a_limit_on_files_leaves_the_older_one),
      TEST(a_full_disk_leaves_the_older_file),
      TEST(what_comes_in_between_is_not_replaced),
      TEST(a_killed_program_leaves_a_whole_file),
      TEST(what_a_killed_program_left_is_removed),
      TEST(programs_that_save_at_once_do_not_mix),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
