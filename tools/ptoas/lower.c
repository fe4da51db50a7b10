/* ptoas-lower: what the drop-in does with MLIR, which runs it.
 *
 * ptoas-lower lower INPUT LOWERED all|pairs|gate-up|none repair|keep ARCH VERSION: lowers a file.
 * Exit status: 0, LOWERED was written; 10, nothing was to be done. Standard output gets a JSON
 * object per function.
 *
 * ptoas-lower prove INPUT LOWERED ARCH VERSION < C++: proves the flags in what ptoas made of
 * LOWERED. Exit status: 0; 11, they are wrong, or may be. Standard output gets a JSON value per
 * function.
 *
 * Any other exit status: it failed. The first line of standard error says why.
 */
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
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
  free(text);
  file_text_free(&input);
  return status;
}

static int prove(char **words) {
  prove_request request = {.arch = words[2], .version = words[3]};
  int status = PTOLOWER_REFUSED;
  if (file_read(words[0], &request.input) && file_read(words[1], &request.lowered) &&
      file_read("-", &request.cpp)) {
    status = prove_text(&request, stdout);
  }
  file_text_free(&request.input);
  file_text_free(&request.lowered);
  file_text_free(&request.cpp);
  return status;
}

static const struct {
  const char *name;
  int words;
  int (*run)(char **words);
} jobs[] = {{HELPER_LOWERS, 6, lower}, {HELPER_PROVES, 4, prove}};

int main(int argc, char **argv) {
  for (size_t i = 0; argc > 1 && i < sizeof(jobs) / sizeof(jobs[0]); i++) {
    if (strcmp(argv[1], jobs[i].name) == 0 && argc == jobs[i].words + 2) {
      return jobs[i].run(argv + 2);
    }
  }
  report_error("ptoas-lower is run by the drop-in ptoas");
  return PTOLOWER_USAGE;
}
