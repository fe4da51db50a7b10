"""codes.py LIST SOURCE: what `ptolower explain --list` printed into LIST against the texts of SOURCE.

Every code of the list is said by some source (as PTL_CODE_NAME) and expected by some test, unless
it is no longer said; and every PTLnnn that a text names is in the list."""

import pathlib
import re
import sys

# From 900 on are our own bugs: no input is known that gives them. 9 takes too long to reach
# (test/unit/check/check_test.c has its cause). 30: the verifier, the import and the walk refuse
# such products before.
UNTESTED = {9, 30}
OWN_BUGS = 900


def texts(source, folders):
    """(path, text) of every file but those of this test."""
    own = pathlib.Path(__file__).parent.name
    for folder in folders:
        for path in sorted((source / folder).rglob("*") if (source / folder).is_dir() else [source / folder]):
            if path.is_file() and path.parent.name != own:
                yield path.relative_to(source), path.read_text(errors="replace")


def read_list(path):
    """Name and grade of each code."""
    rows = re.findall(r"^  PTL(\d{3})  (\S+) +(\S.*)$", pathlib.Path(path).read_text(), re.MULTILINE)
    return {int(number): (name, grade) for number, name, grade in rows}


def named(pairs):
    """The codes that texts name, with the first file that does: PTLnnn and PTL_CODE_NAME."""
    numbers, names = {}, {}
    for path, text in pairs:
        for number in re.findall(r"\bPTL(\d{3})\b", text):
            numbers.setdefault(int(number), path)
        for name in re.findall(r"\bPTL_CODE_(\w+)", text):
            names.setdefault(name.lower().replace("_", "-"), path)
    return numbers, names


def problems(codes, source):
    own, said = named(texts(source, ["lib", "passes", "tools"]))
    tested, tested_names = named(texts(source, ["test"]))
    pages, _ = named(texts(source, ["README.md", "docs", "include"]))
    for number, (name, grade) in codes.items():
        if grade == "no longer said":
            continue
        if name not in said:
            yield "no source says PTL_CODE_%s" % name.upper().replace("-", "_")
        if number not in tested and name not in tested_names and number not in UNTESTED and number < OWN_BUGS:
            yield "no test expects PTL%03d (%s)" % (number, name)
    for mentioned in (own, tested, pages):
        for number, path in sorted(mentioned.items()):
            if number not in codes:
                yield "%s: there is no PTL%03d" % (path, number)


def main():
    codes = read_list(sys.argv[1])
    found = list(problems(codes, pathlib.Path(sys.argv[2])))
    if found or len(codes) < 100:
        sys.exit("\n".join(found) or "no list")


if __name__ == "__main__":
    main()
