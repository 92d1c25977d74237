/* Sentences on the terminal, wrapped and hanging from a label. */
#ifndef GRADMARK_PARAGRAPH_H
#define GRADMARK_PARAGRAPH_H

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

#endif
