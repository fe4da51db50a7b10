/* Runs cases in child processes, several at a time, and shows progress on a terminal. */
#include "shapes/shapes.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/report.h"

/* A process at work; `fd` is -1 where there is none. */
typedef struct worker {
  pid_t pid;
  int fd;
  size_t index; /* of its case */
} worker;

typedef struct pool {
  shape_list *list;
  const shape_options *options;
  worker *workers;
  size_t started, done, surprises;
  bool shows_progress;
} pool;

static _Noreturn void work(const pool *p, size_t index, int fd, pid_t parent) {
  shape_result result;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) {
    _exit(1);
  }
  shape_run(&p->list->cases[index], index, p->options, &result);
  _exit(write(fd, &result, sizeof(result)) == (ssize_t)sizeof(result) ? 0 : 1);
}

static bool start(pool *p, worker *worker) {
  int ends[2];
  if (pipe(ends) != 0) {
    return false;
  }
  fflush(NULL);
  pid_t parent = getpid();
  worker->index = p->started;
  worker->pid = fork();
  if (worker->pid == 0) {
    close(ends[0]);
    work(p, worker->index, ends[1], parent);
  }
  close(ends[1]);
  worker->fd = ends[0];
  if (worker->pid < 0) {
    close(ends[0]);
    worker->fd = -1;
    return false;
  }
  p->started++;
  return true;
}

static int terminal_width(void) {
  struct winsize size;
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/* One line, which a narrow terminal must not break: what does not fit is left out, at a character's
 * begin. */
static void show_progress(const pool *p, const shape_case *last) {
  char line[SHAPE_NAME + 96];
  size_t length = 0;
  if (!p->shows_progress) {
    return;
  }
  snprintf(line, sizeof(line), "%zu of %zu, %zu surprise%s%s%s", p->done, p->list->count,
           p->surprises, p->surprises == 1 ? "" : "s", last ? ": " : "", last ? last->name : "");
  for (int room = terminal_width() - 1; line[length] && room > 0; room--) {
    do {
      length++;
    } while (((unsigned char)line[length] & 0xc0) == 0x80);
  }
  fprintf(stderr, "\r\033[K%.*s", (int)length, line);
}

/* Takes the result; a process that ended without one has crashed. */
static void finish(pool *p, worker *worker) {
  int status = 0;
  shape_result *result = &p->list->results[worker->index];
  const shape_case *given = &p->list->cases[worker->index];
  bool complete = read(worker->fd, result, sizeof(*result)) == (ssize_t)sizeof(*result);
  waitpid(worker->pid, &status, 0);
  close(worker->fd);
  worker->fd = -1;
  if (!complete) {
    *result = (shape_result){.outcome = SHAPE_FAILED};
    snprintf(result->text, sizeof(result->text), "the run ended with %s %d",
             WIFSIGNALED(status) ? "signal" : "status",
             WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
  }
  p->done++;
  p->surprises += shape_is_surprise(given, result);
  show_progress(p, given);
}

static bool start_missing(pool *p) {
  for (size_t i = 0; i < p->options->jobs && p->started < p->list->count; i++) {
    if (p->workers[i].fd < 0 && !start(p, &p->workers[i])) {
      report_error("no process can be started");
      return false;
    }
  }
  return true;
}

/* Waits until at least one is ready, and takes its result. */
static bool wait_for_some(pool *p, struct pollfd *ends) {
  for (size_t i = 0; i < p->options->jobs; i++) {
    ends[i] = (struct pollfd){.fd = p->workers[i].fd, .events = POLLIN};
  }
  if (poll(ends, p->options->jobs, -1) < 0) {
    return false;
  }
  for (size_t i = 0; i < p->options->jobs; i++) {
    if (p->workers[i].fd >= 0 && ends[i].revents) {
      finish(p, &p->workers[i]);
    }
  }
  return true;
}

bool shapes_run(shape_list *list, const shape_options *options) {
  pool p = {.list = list, .options = options, .shows_progress = isatty(STDERR_FILENO)};
  struct pollfd *ends = calloc(options->jobs, sizeof(*ends));
  p.workers = calloc(options->jobs, sizeof(*p.workers));
  bool ok = ends && p.workers;
  for (size_t i = 0; ok && i < options->jobs; i++) {
    p.workers[i].fd = -1;
  }
  show_progress(&p, NULL);
  while (ok && p.done < list->count) {
    ok = start_missing(&p) && wait_for_some(&p, ends);
  }
  if (p.shows_progress) {
    fputs("\r\033[K", stderr);
  }
  free(ends);
  free(p.workers);
  return ok;
}

bool shape_is_surprise(const shape_case *given, const shape_result *result) {
  if (!given->expects_refusal) {
    return result->outcome != SHAPE_OK;
  }
  return result->outcome != SHAPE_REFUSED ||
         (given->expected_code != 0 && given->expected_code != result->code);
}
