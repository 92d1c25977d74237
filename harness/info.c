/* `gradmark info`: this machine, what runs on it, and what may disturb a measurement. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "machine/clock.h"
#include "machine/describe.h"
#include "machine/environment.h"
#include "machine/placement.h"
#include "machine/topology.h"
#include "measure/group.h"
#include "team.h"
#include "terminal/text.h"

enum { LABEL = 28, FIGURE = 24 };

/* ---- for people ------------------------------------------------------------------------------------------------- */

/* Bold and yellow on a terminal, nothing elsewhere. */
struct style {
  const char *strong, *alert, *plain;
};

static struct style choose_style(void) {
  const char *refused = getenv("NO_COLOR"), *terminal = getenv("TERM");
  const bool coloured = isatty(STDOUT_FILENO) && !(refused && *refused) && !(terminal && !strcmp(terminal, "dumb"));
  return coloured ? (struct style){"\033[1m", "\033[33m", "\033[0m"} : (struct style){"", "", ""};
}

/* From column `column` on, to the end of the line or the paragraph. */
static void print_wrapped(const char *text, int column) {
  struct paragraph paragraph = {"", column, column};
  paragraph_say(&paragraph, "%s", text);
  paragraph_end(&paragraph);
}

__attribute__((format(printf, 2, 3))) static void print_line(const char *label, const char *format, ...) {
  char text[512];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  printf("  %-*s", LABEL, label);
  print_wrapped(text, 2 + LABEL);
}

static void print_heading(const struct style *style, const char *title) {
  printf("\n%s%s%s\n", style->strong, title, style->plain);
}

static const char *or_unknown(const char *text) { return text && text[0] ? text : "not visible"; }

static const char *count_text(unsigned count, const char *unit, char text[FIGURE]) {
  if (count == 0)
    snprintf(text, FIGURE, "?");
  else
    snprintf(text, FIGURE, "%u%s", count, unit);
  return text;
}

static void show_processor(const struct machine *machine) {
  const struct machine_processor *processor = &machine->processor;
  char ids[160] = "";
  if (processor->family >= 0)
    snprintf(ids, sizeof ids, ", family %d, model %d, stepping %d", processor->family, processor->model,
             processor->stepping);
  print_line("name", "%s", or_unknown(processor->name));
  print_line("vendor", "%s%s", or_unknown(processor->vendor), ids);
  print_line("microcode", "%s", or_unknown(processor->microcode));
  if (machine->hypervisor == MACHINE_YES)
    print_line("machine", "virtual, under %s%s%s",
               machine->hypervisor_name[0] ? machine->hypervisor_name : "an unknown hypervisor",
               machine->product[0] ? ": " : "", machine->product);
  else
    print_line("machine", "%s", or_unknown(machine->product));
  print_line("host", "%s", or_unknown(machine->host));
  print_line("system", "%s, %s, %s", machine->system[0] ? machine->system : "unknown distribution",
             machine->kernel[0] ? machine->kernel : "unknown kernel", or_unknown(processor->architecture));
}

static void show_caches(const struct machine *machine) {
  printf("\n  %-9s%10s%10s%8s%18s%10s\n", "cache", "size", "line", "ways", "threads sharing", "caches");
  for (int level = 0; level < MACHINE_LEVELS; level++) {
    const struct machine_cache *cache = &machine->cache[level];
    char name[24], size[FIGURE], line[FIGURE], ways[FIGURE], shared[FIGURE], count[FIGURE];
    snprintf(name, sizeof name, "L%d%s", level + 1, cache->bytes && !cache->unified ? " data" : "");
    if (!cache->bytes) {
      printf("  %-9snot visible, or there is none\n", name);
      continue;
    }
    printf("  %-9s%10s%10s%8s%18s%10s%s\n", name, bytes_text((double)cache->bytes, size, sizeof size),
           count_text((unsigned)cache->line, " B", line), count_text(cache->ways, "", ways),
           count_text(cache->shared_by, "", shared), count_text(cache->count, "", count),
           cache->uniform ? "" : "  (the smallest)");
  }
}

static const char *plural(unsigned count) { return count == 1 ? "" : "s"; }

static void show_topology(const struct machine *machine) {
  char online[FIGURE];
  print_line("seen through", "%s", machine->topology_source);
  print_line("usable cores", "%u", machine->cores);
  print_line("usable hardware threads", "%u of %s, %u per core", machine->pus,
             count_text(machine->online_pus, "", online), machine->smt);
  print_line("usable places", "%u package%s, %u NUMA node%s", machine->packages, plural(machine->packages),
             machine->numa_nodes, plural(machine->numa_nodes));
  show_caches(machine);
}

