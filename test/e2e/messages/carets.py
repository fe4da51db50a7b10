"""carets.py PTOLOWER TEST: of all inputs in the tests' folders, checked and lowered: each error, warning and remark
shows its line and a caret below it, or has no place: its text is of a whole file, or of no file.

The codes that have no place are those of PLACELESS, with the reason. IR that was printed has places in another text,
whose lines are not at hand; it is left out."""

import pathlib
import re
import subprocess
import sys

FOLDERS = ("check", "passes", "fuse", "sim", "time", "e2e/inputs")
HEAD = re.compile(r"^(?P<file>[^\s:][^:]*)(?::(?P<line>\d+):(?P<column>\d+))?: (error|warning|remark): .*?(?:\[PTL(?P<code>\d{3})\])?$")
SOURCE = re.compile(r"^ *\d+ \| ")
CARET = re.compile(r"^ {6}\| .*\^")

PLACELESS = {3: "the passes do not fit the module as a whole", 233: "the file has no function"}


def messages(ptolower, path):
    """The lines that a check and a lowering print."""
    for words in (["check", "--remarks"], ["--remarks", "--fuse=always", "-o", "/dev/null"]):
        done = subprocess.run([ptolower] + words + [str(path)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        yield done.stdout.decode(errors="replace").split("\n") + ["", ""]


def problems(lines):
    for i, text in enumerate(lines):
        head = HEAD.match(text)
        if not head:
            continue
        if head["line"]:
            if not (SOURCE.match(lines[i + 1]) and CARET.match(lines[i + 2])):
                yield "no caret: " + text
        elif int(head["code"] or 0) not in PLACELESS:
            yield "no place: " + text


def main(ptolower, test):
    count = 0
    found = []
    for folder in FOLDERS:
        for path in sorted(pathlib.Path(test, folder).rglob("*")):
            if path.suffix in (".pto", ".mlir") and "ptolower.ir" not in path.read_text(errors="replace"):
                for lines in messages(ptolower, path):
                    count += sum(bool(HEAD.match(line)) for line in lines)
                    found += problems(lines)
    print("%d messages" % count)
    if found or count < 100:
        sys.exit("\n".join(found) or "too few messages")


if __name__ == "__main__":
    main(*sys.argv[1:])
