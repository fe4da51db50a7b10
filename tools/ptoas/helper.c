/* Runs `ptoas-lower` with a time limit, and says how it ended. */
#include "helper.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/capture.h"
#include "common/child.h"
#include "find.h"

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

static void fail(helper_run *run, const char *reason) {
  snprintf(run->reason, sizeof(run->reason), "%s", reason);
}

static void explain_signal(helper_run *run, const child_end *end) {
  if (end->is_late) {
    snprintf(run->reason, sizeof(run->reason), "ptoas-lower took more than %u seconds",
             run->seconds);
  } else {
    snprintf(run->reason, sizeof(run->reason), "ptoas-lower was ended by signal %d",
             WTERMSIG(end->status));
  }
}

/* The first line of what the program said. */
static void explain_exit(helper_run *run, int err_fd) {
  size_t length;
  char *text = capture_text(err_fd, &length);
  static const char prefix[] = "ptolower: error: ";
  size_t skipped = text && !strncmp(text, prefix, sizeof(prefix) - 1) ? sizeof(prefix) - 1 : 0;
  size_t line = text ? strcspn(text + skipped, "\n") : 0;
  if (line > 0) {
    snprintf(run->reason, sizeof(run->reason), "%.*s", (int)line, text + skipped);
  } else {
    snprintf(run->reason, sizeof(run->reason), "ptoas-lower ended with status %d", run->status);
  }
  free(text);
}

static void judge(helper_run *run, const child *lower, const child_end *end) {
  size_t length;
  if (WIFSIGNALED(end->status)) {
    explain_signal(run, end);
    return;
  }
  run->status = WEXITSTATUS(end->status);
  explain_exit(run, lower->err_fd);
  run->said = capture_text(lower->out_fd, &length);
}

void helper_execute(helper_run *run) {
  char program[PATH_MAX], *words[HELPER_WORDS + 2] = {program};
  memcpy(words + 1, run->words, sizeof(run->words));
  run->status = HELPER_FAILED;
  run->said = NULL;
  if (!find_program(program)) {
    fail(run, "ptoas-lower is not beside this program; link to the drop-in, do not copy it");
    return;
  }
  child lower = {.words = words, .in_fd = run->in_fd, .seconds = run->seconds};
  lower.out_fd = capture_open();
  lower.err_fd = capture_open();
  child_end end;
  if (lower.out_fd < 0 || lower.err_fd < 0 || !child_run(&lower, &end)) {
    fail(run, "no process could be started");
  } else {
    judge(run, &lower, &end);
  }
  close(lower.out_fd);
  close(lower.err_fd);
}