static void show_isas(const gm_library *library) {
  printf("  %-14s%-11s%-11s%s\n", "ISA", "compiled", "runnable", "needs, or why not");
  for (size_t i = 0; i < gm_isa_count(library); i++) {
    const gm_isa *isa = gm_isa_at(library, i);
    const bool runnable = isa->compiled && isa->supported && isa->allowed;
    printf("  %-14s%-11s%-11s", isa->name, isa->compiled ? "yes" : "no", runnable ? "yes" : "no");
    print_wrapped(runnable ? isa->requires : or_unknown(isa->why_not), 2 + 14 + 11 + 11);
  }
}

static void show_bytes(const char *label, uint64_t bytes, const char *where_none) {
  char text[FIGURE];
  print_line(label, "%s", bytes ? bytes_text((double)bytes, text, sizeof text) : where_none);
}

static void show_memory(const struct machine_memory *memory) {
  show_bytes("total", memory->total, "not visible");
  show_bytes("available now", memory->available, "not visible");
  show_bytes("limit of control groups", memory->limit, "none seen");
  show_bytes("page", memory->page, "not visible");
}

static int count_items(const struct environment *environment, enum environment_state state) {
  int count = 0;
  for (int i = 0; i < ENVIRONMENT_ITEMS; i++) count += environment->item[i].state == state;
  return count;
}

static void show_items(const struct environment *environment, enum environment_state state) {
  for (int i = 0; i < ENVIRONMENT_ITEMS; i++)
    if (environment->item[i].state == state) print_line(environment->item[i].label, "%s", environment->item[i].value);
}

static void show_warning(const struct style *style, const struct environment *environment,
                         const struct environment_warning *warning) {
  enum { INSET = 11 };
  const struct environment_item *item = environment_find(environment, warning->id);
  printf("  %s%-*s%s", style->alert, LABEL, item ? item->label : warning->id, style->plain);
  print_wrapped(item ? item->value : "", 2 + LABEL);
  paragraph_print("    what", INSET, warning->what);
  paragraph_print("    cause", INSET, warning->cause);
  paragraph_print("    cure", INSET, warning->cure);
}

static void show_environment(const struct style *style, const struct environment *environment) {
  const int warned = count_items(environment, ENVIRONMENT_WARNED);
  const int hidden = count_items(environment, ENVIRONMENT_NOT_VISIBLE);
  print_heading(style, "Environment: fine");
  show_items(environment, ENVIRONMENT_FINE);
  if (warned > 0) print_heading(style, "Environment: may disturb a measurement");
  for (size_t i = 0; i < environment->warnings; i++) {
    if (i > 0) putchar('\n');
    show_warning(style, environment, &environment->warning[i]);
  }
  if (hidden > 0) print_heading(style, "Environment: not visible, so nobody can say");
  show_items(environment, ENVIRONMENT_NOT_VISIBLE);
  printf("\n%d fine, %d warned, %d not visible\n", count_items(environment, ENVIRONMENT_FINE), warned, hidden);
}

/* What was seen while the processors were watched, for a hypervisor may move them. */
struct watched {
  struct placement_log log;
  char why_not[200]; /* "" where they were watched */
};

static void show_placement(const struct machine *machine, const struct watched *watched) {
  struct placement_summary summary;
  char text[256];
  placement_summarize(&watched->log, placement_most_threads(&watched->log), &summary);
  for (size_t i = 0; i < summary.states; i++) {
    placement_description(&summary.found[i], summary.threads, text, sizeof text);
    printf("  %s", text);
    if (summary.states > 1) printf(" (%zu of %zu times)", summary.found[i].probes, summary.known);
    putchar('\n');
  }
  placement_moves(&summary, text, sizeof text);
  if (text[0]) printf("  %s\n", text);
  for (size_t i = 0; i < watched->log.pairs; i++) {
    const struct placement_pair *pair = &watched->log.pair[i];
    char state[PLACEMENT_STATE];
    placement_state(&pair->probe, 2, state);
    if (state[0] && strcmp(state, "2 cores") != 0)
      printf("  processors %u and %u: %s\n", pair->first, pair->second, state);
  }
  if (watched->why_not[0]) paragraph_print("  not watched:", 15, watched->why_not);
  if (machine->hypervisor == MACHINE_YES)
    puts(
        "  a hypervisor may move them at any time between cores, threads of one core and caches, and shows nothing of "
        "it");
  else
    printf("  %s\n", machine->hypervisor == MACHINE_NO
                         ? "there is no hypervisor that might move them"
                         : "whether there is a hypervisor that may move them is not shown");
}

