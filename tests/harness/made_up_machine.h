/* A machine made up of files in a temporary directory, for the tests of harness/machine. */
#ifndef GRADMARK_MADE_UP_MACHINE_H
#define GRADMARK_MADE_UP_MACHINE_H

/* Ended by a NULL path. A NULL text removes the file. */
struct made_up_file {
  const char *path, *text;
};

/* Writes four cores of one x86 package, each with one thread, with nothing to complain about, into a new directory;
 * gives its path, to be freed by forget_machine. */
char *make_up_machine(void);

/* A new directory that shows nothing at all. */
char *make_up_nothing(void);

void change_machine(const char *root, const struct made_up_file *files);
void forget_machine(char *root);

#endif
