"""includes.py SOURCE: no folder includes more than the table of docs/overview.md allows it."""

import glob
import os
import re
import sys

WORDS = {"support": "lib/support", "target": "lib/target", "plan": "lib/plan", "asm": "lib/asm",
         "ir": "lib/ir", "kernel": "lib/kernel", "sim": "lib/sim"}


def read_table(path):
    """Each folder's column `includes`, in order."""
    with open(path) as file:
        rows = re.findall(r"^\| `([a-z/]+)/` \|.*\|([^|]*)\|$", file.read(), re.MULTILINE)
    return {folder: text.strip() for folder, text in rows}


def allowed(folder, table):
    """The folders it may include, with what those may."""
    above = list(table)[:list(table).index(folder)]
    if "all of the above" in table[folder]:
        return set(above)
    named = [WORDS[word] for word in re.findall(r"\w+", table[folder]) if word in WORDS]
    result = set(named)
    for other in named:
        result |= allowed(other, table)
    if not result <= set(above):
        sys.exit("%s includes folders that stand below it" % folder)
    return result


def included(source, folder):
    """(file, folder that it includes) of every include of the project's own."""
    for path in sorted(glob.glob(os.path.join(source, folder, "*.[ch]"))):
        with open(path) as file:
            for name in re.findall(r'^#include "([^"/]+)/', file.read(), re.MULTILINE):
                found = name if name == "passes" else os.path.join("lib", name)
                yield os.path.relpath(path, source), found


def main():
    source = sys.argv[1]
    table = read_table(os.path.join(source, "docs", "overview.md"))
    wrong = []
    for folder in (name for name in table if name.startswith(("lib/", "passes"))):
        may = allowed(folder, table) | {folder, "lib/ptolower"}
        wrong += ["%s includes %s" % pair for pair in included(source, folder)
                  if pair[1] not in may]
    if wrong or len(table) < 10:
        sys.exit("\n".join(wrong) or "no table")


if __name__ == "__main__":
    main()