static void show_all(const struct machine *machine, const struct environment *environment,
                     const struct watched *watched, const gm_library *library) {
  const struct style style = choose_style();
  printf("%sgradmark %s%s\n", style.strong, gm_version(), style.plain);
  print_heading(&style, "Processor");
  show_processor(machine);
  print_heading(&style, "Topology");
  show_topology(machine);
  print_heading(&style, "Placement");
  show_placement(machine, watched);
  print_heading(&style, "Instruction sets");
  show_isas(library);
  print_heading(&style, "Memory");
  show_memory(&machine->memory);
  show_environment(&style, environment);
}

/* ---- for programs ----------------------------------------------------------------------------------------------- */

static int print_json(const struct machine *machine, const struct environment *environment,
                      const struct watched *watched, const gm_library *library) {
  json_t *all = json_pack("{s:s, s:s, s:o, s:o, s:o, s:s?, s:o, s:o}", "schema", "gradmark.info/1", "version",
                          gm_version(), "machine", describe_machine(machine), "isas", describe_isas(library),
                          "placement", placement_describe(&watched->log, machine), "placement_why_not",
                          watched->why_not[0] ? watched->why_not : NULL, "environment",
                          describe_environment(environment), "warnings", describe_warnings(environment));
  char *text = all ? json_dumps(all, JSON_INDENT(2)) : NULL;
  json_decref(all);
  if (!text) return cli_fail("there is not enough memory to describe this machine");
  puts(text);
  free(text);
  return EXIT_FINE;
}

/* ---- the command ------------------------------------------------------------------------------------------------ */

/* Why `threads` threads of this machine cannot be watched; NULL if they can. Binds them. */
static const char *why_not_watched(const struct machine *machine, const struct environment *environment, int threads) {
  if (environment->emulated) return "times of an emulator say nothing";
  if (!machine->this_system) return "the topology is another machine's, whose processors are not here";
  const struct environment_source here = {.root = ""};
  if (threads < 2 && environment_openmp_binding(&here, machine))
    return "a variable of the OpenMP runtime binds this process to one core (OMP_PROC_BIND, OMP_PLACES): unset it";
  if (threads < 2) return "there is one usable core, so that no two threads can be apart or together";
  const char *refused = team_why_not(threads);
  if (refused) return refused;
  return group_bind(machine, threads) ? NULL : "the system does not let threads be bound to processors";
}

/* One thread on every usable core. */
static void watch(struct watched *watched, const struct machine *machine, const struct environment *environment) {
  const double seconds = 2, pair_seconds = 1;
  const struct timespec pause = {.tv_nsec = 50 * 1000 * 1000};
  const int threads = machine->cores < GM_MAX_THREADS ? (int)machine->cores : GM_MAX_THREADS;
  const char *why_not = why_not_watched(machine, environment, threads);
  if (why_not) {
    snprintf(watched->why_not, sizeof watched->why_not, "%s", why_not);
    return;
  }
  for (const double begin = clock_seconds(); clock_seconds() - begin < seconds; nanosleep(&pause, NULL)) {
    const struct placement_probe probe = placement_probe(threads);
    placement_log_add(&watched->log, threads, &probe);
  }
  placement_measure_pairs(&watched->log, machine, pair_seconds);
  machine_unbind(machine);
}

static int show(const struct machine *machine, const gm_library *library, bool json) {
  struct environment *environment = malloc(sizeof *environment);
  struct watched watched = {0};
  if (!environment) return cli_fail("there is not enough memory to describe this machine");
  environment_observe(environment, &(struct environment_source){.root = ""}, machine);
  watch(&watched, machine, environment);
  placement_observe(&watched.log, machine, environment);
  int status = EXIT_FINE;
  if (json)
    status = print_json(machine, environment, &watched, library);
  else
    show_all(machine, environment, &watched, library);
  placement_log_free(&watched.log);
  free(environment);
  return status;
}

int command_info(int argc, char **argv) {
  bool json = false;
  const struct cli_option options[] = {
      {.name = "json", .help = "the same facts as one JSON object; what is unknown is null", .on = &json},
      {.name = NULL},
  };
  switch (
      cli_parse(&argc, argv, "gradmark info [--json]",
                "This machine: processor, topology, instruction sets, memory, and what may disturb a measurement,\n"
                "with each warning's cause and cure, and what could not be seen. Watches for two seconds whether a\n"
                "hypervisor moves the processors.",
                options, NULL)) {
    case CLI_HELP_SHOWN: return EXIT_FINE;
    case CLI_WRONG: return EXIT_USAGE;
    case CLI_GO_ON: break;
  }
  gm_library *library = cli_open_library();
  if (!library) return EXIT_USAGE;
  struct machine machine;
  int status;
  if (machine_open(&machine)) {
    status = show(&machine, library, json);
    machine_close(&machine);
  } else {
    status = cli_fail("there is not enough memory to describe this machine");
  }
  gm_close(library);
  return status;
}
