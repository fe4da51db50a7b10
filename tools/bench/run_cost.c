/* run_cost COMMAND ARGUMENT...: runs a command, its standard output thrown away, and
 * prints its CPU time in microseconds, its peak memory in KiB and its exit status.
 *
 * A small program does this because the kernel counts the memory of whoever starts a
 * process as that process's own peak: a script would measure its interpreter. It does not fork,
 * because the copy of its own address space would count as the command's time. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* An error number, or 0. */
static int start(char **command, pid_t *child) {
  posix_spawn_file_actions_t actions;
  int error = posix_spawn_file_actions_init(&actions);
  if (error != 0) {
    return error;
  }
  error = posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  if (error == 0) {
    error = posix_spawnp(child, command[0], &actions, NULL, command, environ);
  }
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

static long microseconds(struct timeval time) { return time.tv_sec * 1000000L + time.tv_usec; }

int main(int argc, char **argv) {
  struct rusage usage;
  int status = 0;
  if (argc < 2) {
    fputs("usage: run_cost COMMAND ARGUMENT...\n", stderr);
    return 2;
  }
  pid_t child;
  int error = start(argv + 1, &child);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", argv[1], strerror(error));
    return 127;
  }
  if (wait4(child, &status, 0, &usage) < 0) {
    perror("run_cost");
    return 1;
  }
  long cpu = microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
  int exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  printf("%ld %ld %d\n", cpu, usage.ru_maxrss, exit_status);
  return 0;
}
