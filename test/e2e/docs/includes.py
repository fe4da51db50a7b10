"""includes.py SOURCE: no folder includes more than the table of docs/overview.md allows it, nor a
header of another folder that says it is not for other layers."""

import glob
import os
import re
import sys

COMMANDS = "tools/ptolower/"
LIB = ("support", "target", "plan", "asm", "ir", "kernel", "expr", "walk", "summary", "rules", "sync", "flags",
       "pipes", "check", "sim")
WORDS = dict([(word, "lib/" + word) for word in LIB] +
             [("common", "tools/common"), ("options", COMMANDS + "options"), ("map", COMMANDS + "map"),
              ("time", COMMANDS + "time")])


def read_table(path):
    """Each folder's column `includes`, in order."""
    with open(path) as file:
        rows = re.findall(r"^\| `([a-z_/]+)/` \|.*\|([^|]*)\|$", file.read(), re.MULTILINE)
    return {folder: text.strip() for folder, text in rows}


def allowed(folder, table):
    """The folders it may include, with what those may."""
    above = list(table)[:list(table).index(folder)]
    if "all of the above" in table[folder]:
        return set(above)
    if "every command" in table[folder]:
        named = {WORDS[word] for word in re.findall(r"\w+", table[folder]) if word in WORDS}
        return named | {other for other in above if other.startswith("tools/")}
    named = [WORDS[word] for word in re.findall(r"\w+", table[folder]) if word in WORDS]
    result = set(named)
    for other in named:
        result |= allowed(other, table)
    if not result <= set(above):
        sys.exit("%s includes folders that stand below it" % folder)
    return result


def folder_of(name, folder):
    """The folder that a file of `folder` means by the first part of an include."""
    if name == "passes":
        return name
    if not folder.startswith("tools/") or name in ("ptolower", "support"):
        return "lib/" + name
    return "tools/common" if name == "common" else COMMANDS + name


def included(source, folder):
    """(file, folder that it includes, the header) of every include of the project's own."""
    for path in sorted(glob.glob(os.path.join(source, folder, "*.[ch]"))):
        with open(path) as file:
            for name, header in re.findall(r'^#include "([^"/]+)/([^"]+)"', file.read(),
                                           re.MULTILINE):
                owner = folder_of(name, folder)
                yield os.path.relpath(path, source), owner, os.path.join(owner, header)


def sources(source, pattern):
    """The files of that pattern below lib, passes and tools."""
    for folder in ("lib", "passes", "tools"):
        yield from glob.glob(os.path.join(source, folder, "**", pattern), recursive=True)


def inner_headers(source):
    """The headers that are for their own folder only."""
    found = set()
    for path in sources(source, "*.h"):
        with open(path) as file:
            if "not for other layers" in " ".join(file.read(600).lower().replace("*", "").split()):
                found.add(os.path.relpath(path, source))
    return found


def with_sources(source):
    """The folders of lib, passes and tools that have C."""
    return {os.path.dirname(os.path.relpath(path, source)) for path in sources(source, "*.[ch]")}


def main():
    source = sys.argv[1]
    table = read_table(os.path.join(source, "docs", "overview.md"))
    present = with_sources(source) - {"tools/bench"}
    inner = inner_headers(source)
    wrong = ["%s is not in the table" % folder for folder in sorted(present - set(table))]
    for folder in sorted(present & set(table)):
        may = allowed(folder, table) | {folder, "lib/ptolower"}
        for path, owner, header in included(source, folder):
            if owner not in may:
                wrong.append("%s includes %s" % (path, owner))
            if header in inner and owner != folder:
                wrong.append("%s includes %s, which is not for other layers" % (path, header))
    if wrong or len(table) < 20 or len(inner) < 5:
        sys.exit("\n".join(wrong) or "no table")


if __name__ == "__main__":
    main()
