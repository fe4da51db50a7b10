/* What the drop-in reads of a text itself, where the functions stand, and what it puts together
 * from input and output. */
#include "compose.h"
#include "functions.h"
#include "lowering.h"

#include "fuzz.h"

/* The functions stand one behind the other, and end with the text. */
static void check_functions(const char *text, size_t size) {
  function_list list;
  if (!functions_find(text, size, &list)) {
    return;
  }
  for (size_t i = 0; i < list.count; i++) {
    const function_text *function = &list.items[i];
    const char *next = i + 1 < list.count ? list.items[i + 1].begin : text + size;
    if (function->begin < text || function->end != next || function->begin >= function->end ||
        function->name < function->begin ||
        function->name + function->name_length > function->end) {
      abort();
    }
  }
  functions_free(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  lower_request request = {.file = "fuzz.pto",
                           .text = (const char *)data,
                           .length = size,
                           .arch = "",
                           .version = "",
                           .rewrite = size % 3 ? "all" : "pairs",
                           .only_gate_up = size % 2};
  char *text, *lines = NULL;
  size_t length, lines_length;
  FILE *out = open_memstream(&lines, &lines_length);
  check_functions(request.text, size);
  if (out) {
    int status = lower_text(&request, out, &text, &length);
    bool is_answer = status == LOWER_EXIT_UNCHANGED || status == PTOLOWER_REFUSED ||
                     (status == LOWER_EXIT_CHANGED && text);
    if (!is_answer) {
      abort();
    }
    free(text);
    fclose(out);
  }
  free(lines);
  return 0;
}
