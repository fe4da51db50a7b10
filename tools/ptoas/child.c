#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "say.h"

static volatile sig_atomic_t running; /* process id of the child, or 0 */
enum { MAX_TEMPORARIES = 2 };
static const char *volatile temporaries[MAX_TEMPORARIES];

static void on_deadly_signal(int number) {
  if (running) {
    kill(running, SIGKILL);
  }
  for (size_t i = 0; i < MAX_TEMPORARIES; ++i) {
    if (temporaries[i]) {
      unlink(temporaries[i]);
    }
  }
  signal(number, SIG_DFL);
  raise(number);
}

void child_on_signal_remove(const char *first, const char *second) {
  static const int deadly[] = {SIGINT, SIGTERM, SIGHUP};
  temporaries[0] = first;
  temporaries[1] = second;
  for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; ++i) {
    struct sigaction old;
    if (sigaction(deadly[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL) {
      signal(deadly[i], on_deadly_signal);
    }
  }
}

static bool redirect(int fd, int standard) { return fd < 0 || dup2(fd, standard) >= 0; }

static struct sigaction own_sigchld; /* what who called us set */

/* Who called us may have blocked or ignored them. */
static void let_alarms_through(void) {
  sigset_t alarms;
  signal(SIGALRM, SIG_DFL);
  sigemptyset(&alarms);
  sigaddset(&alarms, SIGALRM);
  sigprocmask(SIG_UNBLOCK, &alarms, NULL);
}

static _Noreturn void become(const child *given, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) {
    _exit(127);
  }
  if (given->seconds) {
    let_alarms_through();
    alarm(given->seconds); /* outlives exec */
  }
  sigaction(SIGCHLD, &own_sigchld, NULL);
  if (redirect(given->out_fd, STDOUT_FILENO) && redirect(given->err_fd, STDERR_FILENO)) {
    execv(given->words[0], given->words);
    dropin_say(true, 403, "'%s' cannot be executed: %s", given->words[0], strerror(errno));
  }
  _exit(127);
}

static bool wait_for(pid_t pid, int *wait_status) {
  while (waitpid(pid, wait_status, 0) < 0) {
    if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

bool child_run(const child *given, int *wait_status) {
  struct sigaction plain = {.sa_handler = SIG_DFL}; /* ignored, there would be no status */
  pid_t parent = getpid();
  sigaction(SIGCHLD, &plain, &own_sigchld);
  pid_t pid = fork();
  if (pid == 0) {
    become(given, parent);
  }
  running = pid > 0 ? pid : 0;
  bool ok = pid > 0 && wait_for(pid, wait_status);
  running = 0;
  sigaction(SIGCHLD, &own_sigchld, NULL);
  return ok;
}

void child_end_like(int wait_status) {
  if (WIFSIGNALED(wait_status)) {
    int number = WTERMSIG(wait_status);
    signal(number, SIG_DFL);
    raise(number);
  }
  exit(WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 1);
}

int capture_open(void) { return memfd_create("ptolower", MFD_CLOEXEC); }

char *capture_text(int fd, size_t *length) {
  struct stat file;
  if (fstat(fd, &file) != 0) {
    return NULL;
  }
  char *text = malloc((size_t)file.st_size + 1);
  ssize_t count = text ? pread(fd, text, (size_t)file.st_size, 0) : -1;
  if (count < 0) {
    free(text);
    return NULL;
  }
  text[count] = '\0';
  *length = (size_t)count;
  return text;
}

bool capture_replay(int fd, int to) {
  size_t length;
  char *text = capture_text(fd, &length);
  size_t done = 0;
  while (text && done < length) {
    ssize_t count = write(to, text + done, length - done);
    if (count < 0 && errno != EINTR) {
      break;
    }
    done += count > 0 ? (size_t)count : 0;
  }
  free(text);
  return text && done == length;
}
