#include "team.h"

#include <ctype.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#ifdef _OPENMP
#include <omp.h>

void team_settle(void) {
  omp_set_dynamic(0);
  omp_set_max_active_levels(1);
}

static int most_in_a_team(void) { return omp_get_thread_limit(); }

int team_given(int threads) {
  int team = 0;
#pragma omp parallel num_threads(threads)
#pragma omp master
  team = omp_get_num_threads();
  return team;
}
#else
void team_settle(void) {}

static int most_in_a_team(void) { return 1; }

int team_given(int threads) { return threads; }
#endif

static void *wait_for_all(void *all) {
  pthread_mutex_lock(all);
  pthread_mutex_unlock(all);
  return NULL;
}

static nlink_t threads_alive(void) {
  struct stat tasks;
  return stat("/proc/self/task", &tasks) == 0 ? tasks.st_nlink : 0;
}

/* A thread that was waited for counts for a moment longer, by the limits of a user and of a control group. */
static void wait_until_gone(nlink_t before) {
  enum { MOST_TURNS = 1000000 };
  for (int i = 0; i < MOST_TURNS && threads_alive() > before; i++) sched_yield();
}

/* A number and its unit, K where there is none; 0 if it is something else, of which OpenMP takes no notice. */
static size_t stack_bytes(const char *text) {
  static const char units[] = "BKMG", spaces[] = " \t\n\v\f\r";
  char *end;
  errno = 0;
  const unsigned long long number = strtoull(text, &end, 10);
  if (end == text || errno != 0 || strchr(text, '-')) return 0;
  end += strspn(end, spaces);
  const char *unit = *end ? strchr(units, toupper((unsigned char)*end)) : &units[1];
  if (!unit || (*end && end[1 + strspn(end + 1, spaces)])) return 0;
  const int shift = 10 * (int)(unit - units);
  return number > SIZE_MAX >> shift ? 0 : (size_t)number << shift;
}

/* That of OpenMP's threads; where none was asked for, or one that no thread can have, the system's. */
static void set_stack_size(pthread_attr_t *attributes) {
  static const char *const names[] = {"OMP_STACKSIZE", "GOMP_STACKSIZE"};
  size_t bytes = 0;
  for (size_t i = 0; i < sizeof names / sizeof *names && bytes == 0; i++) {
    const char *text = getenv(names[i]);
    if (text) bytes = stack_bytes(text);
  }
  if (bytes) pthread_attr_setstacksize(attributes, bytes);
}

/* Words of team_why_not. */
static char sentence[200];

static const char *system_why_not(int threads) {
  const int team = threads < most_in_a_team() ? threads : most_in_a_team();
  const int wanted = 2 * team - 1; /* those of the team before it may still be counted while it is made */
  pthread_mutex_t all = PTHREAD_MUTEX_INITIALIZER;
  pthread_t *other = calloc((size_t)wanted, sizeof *other);
  pthread_attr_t attributes;
  const nlink_t before = threads_alive();
  int had = 1, why = 0;
  if (!other) return "there is no memory for threads";
  pthread_attr_init(&attributes);
  set_stack_size(&attributes);
  pthread_mutex_lock(&all);
  while (had < wanted && (why = pthread_create(&other[had], &attributes, wait_for_all, &all)) == 0) had++;
  pthread_mutex_unlock(&all);
  for (int i = 1; i < had; i++) pthread_join(other[i], NULL);
  pthread_attr_destroy(&attributes);
  free(other);
  wait_until_gone(before);
  if (had >= wanted) return NULL;
  snprintf(sentence, sizeof sentence,
           "%d threads are needed, up to %d while a team is made, and the system gives %d: %s (ulimit -u, -v or -s, "
           "OMP_STACKSIZE, or a control group's pids.max)",
           team, wanted, had, strerror(why));
  return sentence;
}

const char *team_why_not(int threads) {
  const char *refused = system_why_not(threads);
  if (refused) return refused;
  const int team = team_given(threads);
  if (team >= threads) return NULL;
  snprintf(sentence, sizeof sentence, "%d threads are needed, and OpenMP gives %d: raise OMP_THREAD_LIMIT, or unset it",
           threads, team);
  return sentence;
}
