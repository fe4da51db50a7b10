"""terminal.py PTOLOWER KERNEL: a message on a terminal has colours, unless NO_COLOR or TERM says otherwise, and
lines as long as the terminal."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios


def run(words, environment, columns=120):
    """What a terminal gets."""
    main, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    subprocess.run([sys.argv[1]] + words, stdout=other, stderr=other, env=dict(os.environ, **environment), check=False)
    os.close(other)
    text = b""
    try:
        while True:
            part = os.read(main, 65536)
            if not part:
                break
            text += part
    except OSError:  # the other end is closed
        pass
    return text.decode()


def main():
    colored_terminal = {"TERM": "xterm", "NO_COLOR": ""}
    for environment, colored in ((colored_terminal, True), ({"TERM": "dumb"}, False), (dict(colored_terminal, NO_COLOR="1"), False)):
        if ("\x1b[" in run(["check"], environment)) != colored:
            sys.exit("%s: colours, or none, against what was expected" % environment)
    if "\x1b[" in run(["check", "--color=never"], colored_terminal):
        sys.exit("--color=never: there are colours")
    lines = run(["check", sys.argv[2]], {"TERM": "dumb"}, 60).splitlines()
    shown = [line for line in lines if " | " in line]
    if not shown or any(len(line) > 60 for line in shown) or not any(line.endswith("...") for line in shown):
        sys.exit("lines are not cut to the terminal: %r" % lines)


if __name__ == "__main__":
    main()
