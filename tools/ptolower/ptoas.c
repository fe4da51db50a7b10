#include "ptoas.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report.h"

enum { PTOAS_SECONDS = 60 };

/* ---- finding it --------------------------------------------------------- */

static bool is_program(const char *path) {
  struct stat file;
  return stat(path, &file) == 0 && S_ISREG(file.st_mode) && access(path, X_OK) == 0;
}

/* `asked` itself, or the ptoas in it. */
static bool take(const char *asked, char path[PATH_MAX]) {
  static const char *const places[] = {"%s", "%s/ptoas", "%s/bin/ptoas"};
  for (size_t i = 0; i < sizeof places / sizeof places[0]; ++i) {
    if (snprintf(path, PATH_MAX, places[i], asked) < PATH_MAX && is_program(path)) {
      return true;
    }
  }
  path[0] = '\0';
  return false;
}

static void search_path(char path[PATH_MAX]) {
  const char *at = getenv("PATH");
  while (at && *at) {
    size_t length = strcspn(at, ":");
    if (snprintf(path, PATH_MAX, "%.*s/ptoas", (int)length, at) < PATH_MAX && is_program(path)) {
      return;
    }
    at += length + (at[length] == ':');
  }
  path[0] = '\0';
}

bool ptoas_find(const char *asked, char path[PATH_MAX]) {
  const char *variable = getenv("PTOAS");
  path[0] = '\0';
  if (asked && strcmp(asked, "none") == 0) {
    return true;
  }
  if (!asked && variable && *variable) {
    asked = variable;
  }
  if (!asked) {
    search_path(path);
    return true;
  }
  bool found = take(asked, path);
  if (!found) {
    report_error("'%s' is no ptoas", asked);
  }
  return found;
}

/* ---- running it --------------------------------------------------------- */

static _Noreturn void become_ptoas(const ptoas_run *run, pid_t parent) {
  const char *arch = strcmp(run->chip, "a5") == 0 ? "a5" : "a3";
  const char *level = run->is_level2 ? "--pto-level=level2" : "--pto-level=level3";
  int null = open("/dev/null", O_RDWR);
  dup2(null, STDIN_FILENO);
  dup2(run->messages < 0 ? null : run->messages, STDOUT_FILENO);
  dup2(run->messages < 0 ? null : run->messages, STDERR_FILENO);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) {
    _exit(127);
  }
  alarm(PTOAS_SECONDS); /* outlives exec */
  execl(run->program, run->program, run->input, "-o", run->output, "--enable-insert-sync", level,
        "--pto-arch", arch, (char *)NULL);
  _exit(127);
}

static void explain(ptoas_run *run, int status) {
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) {
    snprintf(run->fault, sizeof run->fault, "no end after %d seconds", PTOAS_SECONDS);
  } else if (WIFSIGNALED(status)) {
    snprintf(run->fault, sizeof run->fault, "signal %d", WTERMSIG(status));
  } else {
    snprintf(run->fault, sizeof run->fault, "exit status %d", WEXITSTATUS(status));
  }
}

bool ptoas_compile(ptoas_run *run) {
  int status = 0;
  pid_t parent = getpid(), pid = fork();
  if (pid == 0) {
    become_ptoas(run, parent);
  }
  if (pid < 0 || waitpid(pid, &status, 0) != pid) {
    snprintf(run->fault, sizeof run->fault, "it could not be started");
    return false;
  }
  explain(run, status);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
