"""dropped.py PTOLOWER DIR KERNEL CPP: with any one flag of the C++ left out the kernel is not proved, and told wrong.

DIR holds a ptoas that hands out the kernel.cpp beside it."""

import pathlib
import subprocess
import sys

program, directory, kernel, cpp = sys.argv[1:]
lines = pathlib.Path(cpp).read_text().splitlines(keepends=True)
flags = [i for i, line in enumerate(lines) if line.lstrip().startswith(("set_flag(", "wait_flag("))]
missed = 0
for dropped in flags:
    text = "".join(lines[:dropped] + lines[dropped + 1:])
    pathlib.Path(directory, "kernel.cpp").write_text(text)
    run = subprocess.run([program, "check", "--sync=" + directory, kernel], capture_output=True, text=True)
    if run.returncode != 1 or "[PTL26" not in run.stdout:
        print("not told: line %d, %s" % (dropped + 1, lines[dropped].strip()))
        missed += 1
print("%d flags dropped, %d not told" % (len(flags), missed))
sys.exit(missed > 0 or not flags)
