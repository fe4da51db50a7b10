/* Runs the lowering in a process of its own with a time limit, and judges how it ended. */
#include "lowering.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/capture.h"
#include "common/child.h"
#include "find.h"

static void fail(lowering *result, const char *reason) {
  result->outcome = LOWERING_FAILED;
  snprintf(result->reason, sizeof(result->reason), "%s", reason);
}

/* `ptoas-lower` beside this program. */
static bool find_program(char path[PATH_MAX]) {
  static const char name[] = "ptoas-lower";
  char *slash = own_path(path) ? strrchr(path, '/') : NULL;
  if (!slash || (size_t)(slash + 1 - path) + sizeof(name) > PATH_MAX) {
    return false;
  }
  memcpy(slash + 1, name, sizeof(name));
  return access(path, X_OK) == 0;
}

/* The first line of what the program said. */
static void fail_with_text(lowering *result, int err_fd, int status) {
  size_t length;
  char *text = capture_text(err_fd, &length);
  static const char prefix[] = "ptolower: error: ";
  size_t skipped = text && !strncmp(text, prefix, sizeof(prefix) - 1) ? sizeof(prefix) - 1 : 0;
  size_t line = text ? strcspn(text + skipped, "\n") : 0;
  result->outcome = LOWERING_FAILED;
  if (line > 0) {
    snprintf(result->reason, sizeof(result->reason), "%.*s", (int)line, text + skipped);
  } else {
    snprintf(result->reason, sizeof(result->reason), "ptoas-lower ended with status %d", status);
  }
  free(text);
}

static void fail_by_signal(lowering *result, const child_end *end, unsigned seconds) {
  result->outcome = LOWERING_FAILED;
  if (end->is_late) {
    snprintf(result->reason, sizeof(result->reason), "ptoas-lower took more than %u seconds",
             seconds);
  } else {
    snprintf(result->reason, sizeof(result->reason), "ptoas-lower was ended by signal %d",
             WTERMSIG(end->status));
  }
}

static void judge(lowering *result, const child *lower, const child_end *end) {
  if (WIFSIGNALED(end->status)) {
    fail_by_signal(result, end, lower->seconds);
    return;
  }
  int status = WEXITSTATUS(end->status);
  if (status != LOWER_EXIT_CHANGED && status != LOWER_EXIT_UNCHANGED) {
    fail_with_text(result, lower->err_fd, status);
    return;
  }
  size_t length;
  result->outcome = status == LOWER_EXIT_CHANGED ? LOWERING_CHANGED : LOWERING_UNCHANGED;
  result->kernels = capture_text(lower->out_fd, &length);
}

static void run(lowering *result, char **words, unsigned seconds) {
  child lower = {.words = words, .in_fd = -1, .seconds = seconds};
  lower.out_fd = capture_open();
  lower.err_fd = capture_open();
  child_end end;
  if (lower.out_fd < 0 || lower.err_fd < 0 || !child_run(&lower, &end)) {
    fail(result, "no process could be started");
  } else {
    judge(result, &lower, &end);
  }
  close(lower.out_fd);
  close(lower.err_fd);
}

lowering lowering_run(const settings *settings, const char *input, const char *lowered,
                      const char *arch, const char *version) {
  lowering result = {.outcome = LOWERING_FAILED};
  char program[PATH_MAX];
  if (!find_program(program)) {
    fail(&result, "ptoas-lower is not beside this program; link to the drop-in, do not copy it");
    return result;
  }
  static const char *const admitted[] = {[ADMIT_NOTHING] = "none",
                                         [ADMIT_GATE_UP] = "gate-up",
                                         [ADMIT_PAIRS] = "pairs",
                                         [ADMIT_ALL] = "all"};
  const char *words[] = {program,
                         input,
                         lowered,
                         admitted[settings->admit],
                         settings->repairs ? "repair" : "keep",
                         arch ? arch : "",
                         version,
                         NULL};
  run(&result, (char **)words, settings->seconds);
  return result;
}
