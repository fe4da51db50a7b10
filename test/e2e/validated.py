"""validated.py TESTS: every RUN line that lowers a file does it with --validate (as %lower), and so
does every one that fuses files, unless it is refused.

`%ptolower` by itself is for what lowers nothing: commands, options that only print, wrong usage."""

import pathlib
import re
import sys

COMMANDS = {"check", "sim", "validate", "shapes", "tpot", "pypto-kernel", "reach", "reduce", "time"}


def lowers(words, is_refused):
    """Whether `%ptolower WORDS` takes a file and writes what becomes of it, without --validate."""
    words = re.split(r"[|<>]|2>&1", words)[0].split()
    if words[:1] == ["fuse"]:
        return not is_refused and "--validate" not in words
    return bool(words) and words[0] not in COMMANDS and any(
        re.search(r"\.(pto|mlir)$", word) or word in ("-", "%s") for word in words)


failed = []
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*")):
    if path.suffix not in (".test", ".pto", ".mlir"):
        continue
    for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        run = re.search(r"RUN:.*?%ptolower (.*)", line)
        if run and not re.search(r"%python|%exits 2 ", line) and lowers(
                run.group(1), "%exits 1 " in line):
            failed.append("%s:%d: %s" % (path, number, run.group(1)))
assert not failed, "lowered without --validate:\n" + "\n".join(failed)
