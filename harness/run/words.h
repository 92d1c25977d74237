/* Sentences on the terminal, wrapped and hanging from a label. */
#ifndef GRADMARK_WORDS_H
#define GRADMARK_WORDS_H

struct words {
  int column, indent;
};

/* Prints `label`, padded to `indent` columns. */
struct words words_begin(const char *label, int indent);
/* Goes on with the words of `text`. */
void words_say(struct words *words, const char *text);
/* Puts a mark right behind the last word. */
void words_attach(struct words *words, const char *mark);
void words_end(struct words *words);

#endif
