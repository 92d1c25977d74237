#include "results/circumstance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "build_info.h"
#include "by_name.h"
#include "cli.h"
#include "revision.h"

json_t *circumstance_number(double x) { return isfinite(x) ? json_real(x) : json_null(); }

json_t *circumstance_text(const char *text) {
  json_t *string = text && *text ? json_string(text) : NULL;
  return string ? string : json_null();
}

json_t *circumstance_build(void) {
  return json_pack("{s:s, s:o, s:o, s:s, s:s, s:s, s:s, s:s}", "version", gm_version(), "revision",
                   circumstance_text(GRADMARK_REVISION), "bundle", circumstance_text(getenv("GRADMARK_BUNDLE")),
                   "compiler", GRADMARK_COMPILER, "compiler_version", GRADMARK_COMPILER_VERSION, "build_type",
                   GRADMARK_BUILD_TYPE, "kernel_flags", GRADMARK_KERNEL_FLAGS, "isa_flags", GRADMARK_ISA_FLAGS);
}

json_t *circumstance_command(int argc, char **argv) {
  json_t *command = json_array();
  for (int i = 0; i < argc; i++) json_array_append_new(command, circumstance_text(argv[i]));
  return command;
}

void circumstance_time(char text[CIRCUMSTANCE_TIME]) {
  const time_t now = time(NULL);
  struct tm tm;
  gmtime_r(&now, &tm);
  strftime(text, CIRCUMSTANCE_TIME, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

bool circumstance_write(json_t *root, struct whole_file *file) {
  char *text = root ? json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) : NULL;
  json_decref(root);
  if (!text) {
    whole_file_abandon(file);
    cli_fail("no memory for the result file");
    return false;
  }
  const bool written = whole_file_finish(file, text, strlen(text));
  free(text);
  return written;
}
