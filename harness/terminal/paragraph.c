#include "terminal/paragraph.h"

#include <stdio.h>
#include <string.h>

enum { LINE_WIDTH = 100 };

struct paragraph paragraph_begin(const char *label, int indent) {
  const int length = (int)strlen(label), column = length < indent ? indent : length + 1;
  printf("%-*s", column, label);
  return (struct paragraph){.column = column, .indent = indent};
}

void paragraph_say(struct paragraph *paragraph, const char *text) {
  while (*text) {
    const int length = (int)strcspn(text, " ");
    if (paragraph->column > paragraph->indent && paragraph->column + 1 + length > LINE_WIDTH) {
      printf("\n%*s", paragraph->indent, "");
      paragraph->column = paragraph->indent;
    } else if (paragraph->column > paragraph->indent) {
      putchar(' ');
      paragraph->column++;
    }
    printf("%.*s", length, text);
    paragraph->column += length;
    text += length + (text[length] == ' ');
  }
}

void paragraph_attach(struct paragraph *paragraph, const char *mark) {
  fputs(mark, stdout);
  paragraph->column += (int)strlen(mark);
}

void paragraph_end(struct paragraph *paragraph) {
  putchar('\n');
  paragraph->column = paragraph->indent;
}
