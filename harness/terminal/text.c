#include "terminal/text.h"

#include <math.h>
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

void paragraph_print(const char *label, int indent, const char *text) {
  struct paragraph paragraph = paragraph_begin(label, indent);
  paragraph_say(&paragraph, text);
  paragraph_end(&paragraph);
}

const char *seconds_text(double seconds, char *text, size_t size) {
  if (isnan(seconds))
    snprintf(text, size, "-");
  else if (seconds < 0.9995e-3)
    snprintf(text, size, "%.3g us", 1e6 * seconds);
  else if (seconds < 0.9995)
    snprintf(text, size, "%.3g ms", 1e3 * seconds);
  else
    snprintf(text, size, seconds < 999.5 ? "%.3g s" : "%.0f s", seconds);
  return text;
}

const char *bytes_text(double bytes, char *text, size_t size) {
  static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  int unit = 0;
  while (bytes >= 1000 && unit < 4) bytes /= 1024, unit++;
  snprintf(text, size, "%.3g %s", bytes, units[unit]);
  return text;
}

void print_three_digits(int width, double x) {
  if (isnan(x)) {
    printf(" %*s", width, "-");
    return;
  }
  const int decimals = x >= 100 ? 0 : x >= 10 ? 1 : x >= 1 ? 2 : x >= 0.1 ? 3 : 4;
  printf(" %*.*f", width, decimals, x);
}

void print_warnings(const struct environment *environment, size_t first) {
  for (size_t i = first; i < environment->warnings; i++) {
    const struct environment_warning *w = &environment->warning[i];
    char sentences[3 * ENVIRONMENT_SENTENCE + 8];
    snprintf(sentences, sizeof sentences, "%s. %s. %s.", w->what, w->cause, w->cure);
    paragraph_print("warning:", 9, sentences);
  }
}
