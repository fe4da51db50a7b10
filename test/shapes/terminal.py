"""terminal.py PTOLOWER LIST WIDTH: on a terminal, progress is one line, no wider than the terminal."""

import fcntl
import os
import pty
import struct
import sys
import termios


def run_on_terminal(words, width):
    """What the terminal gets, and the exit status."""
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
        os.execv(words[0], words)
    text = b""
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # the other end is closed
            part = b""
        if not part:
            break
        text += part
    return text.decode(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main(ptolower, shapes, width):
    text, status = run_on_terminal([ptolower, "shapes", shapes, "--ptoas=none"], width)
    progress = text.split("\r\n")[0].split("\r\x1b[K")[1:-1]
    if status != 0 or not progress or "1 of 1," not in text and width > 40:
        sys.exit("status %d: %r" % (status, text))
    if any(len(line) >= width for line in progress):
        sys.exit("too wide: %r" % progress)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
