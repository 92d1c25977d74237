#include "run/words.h"

#include <stdio.h>
#include <string.h>

enum { LINE_WIDTH = 100 };

struct words words_begin(const char *label, int indent) {
  const int length = (int)strlen(label), column = length < indent ? indent : length + 1;
  printf("%-*s", column, label);
  return (struct words){.column = column, .indent = indent};
}

void words_say(struct words *words, const char *text) {
  while (*text) {
    const int length = (int)strcspn(text, " ");
    if (words->column > words->indent && words->column + 1 + length > LINE_WIDTH) {
      printf("\n%*s", words->indent, "");
      words->column = words->indent;
    } else if (words->column > words->indent) {
      putchar(' ');
      words->column++;
    }
    printf("%.*s", length, text);
    words->column += length;
    text += length + (text[length] == ' ');
  }
}

void words_attach(struct words *words, const char *mark) {
  fputs(mark, stdout);
  words->column += (int)strlen(mark);
}

void words_end(struct words *words) {
  putchar('\n');
  words->column = words->indent;
}
