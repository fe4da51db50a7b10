#!/usr/bin/env python3
"""What the drop-in costs when it is off: the same program alone, and behind the drop-in, in turn.

    tools/bench/dropin_off.py [-n RUNS]

Prints medians of the time from start to exit, and their difference. Run by hand; docs/bench.md says how to read
it.
"""

import argparse
import os
import statistics
import subprocess
import time

import startup

DROPIN = os.path.join(startup.BUILD, "libexec", "ptolower", "ptoas")


def milliseconds(command, environment):
    begin = time.perf_counter()
    subprocess.run([command], env=environment, stdout=subprocess.DEVNULL, check=True)
    return 1000 * (time.perf_counter() - begin)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", "--runs", type=int, default=200)
    runs = parser.parse_args().runs
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith("PTOLOWER")}
    environment["PTOLOWER_PTOAS"] = "/bin/true"
    alone, behind = [], []
    for _ in range(runs):
        alone.append(milliseconds("/bin/true", environment))
        behind.append(milliseconds(DROPIN, environment))
    off, program = statistics.median(behind), statistics.median(alone)
    print("alone %.2f ms, behind the drop-in %.2f ms, %.2f ms more" % (program, off, off - program))


if __name__ == "__main__":
    main()
