/* What is shown on the terminal: sentences that are wrapped, figures with few digits and their units, warnings. */
#ifndef GRADMARK_TEXT_H
#define GRADMARK_TEXT_H

#include <stddef.h>

#include "machine/environment.h"

/* Sentences, wrapped and hanging from a label that is padded to `indent` columns and shown with the first of them. */
struct paragraph {
  const char *label;
  int indent, column; /* column 0: nothing was said yet */
};

/* Goes on with the words of a text of fewer than 600 bytes; what is longer is cut. */
__attribute__((format(printf, 2, 3))) void paragraph_say(struct paragraph *paragraph, const char *format, ...);
/* Puts a mark right behind the last word. */
void paragraph_attach(struct paragraph *paragraph, const char *mark);
/* Ends the line, if anything was said. */
void paragraph_end(struct paragraph *paragraph);
/* A whole paragraph. */
void paragraph_print(const char *label, int indent, const char *text);

/* A number with the three digits that count, in `width` columns after a space: 0.0432, 2.84, 139; "-" for a NaN. */
void print_three_digits(int width, double x);

/* "21.9 us", "158 ms", "3.06 s"; "-" for a NaN. */
const char *seconds_text(double seconds, char *text, size_t size);

/* "313 KiB", "14.5 MiB" */
const char *bytes_text(double bytes, char *text, size_t size);

/* Those from the `first` on. */
void print_warnings(const struct environment *environment, size_t first);

#endif
