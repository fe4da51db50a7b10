/* ptoas-lower: what the drop-in does with MLIR, which runs it.
 *
 * ptoas-lower lower INPUT LOWERED all|pairs|gate-up|none repair|keep ARCH VERSION: lowers a file.
 * Standard output gets a JSON object per function. Exit status 10: nothing was to be done. Else
 * LOWERED was written, and a line says that the program stays (helper.h): it takes what ptoas made
 * of LOWERED on standard input, and proves the flags in it. Then standard output gets a JSON value
 * per function. Exit status: 0; 11, the flags are wrong, or may be.
 *
 * Any other exit status: it failed. The first line of standard error says why.
 */
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/heap.h"
#include "common/output.h"
#include "common/report.h"
#include "compose.h"
#include "helper.h"
#include "lowering.h"
#include "prove.h"

static int write_lowered(const char *path, const char *text, size_t length) {
  output_file file = {.path = path, .text = text, .length = length};
  ptolower_status status = output_write(&file, 1);
  return status == PTOLOWER_OK ? LOWER_EXIT_CHANGED : (int)status;
}

/* What ptoas made of the lowered file, when that is there. */
static int prove(const lower_request *request, const char *lowered, size_t length) {
  prove_request proof = {.input = {(char *)request->text, request->length},
                         .lowered = {(char *)lowered, length},
                         .arch = request->arch,
                         .version = request->version};
  if (fputs(HELPER_STAYS, stdout) == EOF || fflush(stdout) != 0 || !file_read("-", &proof.cpp)) {
    return PTOLOWER_REFUSED;
  }
  int status = prove_text(&proof, stdout);
  file_text_free(&proof.cpp);
  return status;
}

static int lower(char **words) {
  file_text input;
  if (!file_read(words[0], &input)) {
    return PTOLOWER_REFUSED;
  }
  bool only_gate_up = strcmp(words[2], "gate-up") == 0;
  lower_request request = {.file = words[0],
                           .text = input.data,
                           .length = input.length,
                           .rewrite = only_gate_up ? "pairs" : words[2],
                           .only_gate_up = only_gate_up,
                           .repairs = strcmp(words[3], "repair") == 0,
                           .arch = words[4],
                           .version = words[5]};
  char *text;
  size_t length;
  int status = lower_text(&request, stdout, &text, &length);
  if (status == LOWER_EXIT_CHANGED) {
    status = write_lowered(words[1], text, length);
  }
  if (status == LOWER_EXIT_CHANGED) {
    status = prove(&request, text, length);
  }
  free(text);
  file_text_free(&input);
  return status;
}

int main(int argc, char **argv) {
  heap_prepare();
  if (argc == HELPER_WORDS + 1 && strcmp(argv[1], HELPER_LOWERS) == 0) {
    return lower(argv + 2);
  }
  report_error("ptoas-lower is run by the drop-in ptoas");
  return PTOLOWER_USAGE;
}
