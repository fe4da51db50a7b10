/* ptoas-lower: what the drop-in does with MLIR, which runs it.
 *
 * ptoas-lower lower INPUT LOWERED all|pairs|gate-up|none repair|keep ARCH VERSION log|quiet: lowers
 * a file. Exit status 10: nothing was to be done. Else LOWERED was written, and a line says that
 * the program stays (helper.h): it takes what ptoas made of LOWERED on standard input, and proves
 * the flags in it. If there is a log, standard output gets a JSON object per function of the file
 * (after that line, so that ptoas need not wait for them); after another line it gets a JSON value
 * per function for what is known of the flags. Exit status: 0; 11, the flags are wrong, or may be.
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

static int write_lowered(const char *path, const lowered *of) {
  output_file file = {.path = path};
  file.text = ptolower_result_output(of->result, &file.length);
  ptolower_status status = output_write(&file, 1);
  return status == PTOLOWER_OK ? LOWER_EXIT_CHANGED : (int)status;
}

static bool say(const char *line) { return fputs(line, stdout) != EOF && fflush(stdout) == 0; }

/* What ptoas made of the lowered file, when that is there; nothing, if nobody asks. */
static int prove(const lowered *of) {
  file_text cpp;
  if (!file_read("-", &cpp)) {
    return PTOLOWER_REFUSED;
  }
  int status = PTOLOWER_OK;
  if (cpp.length > 0) {
    status = say(HELPER_PROVES) ? prove_flags(of, cpp.data, stdout) : PTOLOWER_REFUSED;
  }
  file_text_free(&cpp);
  return status;
}

static bool tell(const lower_request *request, const lowered *of, const char *log) {
  bool ok = strcmp(log, HELPER_LOGS) != 0 || lowered_print(request, of, stdout);
  if (!ok) {
    report_error("the lines of the log cannot be written");
  }
  return ok;
}

/* The file is there before anything is told, and ptoas begins. */
static int lower_input(const lower_request *request, char **words) {
  lowered lowered;
  int status = lower_text(request, &lowered);
  if (status == LOWER_EXIT_CHANGED) {
    status = write_lowered(words[1], &lowered);
  }
  bool stays = status == LOWER_EXIT_CHANGED;
  if (stays && !say(HELPER_STAYS)) {
    status = PTOLOWER_REFUSED;
  } else if (!tell(request, &lowered, words[6])) {
    status = PTOLOWER_REFUSED;
  } else if (stays) {
    status = prove(&lowered);
  }
  lowered_free(&lowered);
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
  int status = lower_input(&request, words);
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
