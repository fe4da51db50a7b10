/* What the drop-in reads of a text itself, where the functions stand, what it puts together from
 * input and output, and what it tells of both. */
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
  char *lines = NULL;
  size_t lines_length;
  FILE *out = open_memstream(&lines, &lines_length);
  check_functions(request.text, size);
  if (out) {
    lowered lowered;
    int status = lower_text(&request, &lowered);
    bool is_changed = status == LOWER_EXIT_CHANGED;
    bool is_answer = status == LOWER_EXIT_UNCHANGED || status == PTOLOWER_REFUSED ||
                     (is_changed && ptolower_result_output(lowered.result, NULL));
    if (!is_answer || !lowered_print(&request, &lowered, out) ||
        (is_changed && ptolower_prove_flags(lowered.result, "") != PTOLOWER_OK)) {
      abort();
    }
    lowered_free(&lowered);
    fclose(out);
  }
  free(lines);
  return 0;
}
