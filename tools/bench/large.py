#!/usr/bin/env python3
"""Cost of large files: CPU time and peak memory of checking and of lowering one.

    tools/bench/large.py [--ops N] [--no-loc] [INPUT...]

The inputs' functions are repeated, each under a name of its own, until the module holds N ops
(100,000), each op with the location of a line of Python, as pypto writes it. Run by hand; docs/bench.md says how to read it.
"""

import argparse
import os
import re
import sys
import tempfile

import startup

LIMIT_CPU_MS = 4000
LIMIT_RSS_MIB = 600
INPUTS = [os.path.join(startup.ROOT, "test", "e2e", "inputs", "gate_up_store.pto")]


def functions_of(path):
    """The text between the module's braces, and how many statements it has."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    body = text[text.index("{\n", text.index("module")) + 2:text.rindex("}")]
    return body, sum(bool(line.strip().strip("}")) for line in body.split("\n"))


def with_locations(body):
    """The body with a loc(...) on each op that has none; ops are written in one line each."""
    lines = []
    for number, line in enumerate(body.split("\n"), 1):
        is_op = line.strip() and not line.rstrip().endswith(("{", "}"))
        where = ' loc("/models/examples/models/qwen3/32b/kernels/decode/gate_up_projection_fused.py":%d:%d)'
        lines.append(line + where % (number, 13) if is_op and " loc(" not in line else line)
    return "\n".join(lines)


def large_module(paths, op_count, has_locations):
    bodies = [functions_of(path) for path in paths]
    if has_locations:
        bodies = [(with_locations(body), count) for body, count in bodies]
    parts, ops, turn = [], 0, 0
    while ops < op_count:
        body, count = bodies[turn % len(bodies)]
        suffix = "_copy%d" % turn
        parts.append(re.sub(r"@(\w+)", lambda name: "@" + name.group(1) + suffix, body))
        ops += count
        turn += 1
    return "module attributes {pto.target_arch = \"a2a3\"} {\n" + "".join(parts) + "}\n", ops


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("inputs", nargs="*", default=INPUTS)
    parser.add_argument("--ops", type=int, default=100000)
    parser.add_argument("--no-loc", action="store_true", help="ops as they are in the inputs")
    arguments = parser.parse_args()
    text, ops = large_module(arguments.inputs, arguments.ops, not arguments.no_loc)
    tool = os.path.join(startup.BUILD, "bin", "ptolower")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "large.pto")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        commands = {"check": [tool, "check", path],
                    "read and write": [tool, "--fuse=off", path, "-o", os.path.join(folder, "o")]}
        print("%d ops, %.1f MB" % (ops, len(text) / 1e6))
        kept = True
        for name, command in commands.items():
            cpu, rss = startup.run_once(command)
            kept = kept and cpu <= LIMIT_CPU_MS and rss <= LIMIT_RSS_MIB
            print("%-16s %8.0f ms CPU %8.0f MiB" % (name, cpu, rss))
    print("limits of %d ms and %d MiB for each: %s" %
          (LIMIT_CPU_MS, LIMIT_RSS_MIB, "kept" if kept else "EXCEEDED"))
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
