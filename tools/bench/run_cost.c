/* run_cost COMMAND ARGUMENT...: runs a command, its standard output thrown away, and
 * prints its CPU time in microseconds, its peak memory in KiB and its exit status.
 *
 * A small program does this because the kernel counts the memory of whoever starts a
 * process as that process's own peak: a script would measure its interpreter. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static void become(char **command) {
  int null = open("/dev/null", O_WRONLY);
  if (null >= 0 && dup2(null, STDOUT_FILENO) >= 0) {
    execvp(command[0], command);
  }
  perror(command[0]);
  _exit(127);
}

static long microseconds(struct timeval time) { return time.tv_sec * 1000000L + time.tv_usec; }

int main(int argc, char **argv) {
  struct rusage usage;
  int status = 0;
  if (argc < 2) {
    fputs("usage: run_cost COMMAND ARGUMENT...\n", stderr);
    return 2;
  }
  pid_t child = fork();
  if (child == 0) {
    become(argv + 1);
  }
  if (child < 0 || wait4(child, &status, 0, &usage) < 0) {
    perror("run_cost");
    return 1;
  }
  long cpu = microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
  int exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  printf("%ld %ld %d\n", cpu, usage.ru_maxrss, exit_status);
  return 0;
}
