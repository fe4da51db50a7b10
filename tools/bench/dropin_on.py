#!/usr/bin/env python3
"""What the drop-in costs when it is on, in terms of what the real ptoas costs.

    tools/bench/dropin_on.py PTOAS INPUT... [-n ROUNDS]

In each round the real ptoas compiles the input, the drop-in lowers it and has the same ptoas compile it, and
ptoas compiles the lowered file alone. Of each kernel it prints medians over the rounds, then the median and
the worst of the kernels:

    own CPU      CPU time of the drop-in without that of its ptoas, of that of ptoas on the input
    wait         time from start to exit, of that of ptoas on the lowered file: what is done around ptoas
    of the input the same, of that of ptoas on the input: with what ptoas needs more for the lowered file

Inputs are .pto files and directories with such files. Those that are not rewritten, or that ptoas does not compile as
they are, are left out. Run by hand; docs/bench.md says how to read it.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time

import startup
from compare_builds import kernels

DROPIN = os.path.join(startup.BUILD, "libexec", "ptolower", "ptoas")
LIMIT_CPU, LIMIT_WAIT = 0.3, 1.3


def run(words, environment):
    """Milliseconds from start to exit, and of CPU time with that of all children; None if it fails."""
    quiet = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_WRONLY, 0) for fd in (1, 2)]
    begin = time.perf_counter()
    pid = os.posix_spawn(words[0], words, environment, file_actions=quiet)
    _, status, usage = os.wait4(pid, 0)
    wall = 1000 * (time.perf_counter() - begin)
    return (wall, 1000 * (usage.ru_utime + usage.ru_stime)) if status == 0 else None


def options_of(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    return ["--enable-insert-sync", "--pto-level=" + ("level3" if " addr = " in text else "level2"),
            "--pto-arch=" + ("a5" if '"a5"' in text else "a3")]


def is_rewritten(log):
    if not os.path.exists(log):
        return False
    with open(log, encoding="utf-8") as file:
        return any(json.loads(line)["fused"] for line in file)


class Bench:
    def __init__(self, ptoas, folder):
        self.ptoas, self.folder = os.path.abspath(ptoas), folder
        self.off = {name: value for name, value in os.environ.items() if not name.startswith("PTOLOWER")}
        self.off["XDG_CACHE_HOME"] = folder
        self.on = dict(self.off, PTOLOWER="1", PTOLOWER_PTOAS=self.ptoas)

    def compile(self, program, source, target, environment):
        return run([program, source, "-o", os.path.join(self.folder, target)] + self.options, environment)

    def round(self, source):
        """(own CPU, wait, wait of the input); None if one of the three fails."""
        alone = self.compile(self.ptoas, source, "alone.cpp", self.off)
        dropin = self.compile(DROPIN, source, "k.cpp", self.on)
        kept = os.path.join(self.folder, "k.cpp.ptolower.pto")
        lowered = os.path.exists(kept) and self.compile(self.ptoas, kept, "lowered.cpp", self.off)
        if not alone or not dropin or not lowered:
            return None
        return (dropin[1] - lowered[1]) / alone[1], dropin[0] / lowered[0], dropin[0] / alone[0]

    def kernel(self, source, rounds):
        """Medians of one kernel; None if it is left out."""
        self.options = options_of(source)
        log = os.path.join(self.folder, "log")
        self.compile(DROPIN, source, "k.cpp", dict(self.on, PTOLOWER_LOG=log))
        rewritten = is_rewritten(log)
        if rewritten:
            os.remove(log)
        rows = [self.round(source) for _ in range(rounds)] if rewritten and self.round(source) else []
        return [statistics.median(column) for column in zip(*rows)] if rows and all(rows) else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ptoas")
    parser.add_argument("inputs", nargs="+")
    parser.add_argument("-n", "--rounds", type=int, default=9)
    arguments = parser.parse_args()
    rows = []
    print("%-44s %8s %8s %13s" % ("", "own CPU", "wait", "of the input"))
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(arguments.ptoas, folder)
        for path in kernels(arguments.inputs):
            row = bench.kernel(path, arguments.rounds)
            if row:
                rows.append(row)
                print("%-44s %8.2f %8.2f %13.2f" % tuple([path[-44:]] + row), flush=True)
    if not rows:
        sys.exit("no input is rewritten")
    medians = [statistics.median(column) for column in zip(*rows)]
    print("%-44s %8.2f %8.2f %13.2f" % tuple(["median of %d kernels" % len(rows)] + medians))
    print("%-44s %8.2f %8.2f %13.2f" % tuple(["the worst"] + [max(column) for column in zip(*rows)]))
    kept = medians[0] <= LIMIT_CPU and medians[1] <= LIMIT_WAIT
    print("limits of %.2f and %.2f: %s" % (LIMIT_CPU, LIMIT_WAIT, "kept" if kept else "EXCEEDED"))
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
