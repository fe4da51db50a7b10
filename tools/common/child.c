/* Runs programs with a time limit, each in a process group of its own, and passes signals on to
 * it. */
#define _GNU_SOURCE
#include "common/child.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/say.h"

/* ---- signals while a child runs ------------------------------------------- */

static volatile sig_atomic_t running[CHILDREN]; /* process groups of children, or 0 */

/* They end us; the last one is not deadly, it stops us. */
static const int passed_on[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
enum { PASSED_ON = sizeof(passed_on) / sizeof(passed_on[0]) };
static struct sigaction own_actions[PASSED_ON]; /* what they did before the child was started */

static void kill_groups(int number) {
  for (int i = 0; i < CHILDREN; i++) {
    if (running[i]) {
      kill(-(pid_t)running[i], number);
    }
  }
}

static void on_stop(int number) {
  int error = errno;
  (void)number;
  kill_groups(SIGSTOP);
  raise(SIGSTOP); /* goes on when we are continued */
  kill_groups(SIGCONT);
  errno = error;
}

static void on_deadly_signal(int number) {
  int error = errno;
  kill_groups(SIGKILL);
  for (size_t i = 0; i < PASSED_ON; i++) {
    if (passed_on[i] == number) {
      sigaction(number, &own_actions[i], NULL);
    }
  }
  raise(number);
  errno = error;
}

static void pass_signals_on(void) {
  for (size_t i = 0; i < PASSED_ON; i++) {
    bool stops = passed_on[i] == SIGTSTP;
    struct sigaction handler = {.sa_handler = stops ? on_stop : on_deadly_signal};
    struct sigaction *own = &own_actions[i];
    if (sigaction(passed_on[i], NULL, own) == 0 && own->sa_handler != SIG_IGN &&
        (!stops || own->sa_handler == SIG_DFL)) {
      sigaction(passed_on[i], &handler, NULL);
    }
  }
}

static void take_signals_back(void) {
  for (size_t i = 0; i < PASSED_ON; i++) {
    sigaction(passed_on[i], &own_actions[i], NULL);
  }
}

/* ---- the child ------------------------------------------------------------ */

/* What who called us set. */
static struct sigaction own_sigchld;
static sigset_t own_mask;

static bool redirect(int fd, int standard) { return fd < 0 || dup2(fd, standard) >= 0; }

static _Noreturn void become(const child *given, pid_t parent) {
  setpgid(0, 0);
  take_signals_back();
  signal(SIGTTOU, SIG_IGN); /* what it says may go to the terminal, from another group */
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) {
    _exit(127);
  }
  sigaction(SIGCHLD, &own_sigchld, NULL);
  sigprocmask(SIG_SETMASK, &own_mask, NULL);
  if (redirect(given->in_fd, STDIN_FILENO) && redirect(given->out_fd, STDOUT_FILENO) &&
      redirect(given->err_fd, STDERR_FILENO)) {
    execv(given->words[0], given->words);
    dropin_say(true, PTL_CODE_DROPIN_NO_PTOAS, "'%s' cannot be executed: %s", given->words[0],
               strerror(errno));
  }
  _exit(127);
}

static bool wait_for(pid_t pid, int *status) {
  while (waitpid(pid, status, 0) < 0) {
    if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

static struct timespec now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time;
}

/* From now to `seconds` after `begin`; all zero if that is over. */
static struct timespec time_left(struct timespec begin, unsigned seconds) {
  struct timespec at = now();
  struct timespec left = {begin.tv_sec + (time_t)seconds - at.tv_sec, begin.tv_nsec - at.tv_nsec};
  if (left.tv_nsec < 0) {
    left.tv_nsec += 1000000000;
    left.tv_sec--;
  }
  return left.tv_sec < 0 ? (struct timespec){0, 0} : left;
}

/* Waits, and kills the group when its time is over. SIGCHLD is blocked. */
static bool wait_in_time(pid_t pid, unsigned seconds, child_end *out) {
  struct timespec begin = now();
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGCHLD);
  for (;;) {
    pid_t ended = waitpid(pid, &out->status, WNOHANG);
    if (ended != 0) {
      return ended == pid;
    }
    struct timespec left = time_left(begin, seconds);
    if (sigtimedwait(&ends, NULL, &left) < 0 && errno == EAGAIN) {
      out->is_late = true;
      kill(-pid, SIGKILL);
      return wait_for(pid, &out->status);
    }
  }
}

/* Ignored, SIGCHLD would take the status away; blocked, it can be waited for. */
static void hold_sigchld(void) {
  struct sigaction plain = {.sa_handler = SIG_DFL};
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGCHLD);
  sigaction(SIGCHLD, &plain, &own_sigchld);
  sigprocmask(SIG_BLOCK, &ends, &own_mask);
}

static bool is_any_running(void) {
  bool is_any = false;
  for (int i = 0; i < CHILDREN; i++) {
    is_any = is_any || running[i];
  }
  return is_any;
}

/* From the first child on, as long as there is one. */
static void begin_watch(void) {
  if (!is_any_running()) {
    hold_sigchld();
    pass_signals_on();
  }
}

static void end_watch(void) {
  if (!is_any_running()) {
    take_signals_back();
    sigaction(SIGCHLD, &own_sigchld, NULL);
    sigprocmask(SIG_SETMASK, &own_mask, NULL);
  }
}

/* The place of a group; 0: a free one. */
static int place_of(pid_t group) {
  int place = 0;
  while (place < CHILDREN && running[place] != group) {
    place++;
  }
  return place;
}

/* Our memory is the child's until it is another program: a copy, and a fault for each page of ours
 * that is written to after that, would cost more than all else here. */
static __attribute__((noinline)) pid_t become_child(const child *given, pid_t parent) {
  pid_t pid = vfork();
  if (pid == 0) {
    become(given, parent);
  }
  return pid;
}

bool child_start(const child *given, pid_t *pid) {
  int place = place_of(0);
  begin_watch();
  *pid = place < CHILDREN ? become_child(given, getpid()) : -1;
  if (*pid > 0) {
    setpgid(*pid, *pid); /* whoever of us comes first */
    running[place] = *pid;
  }
  end_watch();
  return *pid > 0;
}

bool child_wait(pid_t pid, unsigned seconds, child_end *out) {
  *out = (child_end){.status = -1};
  bool ok = seconds ? wait_in_time(pid, seconds, out) : wait_for(pid, &out->status);
  running[place_of(pid)] = 0;
  end_watch();
  return ok;
}

bool child_run(const child *given, child_end *out) {
  pid_t pid;
  *out = (child_end){.status = -1};
  return child_start(given, &pid) && child_wait(pid, given->seconds, out);
}

void child_end_like(int wait_status) {
  if (WIFSIGNALED(wait_status)) {
    int number = WTERMSIG(wait_status);
    signal(number, SIG_DFL);
    raise(number);
  }
  exit(WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 1);
}
