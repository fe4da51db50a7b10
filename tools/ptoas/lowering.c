#include "lowering.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "find.h"

/* pypto waits 60 s for the drop-in: this, and twice ptoas, have to fit. */
enum { LOWERING_SECONDS = 20 };

static void fail(lowering *result, const char *reason) {
  result->outcome = LOWERING_FAILED;
  snprintf(result->reason, sizeof result->reason, "%s", reason);
}

/* `ptoas-lower` beside this program. */
static bool find_program(char path[PATH_MAX]) {
  static const char name[] = "ptoas-lower";
  char *slash = own_path(path) ? strrchr(path, '/') : NULL;
  if (!slash || (size_t)(slash + 1 - path) + sizeof name > PATH_MAX) {
    return false;
  }
  memcpy(slash + 1, name, sizeof name);
  return access(path, X_OK) == 0;
}

/* The first line of what the program said. */
static void fail_with_text(lowering *result, int err_fd, int status) {
  size_t length;
  char *text = capture_text(err_fd, &length);
  static const char prefix[] = "ptolower: error: ";
  size_t skipped = text && !strncmp(text, prefix, sizeof prefix - 1) ? sizeof prefix - 1 : 0;
  size_t line = text ? strcspn(text + skipped, "\n") : 0;
  result->outcome = LOWERING_FAILED;
  if (line > 0) {
    snprintf(result->reason, sizeof result->reason, "%.*s", (int)line, text + skipped);
  } else {
    snprintf(result->reason, sizeof result->reason, "ptoas-lower ended with status %d", status);
  }
  free(text);
}

static void judge(lowering *result, int wait_status, int out_fd, int err_fd) {
  if (WIFSIGNALED(wait_status)) {
    result->outcome = LOWERING_FAILED;
    snprintf(result->reason, sizeof result->reason, "ptoas-lower was ended by signal %d%s",
             WTERMSIG(wait_status), WTERMSIG(wait_status) == SIGALRM ? " (it took too long)" : "");
    return;
  }
  int status = WEXITSTATUS(wait_status);
  if (status != LOWER_EXIT_CHANGED && status != LOWER_EXIT_UNCHANGED) {
    fail_with_text(result, err_fd, status);
    return;
  }
  size_t length;
  result->outcome = status == LOWER_EXIT_CHANGED ? LOWERING_CHANGED : LOWERING_UNCHANGED;
  result->kernels = capture_text(out_fd, &length);
}

static void run(lowering *result, char **words) {
  child lower = {.words = words, .seconds = LOWERING_SECONDS};
  lower.out_fd = capture_open();
  lower.err_fd = capture_open();
  int wait_status;
  if (lower.out_fd < 0 || lower.err_fd < 0 || !child_run(&lower, &wait_status)) {
    fail(result, "no process could be started");
  } else {
    judge(result, wait_status, lower.out_fd, lower.err_fd);
  }
  close(lower.out_fd);
  close(lower.err_fd);
}

lowering lowering_run(admission admit, const char *input, const char *lowered, const char *arch) {
  lowering result = {.outcome = LOWERING_FAILED};
  char program[PATH_MAX];
  if (!find_program(program)) {
    fail(&result, "ptoas-lower is not beside this program; link to the drop-in, do not copy it");
    return result;
  }
  const char *words[] = {program,          input, lowered, admit == ADMIT_ALL ? "all" : "gate-up",
                         arch ? arch : "", NULL};
  run(&result, (char **)words);
  return result;
}
