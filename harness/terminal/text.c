#include "terminal/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LINE_WIDTH = 100 };

/* How many columns of the terminal the text takes; UTF-8's continuation bytes take none. */
static int columns(const char *text, size_t length) {
  int count = 0;
  for (size_t i = 0; i < length; i++) count += ((unsigned char)text[i] & 0xc0) != 0x80;
  return count;
}

/* Control characters, which firmware or the environment may hold, are not passed on to the terminal. */
static void print_word(const char *word, size_t length) {
  for (size_t i = 0; i < length; i++) putchar((unsigned char)word[i] < ' ' || word[i] == 0x7f ? '?' : word[i]);
}

void paragraph_say(struct paragraph *p, const char *format, ...) {
  char text[600];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (!p->column) {
    const int length = (int)strlen(p->label);
    p->column = length < p->indent ? p->indent : length + 1;
    printf("%-*s", p->column, p->label);
  }
  for (const char *word = text; *word;) {
    const size_t length = strcspn(word, " ");
    const int wide = columns(word, length);
    if (p->column > p->indent && p->column + 1 + wide > LINE_WIDTH) {
      printf("\n%*s", p->indent, "");
      p->column = p->indent;
    } else if (p->column > p->indent) {
      putchar(' ');
      p->column++;
    }
    print_word(word, length);
    p->column += wide;
    word += length + strspn(word + length, " ");
  }
}

void paragraph_attach(struct paragraph *p, const char *mark) {
  fputs(mark, stdout);
  p->column += (int)strlen(mark);
}

void paragraph_end(struct paragraph *p) {
  if (p->column) putchar('\n');
  p->column = 0;
}

void paragraph_print(const char *label, int indent, const char *text) {
  struct paragraph paragraph = {label, indent, 0};
  paragraph_say(&paragraph, "%s", text);
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
  while (bytes >= 999.5 && unit < 4) bytes /= 1024, unit++;
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
    struct paragraph paragraph = {"warning:", 9, 0};
    for (int k = 0; k < 3; k++) paragraph_say(&paragraph, "%s.", k == 0 ? w->what : k == 1 ? w->cause : w->cure);
    paragraph_end(&paragraph);
  }
}
