/* ptoas-lower INPUT LOWERED all|pairs|gate-up|none repair|keep ARCH VERSION: lowers a file for the
 * drop-in, which runs it.
 *
 * Exit status: 0, LOWERED was written; 10, nothing was to be done; others, it failed, and the first
 * line of standard error says why. Standard output gets a JSON object per function.
 */
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/output.h"
#include "common/report.h"
#include "compose.h"
#include "lowering.h"

static int write_lowered(const char *path, const char *text, size_t length) {
  output_file file = {.path = path, .text = text, .length = length};
  ptolower_status status = output_write(&file, 1);
  return status == PTOLOWER_OK ? LOWER_EXIT_CHANGED : (int)status;
}

int main(int argc, char **argv) {
  if (argc != 7) {
    report_error("ptoas-lower is run by the drop-in ptoas");
    return PTOLOWER_USAGE;
  }
  file_text input;
  if (!file_read(argv[1], &input)) {
    return PTOLOWER_REFUSED;
  }
  bool only_gate_up = strcmp(argv[3], "gate-up") == 0;
  lower_request request = {.file = argv[1],
                           .text = input.data,
                           .length = input.length,
                           .rewrite = only_gate_up ? "pairs" : argv[3],
                           .only_gate_up = only_gate_up,
                           .repairs = strcmp(argv[4], "repair") == 0,
                           .arch = argv[5],
                           .version = argv[6]};
  char *text;
  size_t length;
  int status = lower_text(&request, stdout, &text, &length);
  if (status == LOWER_EXIT_CHANGED) {
    status = write_lowered(argv[2], text, length);
  }
  free(text);
  file_text_free(&input);
  return status;
}
