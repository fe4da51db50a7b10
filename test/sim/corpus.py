"""corpus.py PTOLOWER CORPUS: every kernel runs, alone and lowered; every fusion that is only made when it is
asked for validates (test/e2e/corpus.py validates the others).

Of the kernels that ptoas refuses, and of those with forms that are not followed, some cannot be run; then
the reason is given at a place (PTL30x)."""

import pathlib
import re
import subprocess
import sys

MAY_NOT_RUN = ("level2_refused", "not_followed")
ptolower, corpus = sys.argv[1:]
failed, fused, refused = [], 0, 0


def lowered(path, *words):
    return subprocess.run([ptolower, path, *words], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout


def commands(path):
    """The runs of a kernel."""
    yield ["sim", path, "--block-num=24"]
    if lowered(path, "--fuse=always") != lowered(path):
        yield [path, "--validate", "--fuse=always", "--remarks", "-o", "/dev/null"]


for path in sorted(pathlib.Path(corpus).rglob("*.pto")):
    for command in commands(path):
        run = subprocess.run([ptolower, *map(str, command)], stderr=subprocess.PIPE, text=True)
        fused += "PTL120" in run.stderr
        if path.parent.name in MAY_NOT_RUN and run.returncode in (0, 1) and re.search(
                r":\d+:\d+: .*\[PTL(30[1-8]|321)\]", run.stderr):
            refused += 1
        elif run.returncode != 0 or "PTL321" in run.stderr:
            failed.append("%s: exit status %d: %s" % (path, run.returncode, run.stderr))
        elif "PTL120" in run.stderr and run.stderr.count("PTL322") < 3:
            failed.append("%s: not validated" % path)
assert not failed, "\n".join(failed)
assert fused > 0
print("%d fusions, %d runs refused" % (fused, refused))
