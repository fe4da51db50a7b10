#!/usr/bin/env python3
"""Cost of large files: CPU time and peak memory of checking and of lowering one.

    tools/bench/large.py [--ops N] [--no-loc] [--ptoas PTOAS] [INPUT...]

The inputs' functions are repeated, each under a name of its own, until the module holds N ops
(100,000), each op with the location of a line of Python, as pypto writes it. With a ptoas they are checked
with its flags as well: it compiles each input once, and what it wrote is repeated. Run by hand; docs/bench.md says how to read it.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile

import startup

LIMIT_CPU_MS = 4000
LIMIT_RSS_MIB = 600
LIMIT_SYNC_CPU_MS, LIMIT_SYNC_RSS_MIB = 8000, 1000
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


def written_of(ptoas, path, folder):
    """What ptoas makes of an input."""
    target = os.path.join(folder, "one.cpp")
    subprocess.run([ptoas, path, "-o", target, "--enable-insert-sync", "--pto-level=level3", "--pto-arch=a3"], check=True)
    with open(target, encoding="utf-8") as file:
        return file.read()


def large_written(ptoas, paths, text, folder):
    """What ptoas would make of the large module: that of its inputs, for the copies of their functions."""
    single = [written_of(ptoas, path, folder) for path in paths]
    copies = len(set(re.findall(r"func\.func @\w+(_copy\d+)\b", text)))
    return "".join(re.sub(r"(AICORE void \w+)\(", r"\1_copy%d(" % turn, single[turn % len(single)]) + "\n"
                   for turn in range(copies))


def stand_in(ptoas, paths, text, folder):
    """A program in place of ptoas that hands out what it would make of the large module."""
    program, written = os.path.join(folder, "ptoas"), os.path.join(folder, "large.cpp")
    with open(written, "w", encoding="utf-8") as file:
        file.write(large_written(ptoas, paths, text, folder))
    with open(program, "w", encoding="utf-8") as file:
        file.write('#!/bin/sh\nwhile [ $# -gt 0 ]; do [ "$1" = -o ] && exec cp %s "$2"; shift; done\necho ptoas 0.60\n'
                   % written)
    os.chmod(program, 0o755)
    return program


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("inputs", nargs="*", default=INPUTS)
    parser.add_argument("--ops", type=int, default=100000)
    parser.add_argument("--no-loc", action="store_true", help="ops as they are in the inputs")
    parser.add_argument("--ptoas", help="whose flags are checked, too")
    arguments = parser.parse_args()
    text, ops = large_module(arguments.inputs, arguments.ops, not arguments.no_loc)
    tool = os.path.join(startup.BUILD, "bin", "ptolower")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "large.pto")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        commands = {"check": [tool, "check", path],
                    "read and write": [tool, "--fuse=off", path, "-o", os.path.join(folder, "o")]}
        limits = {name: (LIMIT_CPU_MS, LIMIT_RSS_MIB) for name in commands}
        if arguments.ptoas:
            program = stand_in(arguments.ptoas, arguments.inputs, text, folder)
            commands["check flags"] = [tool, "check", "--require-proof", "--sync=" + program, path]
            limits["check flags"] = (LIMIT_SYNC_CPU_MS, LIMIT_SYNC_RSS_MIB)
        print("%d ops, %.1f MB" % (ops, len(text) / 1e6))
        kept = True
        for name, command in commands.items():
            cpu, rss = startup.run_once(command)
            kept = kept and cpu <= limits[name][0] and rss <= limits[name][1]
            print("%-16s %8.0f ms CPU %8.0f MiB, limits %d and %d" % ((name, cpu, rss) + limits[name]))
    print("limits: %s" % ("kept" if kept else "EXCEEDED"))
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
