/* A plug-in's code runs in this process and may end it, with whatever exit code. So a program with plug-ins is two
 * processes: one that does everything, and one that waits for it and knows whether it ended by itself. */
#ifndef GRADMARK_GUARDIAN_H
#define GRADMARK_GUARDIAN_H

/* What of somebody else's is being called. */
enum foreign {
  FOREIGN_NONE,
  FOREIGN_CONSTRUCTOR,
  FOREIGN_RUNNABLE,
  FOREIGN_PREPARE,
  FOREIGN_RUN,
  FOREIGN_TILES,
  FOREIGN_SCRATCH_BYTES,
  FOREIGN_CONCLUDE,
  FOREIGN_APPLY,
  FOREIGN_TIMED, /* any of a body's, while it is timed */
};

/* "in its `run`" */
const char *foreign_description(enum foreign what);

/* Runs a command in a process of its own, before there are any threads, and returns its exit code; if something else
 * ended it, says what and returns EXIT_FAILED. */
int guardian_run(int (*command)(int argc, char **argv), int argc, char **argv);

/* Whose code is called next: an implementation, or a plug-in. */
void guardian_name(const char *name);

/* Thread `place`, of at most GM_MAX_THREADS, is inside foreign code from now on; FOREIGN_NONE: it has come back.
 * Returns where it was before. */
enum foreign guardian_mark(int place, enum foreign what);

/* Ends the process with EXIT_FAILED, as nothing can go on after what was named last: that is said. For a signal
 * handler. */
_Noreturn void guardian_give_up(void);

/* A file that would be left behind if the process ended now; NULL: there is none any more. One at a time. */
void guardian_file(const char *path);

#endif
