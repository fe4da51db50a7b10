/* Opens /dev/null on standard streams that the caller closed. */
#include "common/streams.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

void guard_standard_streams(void) {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
    if (fcntl(fd, F_GETFD) < 0 && errno == EBADF) {
      int opened = open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
      (void)opened; /* the lowest number that is free: fd */
    }
  }
}
