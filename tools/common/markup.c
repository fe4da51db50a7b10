/* Escapes text for HTML, SVG and XML. */
#include "common/markup.h"

void markup_print(FILE *out, const char *text) {
  for (; *text; text++) {
    switch (*text) {
    case '&':
      fputs("&amp;", out);
      break;
    case '<':
      fputs("&lt;", out);
      break;
    case '>':
      fputs("&gt;", out);
      break;
    case '"':
      fputs("&quot;", out);
      break;
    default:
      fputc((unsigned char)*text < ' ' ? ' ' : *text, out);
    }
  }
}
