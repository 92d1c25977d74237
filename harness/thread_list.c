#include "thread_list.h"

#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "machine/environment.h"
#include "team.h"

bool thread_list_add(struct thread_list *list, long count) {
  for (int i = 0; i < list->counts; i++)
    if (list->count[i] == count) return true;
  if (list->counts == THREAD_LIST_MOST)
    return cli_fail("--threads names more than %d thread counts", THREAD_LIST_MOST), false;
  list->count[list->counts++] = (int)count;
  return true;
}

static void complain_of_processors(long count, long all, const struct machine *machine) {
  const char *binding = environment_openmp_binding(&(struct environment_source){.root = ""}, machine);
  if (binding)
    cli_fail("--threads %ld: %s makes the OpenMP runtime bind this process to %ld of %u processing units; unset it",
             count, binding, all, machine->online_pus);
  else
    cli_fail("--threads %ld: this process may use %ld processing unit%s, and threads that share one measure each other",
             count, all, all == 1 ? "" : "s");
}

bool thread_list_read(struct thread_list *list, const char *text, const struct machine *machine) {
  const long cores = machine->cores < GM_MAX_THREADS ? machine->cores : GM_MAX_THREADS;
  const long all = machine->pus < GM_MAX_THREADS ? machine->pus : GM_MAX_THREADS;
  for (const char *at = text; *at;) {
    char word[32];
    long count;
    const size_t length = strcspn(at, ",");
    snprintf(word, sizeof word, "%.*s", (int)length, at);
    if (strcmp(word, "all") == 0)
      count = cores;
    else if (!cli_number("threads", word, 1, GM_MAX_THREADS, &count))
      return false;
    if (count > all) return complain_of_processors(count, all, machine), false;
    if (!thread_list_add(list, count)) return false;
    at += length + (at[length] == ',');
  }
  return true;
}

int thread_list_most(const struct thread_list *list) {
  int most = 1;
  for (int i = 0; i < list->counts; i++)
    if (list->count[i] > most) most = list->count[i];
  return most;
}

bool thread_list_held(const struct thread_list *list) {
  const char *why_not = team_why_not(thread_list_most(list));
  return !why_not || (cli_fail("%s", why_not), false);
}
