#!/usr/bin/env python3
"""Whether two builds of ptolower do the same, byte for byte: for a change that must not change behaviour.

    tools/bench/compare_builds.py BEFORE AFTER FILE_OR_DIRECTORY... [-- OPTION...]

Checks each .pto file with both programs, and lowers it with --fuse=auto and --fuse=always. Compares reports,
outputs, plans, remarks and exit statuses. The options are given to the program AFTER only, to see what they
change. Exit status: 0 no difference, 1 differences, each with the first line that differs.
"""

import concurrent.futures
import os
import subprocess
import sys
import tempfile


def kernels(paths):
    for path in paths:
        if not os.path.isdir(path):
            yield path
            continue
        for folder, _, names in sorted(os.walk(path)):
            yield from (os.path.join(folder, name) for name in sorted(names) if name.endswith(".pto"))


def run(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return b"exit status %d\n" % done.returncode + done.stdout


def contents(path):
    if not os.path.exists(path):
        return b""
    with open(path, "rb") as file:
        return file.read()


def results(program, options, path):
    """What a program makes of one file: a dictionary from a name to bytes."""
    found = {"check": run([program, "check", "--format=json", "--remarks", *options, path])}
    with tempfile.TemporaryDirectory() as folder:
        output, plan = os.path.join(folder, "output.pto"), os.path.join(folder, "plan.json")
        for fuse in ("auto", "always"):
            said = run([program, path, "--fuse=" + fuse, "--remarks", "-o", output, "--plan=" + plan, *options])
            found["messages of " + fuse] = said.replace(folder.encode(), b"")
            found["output of " + fuse] = contents(output)
            found["plan of " + fuse] = contents(plan).replace(folder.encode(), b"")
            for file in (output, plan):
                if os.path.exists(file):
                    os.remove(file)
    return found


def first_difference(before, after):
    pairs = zip(before.splitlines() + [b"(end)"], after.splitlines() + [b"(end)"])
    for number, (old, new) in enumerate(pairs, 1):
        if old != new:
            return "line %d:\n    - %s\n    + %s" % (number, old[:200].decode("utf-8", "replace"),
                                                  new[:200].decode("utf-8", "replace"))
    return "the ends of lines"


def compare(before, after, options, path):
    old, new = results(before, [], path), results(after, options, path)
    return ["%s: %s: %s" % (path, name, first_difference(old[name], new[name]))
            for name in old if old[name] != new[name]]


def main():
    words = sys.argv[1:]
    options = words[words.index("--") + 1:] if "--" in words else []
    words = words[:words.index("--")] if "--" in words else words
    if len(words) < 3:
        sys.exit(__doc__)
    before, after, paths = words[0], words[1], list(kernels(words[2:]))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(lambda path: compare(before, after, options, path), paths))
    for difference in (line for lines in found for line in lines):
        print(difference)
    print("%d files, %d with differences" % (len(paths), sum(bool(lines) for lines in found)))
    return 1 if not paths or any(found) else 0


if __name__ == "__main__":
    sys.exit(main())
