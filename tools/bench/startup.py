#!/usr/bin/env python3
"""Cost of a whole run of ptolower, start to exit: median CPU time and peak memory.

    tools/bench/startup.py [INPUT] [-n RUNS] [--ptolower PROGRAM] [--mlir-opt PROGRAM]

Run by hand; docs/bench.md says how to read it.
"""

import argparse
import os
import statistics
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("PTOLOWER_BUILD", os.path.join(ROOT, "build"))
LIMIT_CPU_MS = 10  # of runs that follow each other
LIMIT_COLD_CPU_MS = 15  # of runs that each come after another program
LIMIT_RSS_MIB = 32


def run_once(command):
    """CPU milliseconds and peak memory in MiB of one run."""
    cost = os.path.join(BUILD, "tools", "bench", "run_cost")
    line = subprocess.run([cost] + command, stdout=subprocess.PIPE, text=True, check=True).stdout
    cpu_us, rss_kib, status = map(int, line.split())
    if status != 0:
        sys.exit("%s: exit status %d" % (" ".join(command), status))
    return cpu_us / 1000, rss_kib / 1024


def measure(commands, runs):
    """Medians of each command. The commands take turns, so that noise hits all, and each finds the
    caches cold."""
    samples = {name: [] for name in commands}
    for round_number in range(runs + 1):
        for name, command in commands.items():
            sample = run_once(command)
            if round_number > 0:  # the first round fills the page cache
                samples[name].append(sample)
    return {name: tuple(statistics.median(column) for column in zip(*rows))
            for name, rows in samples.items()}


def print_table(medians, reference):
    width = max(len(name) for name in medians)
    print("%-*s  %10s  %10s  %10s  %10s" % (width, "", "CPU ms", "MiB", "CPU ratio", "MiB ratio"))
    for name, (cpu, rss) in medians.items():
        print("%-*s  %10.2f  %10.1f  %10.3f  %10.3f" %
              (width, name, cpu, rss, cpu / medians[reference][0], rss / medians[reference][1]))


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("input", nargs="?",
                        default=os.path.join(ROOT, "test", "e2e", "inputs", "gate_up_store.pto"))
    parser.add_argument("-n", "--runs", type=int, default=50)
    parser.add_argument("--ptolower", default=os.path.join(BUILD, "bin", "ptolower"))
    parser.add_argument("--mlir-opt", default="mlir-opt-19")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    reference = "mlir-opt --version"
    command = [arguments.ptolower, arguments.input, "-o", os.devnull]
    medians = measure({"ptolower, one after the other": command}, arguments.runs)
    medians.update(measure({
        "ptolower": command,
        "ptolower --version": [arguments.ptolower, "--version"],
        reference: [arguments.mlir_opt, "--version"],
    }, arguments.runs))
    print("%s, medians of %d runs" % (arguments.input, arguments.runs))
    print_table(medians, reference)
    cpu, rss = medians["ptolower, one after the other"]
    kept = (cpu <= LIMIT_CPU_MS and rss <= LIMIT_RSS_MIB and
            medians["ptolower"][0] <= LIMIT_COLD_CPU_MS)
    print("limits of %d ms, %d ms in turns, and %d MiB: %s" %
          (LIMIT_CPU_MS, LIMIT_COLD_CPU_MS, LIMIT_RSS_MIB, "kept" if kept else "EXCEEDED"))
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
