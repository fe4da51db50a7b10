"""terminal.py PTOLOWER KERNEL: progress on a terminal is one line, short and wiped; a pipe gets none."""

import os
import pty
import subprocess
import sys

words = [sys.argv[1], "reach", "--summary"] + [sys.argv[2]] * 600  # takes longer than a second
piped = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
if piped.stderr:
    sys.exit("on a pipe: %r" % piped.stderr)
main, other = pty.openpty()
ran = subprocess.run(words, stdout=subprocess.PIPE, stderr=other, check=True)
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
lines = text.decode().split("\r\x1b[K")
if not text or lines[0] or lines[-1] or any(len(line) >= 80 for line in lines):
    sys.exit("on a terminal: %r" % text)
