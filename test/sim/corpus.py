"""corpus.py PTOLOWER CORPUS: every kernel runs, alone and lowered; every fusion validates."""

import pathlib
import subprocess
import sys

ptolower, corpus = sys.argv[1:]
failed, fused = [], 0
for path in sorted(pathlib.Path(corpus).rglob("*.pto")):
    for command in (["sim", path, "--block-num=24"],
                    [path, "--validate", "--fuse=always", "--remarks", "-o", "/dev/null"]):
        run = subprocess.run([ptolower, *map(str, command)], stderr=subprocess.PIPE, text=True)
        fused += "PTL120" in run.stderr
        if run.returncode != 0 or "PTL321" in run.stderr:
            failed.append("%s: exit status %d: %s" % (path, run.returncode, run.stderr))
        elif "PTL120" in run.stderr and run.stderr.count("PTL322") < 3:
            failed.append("%s: not validated" % path)
assert not failed, "\n".join(failed)
assert fused > 0
print("%d fusions" % fused)
