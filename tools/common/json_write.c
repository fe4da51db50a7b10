/* Escapes strings for JSON. */
#include "common/json_write.h"

void json_put_string(FILE *out, const char *text) {
  fputc('"', out);
  for (; *text; text++) {
    unsigned char c = (unsigned char)*text;
    if (c < ' ' || c == '<') {
      fprintf(out, "\\u%04x", c);
    } else if (c == '"' || c == '\\') {
      fprintf(out, "\\%c", c);
    } else {
      fputc(c, out);
    }
  }
  fputc('"', out);
}
