"""codes.py SOURCE TABLE [--list]: the codes of TABLE are those that the sources use.

A code is the argument `int code` of a call to ptl_diag_add, or to a function that hands its
own `int code` on. An argument may be a number, an enumerator, a choice of both,
`number + (int)x.reason` with the reasons of ptl_no_plan, or `rule->code` for all codes of the table
of rules (`.code = number` in lib/api/rules.c). Any other form fails, so that no code
goes unseen. PTLnnn in comments and documents must be in the table as well."""

import glob
import os
import re
import sys


class Sources:
    def __init__(self, root):
        paths = [path for part in ("lib", "passes", "tools")
                 for path in glob.glob(os.path.join(root, part, "**", "*.[ch]"), recursive=True)]
        self.texts = {os.path.relpath(path, root): read(path) for path in sorted(paths)}
        headers = [code for path, code in self.texts.items() if path.endswith(".h")]
        self.shared = {}
        for code in headers:
            self.shared.update(functions_with_code(code, ";"))
        self.reasons = sum(name.startswith("PTL_NO_PLAN_")
                           for name in enumerators(strip(self.texts["lib/plan/plan.h"])))
        self.rules = [int(number) for number in
                      re.findall(r"\.code = (\d+)", strip(self.texts["lib/api/rules.c"]))]


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def blank(match):
    return re.sub(r"[^\n]", " ", match.group(0))


def strip(text):
    """Without comments, and with empty strings; every character keeps its place."""
    pattern = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    return re.sub(pattern, blank, text, flags=re.DOTALL)


def functions_with_code(text, end):
    """Position of the parameter `int code`, by name, of the functions declared or defined."""
    found = {}
    for match in re.finditer(r"\b(\w+)\(([^()]*\bint code\b[^()]*)\)\s*" + re.escape(end),
                             strip(text)):
        names = [parameter.split()[-1].lstrip("*") for parameter in match.group(2).split(",")]
        found[match.group(1)] = names.index("code")
    return found


def arguments(text, begin):
    """The arguments of a call, with `begin` behind its `(`."""
    depth, parts, start = 1, [], begin
    for at in range(begin, len(text)):
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(text[at], 0)
        if depth == 0 or (depth == 1 and text[at] == ","):
            parts.append(text[start:at].strip())
            start = at + 1
        if depth == 0:
            return parts
    return parts


def enumerators(text):
    values = {}
    for match in re.finditer(r"\benum\s*\w*\s*\{([^{}]*)\}", text):
        value = -1
        for part in match.group(1).split(","):
            item = re.fullmatch(r"\s*(\w+)\s*(?:=\s*(\w+)\s*)?", part)
            if not item or (item.group(2) and not item.group(2).isdigit()):
                break
            value = int(item.group(2)) if item.group(2) else value + 1
            values[item.group(1)] = value
    return values


def values_of(argument, names, reasons, rules):
    """The codes that an argument can be; None if its form is not known."""
    if argument == "rule->code":
        return rules
    choice = re.fullmatch(r"[\w\s>.!()-]+\?\s*(\w+)\s*:\s*(\w+)", argument)
    total = re.fullmatch(r"(\d+)\s*\+\s*\(int\)\s*\w+\.reason", argument)
    if total:
        return [int(total.group(1)) + i for i in range(reasons)]
    values = [int(word) if word.isdigit() else names.get(word)
              for word in (choice.groups() if choice else [argument])]
    return None if None in values else values


def codes_of_file(sources, path):
    """(code, line) of each use; a code of None is an argument that was not understood."""
    text = strip(sources.texts[path])
    functions = dict(sources.shared)
    functions.update(functions_with_code(text, "{"))
    names = enumerators(text)
    for match in re.finditer(r"\b(%s)\(" % "|".join(functions), text):
        position = functions[match.group(1)]
        parts = arguments(text, match.end())
        argument = parts[position] if position < len(parts) else ""
        if argument in ("code", "int code"):
            continue
        line = text.count("\n", 0, match.start()) + 1
        for code in values_of(argument, names, sources.reasons, sources.rules) or [None]:
            yield code, line


def rows(table):
    return [int(number) for number in re.findall(r"^\| PTL(\d{3}) \|", table, re.MULTILINE)]


def mentions(root, sources):
    """(path, code) of each PTLnnn in a text: comments, documents, tests."""
    texts = dict(sources.texts)
    for pattern in ("README.md", "docs/**/*", "test/**/*.*"):
        for path in glob.glob(os.path.join(root, pattern), recursive=True):
            if os.path.isfile(path) and not os.path.dirname(path).endswith("diagnostics"):
                texts[os.path.relpath(path, root)] = read(path)
    for path, text in sorted(texts.items()):
        for number in sorted(set(re.findall(r"\bPTL(\d{3})\b", text))):
            yield path, int(number)


def main():
    root, table_path = sys.argv[1:3]
    sources = Sources(root)
    table = rows(read(table_path))
    problems, used = [], {}
    for path in sources.texts:
        for code, line in codes_of_file(sources, path):
            if code is None:
                problems.append("%s:%d: the code of this call is not understood" % (path, line))
            elif code == 0:
                continue  # a note
            else:
                used.setdefault(code, []).append("%s:%d" % (path, line))
    for code in sorted(set(used) - set(table)):
        problems += ["%s: PTL%03d is not in the table" % (place, code) for place in used[code]]
    for code in sorted(set(table) - set(used)):
        problems.append("%s: PTL%03d is in the table and in no source" % (table_path, code))
    for code in sorted(code for code in set(table) if table.count(code) > 1):
        problems.append("%s: PTL%03d stands there twice" % (table_path, code))
    for path, code in mentions(root, sources):
        if code not in used:
            problems.append("%s: PTL%03d is a code of no source" % (path, code))
    if "--list" in sys.argv[3:]:
        for code in sorted(used):
            print("PTL%03d %s" % (code, " ".join(used[code])))
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
