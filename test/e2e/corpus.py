"""corpus.py PTOLOWER CORPUS SCRATCH: runs ptolower on every .pto of a directory tree."""

import glob
import os
import re
import subprocess
import sys


def lower(ptolower, source, *words):
    """Output and error text; the output is None if ptolower failed."""
    result = subprocess.run([ptolower, source, "--remarks", *words], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)
    return (result.stdout if result.returncode == 0 else None,
            "exit status %d\n%s" % (result.returncode, result.stderr.decode()))


def vector_functions(text):
    """The _aiv functions, byte for byte: from their name to the line that closes them."""
    return re.findall(rb"^ *func\.func @\w+_aiv\(.*?^ {0,2}\}[^\n]*\n", text,
                      re.MULTILINE | re.DOTALL)


def repaired(ptolower, before, after, errors):
    """What is wrong with the output for a kernel that no ptoas compiles, or None."""
    if after == before:
        return None if "[PTL124]" in errors else "left as it is, without a word\n" + errors
    proof = subprocess.run([ptolower, "check", "--require-proof", "-"], input=after,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if "[PTL123]" not in errors or "[PTL321]" in errors:
        return "repaired without a word, or not validated\n" + errors
    return None if proof.returncode == 0 else proof.stdout.decode()


def check(ptolower, source, scratch):
    """What is wrong with this file's output, or None."""
    with open(source, "rb") as file:
        before = file.read()
    after, errors = lower(ptolower, source, "--validate")
    if after is None:
        return errors
    if lower(ptolower, source)[0] != after:
        return "a second run gave other bytes"
    if vector_functions(before) != vector_functions(after):
        return "a vector function changed"
    if os.path.basename(os.path.dirname(source)) == "level2_refused":
        problem = repaired(ptolower, before, after, errors)
        if problem:
            return problem
    again = os.path.join(scratch, os.path.basename(source))
    with open(again, "wb") as file:
        file.write(after)
    if lower(ptolower, again)[0] != after:
        return "its own output did not come through unchanged"
    return None


def main():
    ptolower, corpus, scratch = sys.argv[1:]
    sources = sorted(glob.glob(os.path.join(corpus, "**", "*.pto"), recursive=True))
    failures = 0
    for source in sources:
        problem = check(ptolower, source, scratch)
        if problem:
            failures += 1
            print("%s: %s" % (source, problem))
    print("%d of %d files failed" % (failures, len(sources)))
    return 1 if failures or not sources else 0


if __name__ == "__main__":
    sys.exit(main())
