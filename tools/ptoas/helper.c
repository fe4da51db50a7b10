/* Runs `ptoas-lower` with a time limit, and says how it ended. */
#include "helper.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
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

static void fail(helper *h, const char *reason) {
  snprintf(h->reason, sizeof(h->reason), "%s", reason);
}

/* ---- what it says ----------------------------------------------------------- */

static long milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Whether something is to be read before that time. */
static bool wait_to_read(int fd, long until) {
  struct pollfd ready = {.fd = fd, .events = POLLIN};
  for (;;) {
    long left = until - milliseconds();
    int count = poll(&ready, 1, left > 0 ? (int)(left < INT_MAX ? left : INT_MAX) : 0);
    if (count >= 0 || errno != EINTR) {
      return count > 0;
    }
  }
}

static bool stays(const helper *h) {
  return h->said && strncmp(h->said, HELPER_STAYS, sizeof(HELPER_STAYS) - 1) == 0;
}

/* Reads on, up to the end, or with `until_it_stays` up to there. */
static void take(helper *h, unsigned seconds, bool until_it_stays) {
  long until = milliseconds() + (long)seconds * 1000;
  size_t length = h->said ? strlen(h->said) : 0;
  ssize_t count = 1;
  while (count > 0 && !(until_it_stays && stays(h)) && wait_to_read(h->fd, until)) {
    enum { STEP_BYTES = 4096 };
    char *text = realloc(h->said, length + STEP_BYTES + 1);
    if (!text) {
      break;
    }
    h->said = text;
    count = read(h->fd, text + length, STEP_BYTES);
    length += count > 0 ? (size_t)count : 0;
    text[length] = '\0';
  }
}

/* Tells the parts of what it said from each other. */
static void split(helper *h) {
  char *text = h->said ? h->said : "";
  h->told = stays(h) ? text + sizeof(HELPER_STAYS) - 1 : text;
  char *line = strncmp(h->told, HELPER_PROVES, sizeof(HELPER_PROVES) - 1) == 0
                   ? (char *)h->told
                   : strstr(h->told, "\n" HELPER_PROVES);
  h->proved = NULL;
  if (line) {
    line += *line == '\n';
    h->proved = line + sizeof(HELPER_PROVES) - 1;
    *line = '\0';
  }
}

/* ---- how it ended ------------------------------------------------------------- */

static void explain_signal(helper *h, const child_end *end, unsigned seconds) {
  if (end->is_late) {
    snprintf(h->reason, sizeof(h->reason), "ptoas-lower took more than %u seconds", seconds);
  } else {
    snprintf(h->reason, sizeof(h->reason), "ptoas-lower was ended by signal %d",
             WTERMSIG(end->status));
  }
}

/* The first line of what the program said. */
static void explain_exit(helper *h) {
  size_t length;
  char *text = capture_text(h->err_fd, &length);
  static const char prefix[] = "ptolower: error: ";
  size_t skipped = text && !strncmp(text, prefix, sizeof(prefix) - 1) ? sizeof(prefix) - 1 : 0;
  size_t line = text ? strcspn(text + skipped, "\n") : 0;
  if (line > 0) {
    snprintf(h->reason, sizeof(h->reason), "%.*s", (int)line, text + skipped);
  } else {
    snprintf(h->reason, sizeof(h->reason), "ptoas-lower ended with status %d", h->status);
  }
  free(text);
}

/* What is left of its time is no more than a second: it has said all, or nothing in all of it. */
static void judge(helper *h, bool is_late, unsigned seconds) {
  child_end end;
  if (is_late) {
    kill(-h->pid, SIGKILL);
  }
  bool ok = child_wait(h->pid, seconds, &end);
  end.is_late = end.is_late || is_late;
  h->status = HELPER_FAILED;
  if (ok && WIFSIGNALED(end.status)) {
    explain_signal(h, &end, seconds);
  } else if (ok) {
    h->status = WEXITSTATUS(end.status);
    explain_exit(h);
  }
  close(h->fd);
  close(h->err_fd);
  h->pid = 0;
}

/* Whether all that it said is read. */
static bool has_ended(const helper *h) {
  char one;
  return recv(h->fd, &one, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

/* ---- running it ----------------------------------------------------------------- */

static bool start(helper *h, const char *const words[HELPER_WORDS]) {
  char program[PATH_MAX], *all[HELPER_WORDS + 2] = {program};
  int ends[2];
  memcpy(all + 1, words, HELPER_WORDS * sizeof(*words));
  if (!find_program(program)) {
    fail(h, "ptoas-lower is not beside this program; link to the drop-in, do not copy it");
    return false;
  }
  fail(h, "no process could be started");
  h->err_fd = capture_open();
  if (h->err_fd < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return false;
  }
  h->fd = ends[0];
  child lower = {.words = all, .in_fd = ends[1], .out_fd = ends[1], .err_fd = h->err_fd};
  bool ok = child_start(&lower, &h->pid);
  close(ends[1]);
  return ok;
}

void helper_lower(helper *h, const char *const words[HELPER_WORDS], unsigned seconds) {
  *h = (helper){.status = HELPER_FAILED};
  if (!start(h, words)) {
    h->pid = 0;
    return;
  }
  take(h, seconds, true);
  if (stays(h)) {
    h->status = 0;
  } else {
    judge(h, !has_ended(h), seconds);
    split(h);
  }
}

static bool hand_over(int fd, const char *text, size_t length) {
  size_t done = 0;
  while (done < length) {
    ssize_t count = send(fd, text + done, length - done, MSG_NOSIGNAL);
    if (count < 0 && errno != EINTR) {
      return false;
    }
    done += count > 0 ? (size_t)count : 0;
  }
  return shutdown(fd, SHUT_WR) == 0;
}

void helper_prove(helper *h, const char *text, size_t length, unsigned seconds) {
  (void)hand_over(h->fd, text, length); /* one that has ended says why */
  take(h, seconds, false);
  judge(h, !has_ended(h), seconds);
  split(h);
}
