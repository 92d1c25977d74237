/* What is shown on the terminal: sentences that are wrapped, figures with few digits and their units, warnings. */
#ifndef GRADMARK_TEXT_H
#define GRADMARK_TEXT_H

#include <stddef.h>

#include "machine/environment.h"

/* Sentences, wrapped and hanging from a label. */
struct paragraph {
  int column, indent;
};

/* Prints `label`, padded to `indent` columns. */
struct paragraph paragraph_begin(const char *label, int indent);
/* Goes on with the words of `text`. */
void paragraph_say(struct paragraph *paragraph, const char *text);
/* Puts a mark right behind the last word. */
void paragraph_attach(struct paragraph *paragraph, const char *mark);
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
