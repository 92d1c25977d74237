#include "team.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#ifdef _OPENMP
#include <omp.h>
#endif

static int most_in_a_team(void) {
#ifdef _OPENMP
  return omp_get_thread_limit();
#else
  return 1;
#endif
}

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

const char *team_why_not(int threads) {
  static char sentence[200];
  const int wanted = threads < most_in_a_team() ? threads : most_in_a_team();
  pthread_mutex_t all = PTHREAD_MUTEX_INITIALIZER;
  pthread_t *other = calloc((size_t)wanted, sizeof *other);
  const nlink_t before = threads_alive();
  int had = 1, why = 0;
  if (!other) return "there is no memory for threads";
  pthread_mutex_lock(&all);
  while (had < wanted && (why = pthread_create(&other[had], NULL, wait_for_all, &all)) == 0) had++;
  pthread_mutex_unlock(&all);
  for (int i = 1; i < had; i++) pthread_join(other[i], NULL);
  free(other);
  wait_until_gone(before);
  if (had >= wanted) return NULL;
  snprintf(sentence, sizeof sentence,
           "%d threads are needed, and the system gives %d: %s (ulimit -u, -v or -s, or a %s)", wanted, had,
           strerror(why), "control group's pids.max");
  return sentence;
}
