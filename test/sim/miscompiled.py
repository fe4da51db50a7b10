"""miscompiled.py PTOLOWER INPUT SCRATCH: outputs that were broken by hand are noticed.

Lowers INPUT, breaks the output in a dozen ways, and requires that `ptolower validate` tells each
of them (exit status 1, PTL320) from the input, and not the output as it is."""

import os
import subprocess
import sys

from edits import EDITS, broken

ptolower, source, scratch = sys.argv[1:]


def validate(text, name):
    path = os.path.join(scratch, name + ".pto")
    with open(path, "w") as file:
        file.write("\n".join(text) + "\n")
    run = subprocess.run([ptolower, "validate", source, path], stderr=subprocess.PIPE, text=True)
    return run.returncode, run.stderr


os.makedirs(scratch, exist_ok=True)
run = subprocess.run([ptolower, source, "--fuse=always", "--validate"], stdout=subprocess.PIPE,
                     text=True, check=True)
lowered = run.stdout.splitlines()
status, errors = validate(lowered, "unchanged")
assert status == 0, errors
missed = []
for name in EDITS:
    status, errors = validate(broken(lowered, name), name.replace(" ", "_"))
    if status != 1 or "PTL320" not in errors:
        missed.append("%s: exit status %d: %s" % (name, status, errors.splitlines()[:1]))
assert not missed, "\n".join(missed)
print("%d broken outputs, all noticed" % len(EDITS))
