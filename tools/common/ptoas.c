/* Finds the ptoas that a command may use, and compiles one file with it. */
#include "common/ptoas.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/child.h"
#include "common/program.h"
#include "common/report.h"

enum { PTOAS_SECONDS = 60 };

/* ---- finding it --------------------------------------------------------- */

/* `asked` itself, or the ptoas in it. */
static bool take(const char *asked, char path[PATH_MAX]) {
  static const char *const places[] = {"%s", "%s/ptoas", "%s/bin/ptoas"};
  struct stat file;
  for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
    if (snprintf(path, PATH_MAX, places[i], asked) < PATH_MAX && program_is(path, &file)) {
      return true;
    }
  }
  path[0] = '\0';
  return false;
}

static bool is_any(const char *path, const struct stat *file, const void *unused) {
  (void)path, (void)file, (void)unused;
  return true;
}

/* $PTOAS, else the one on PATH. */
static bool find_usual(char path[PATH_MAX]) {
  const char *variable = getenv("PTOAS");
  struct stat file;
  if (variable && *variable) {
    bool found = take(variable, path);
    if (!found) {
      report_error("'%s' is not a ptoas", variable);
    }
    return found;
  }
  if (!program_search(is_any, NULL, path, &file)) {
    path[0] = '\0';
  }
  return true;
}

bool ptoas_choose(const char *asked, ptoas_choice *out) {
  *out = (ptoas_choice){.is_unwanted = asked && strcmp(asked, "none") == 0};
  if (out->is_unwanted) {
    return true;
  }
  if (!asked || ptoas_is_version(asked)) {
    snprintf(out->version, sizeof(out->version), "%s", asked ? asked : "");
    return find_usual(out->path);
  }
  if (!take(asked, out->path)) {
    report_error("'%s' is not a ptoas", asked);
    return false;
  }
  (void)ptoas_ask_version(out->path, out->version);
  return true;
}

bool ptoas_choose_for_sync(const char *asked, ptoas_choice *out) {
  bool ok = ptoas_choose(asked, out);
  if (ok && !out->path[0]) {
    report_error("there is no ptoas; --sync=PTOAS names one");
    ok = false;
  }
  return ok;
}

/* ---- running it --------------------------------------------------------- */

static void explain(ptoas_run *run, const child_end *end) {
  if (end->is_late) {
    snprintf(run->fault, sizeof(run->fault), "no end after %d seconds", PTOAS_SECONDS);
  } else if (WIFSIGNALED(end->status)) {
    snprintf(run->fault, sizeof(run->fault), "signal %d", WTERMSIG(end->status));
  } else {
    snprintf(run->fault, sizeof(run->fault), "exit status %d", WEXITSTATUS(end->status));
  }
}

bool ptoas_compile(ptoas_run *run) {
  const char *level = run->is_level2 ? "--pto-level=level2" : "--pto-level=level3";
  const char *words[] = {run->program, run->input,   "-o",      run->output, "--enable-insert-sync",
                         level,        "--pto-arch", run->arch, NULL};
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  int messages = run->messages < 0 ? null : run->messages;
  child ptoas = {.words = (char **)words,
                 .in_fd = null,
                 .out_fd = messages,
                 .err_fd = messages,
                 .seconds = PTOAS_SECONDS};
  child_end end;
  bool started = null >= 0 && child_run(&ptoas, &end);
  close(null);
  if (!started) {
    snprintf(run->fault, sizeof(run->fault), "it could not be started");
    return false;
  }
  explain(run, &end);
  return WIFEXITED(end.status) && WEXITSTATUS(end.status) == 0;
}
