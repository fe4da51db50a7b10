#!/usr/bin/env python3
"""Counts the tests of several runners: test_summary.py NAME=RESULTS.xml=EXIT_STATUS ...

Prints what was skipped for want of what and how to get it, then `N passed, N failed, N skipped`; exits
with 1 if anything failed. A runner that ended badly without naming a failure, or that executed no test,
counts as one failure.
"""

import re
import sys
import xml.etree.ElementTree as ElementTree


# How to get what a test of lit may miss.
REMEDIES = {
    "corpus": "set PTOLOWER_CORPUS to a folder of kernels that pypto wrote (docs/CONTRIBUTING.md)",
    "ptoas": "put a ptoas of PTOAS' releases on PATH, or name it in PTOAS",
    "terminal": "mount /dev/pts",
    "chromium": "install the package chromium",
}


def outcome(case):
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    return "skipped" if case.find("skipped") is not None else "passed"


def count(path):
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    try:
        cases = ElementTree.parse(path).iter("testcase")
        for case in cases:
            counts[outcome(case)] += 1
    except (OSError, ElementTree.ParseError) as error:
        print("no results in %s: %s" % (path, error))
    return counts


def wants(path):
    """{what is missing: how many tests were skipped for want of it}"""
    found = {}
    try:
        skipped = ElementTree.parse(path).iter("skipped")
    except (OSError, ElementTree.ParseError):
        return found
    for element in skipped:
        missing = re.match(r"Missing required feature\(s\): (.*)", element.get("message", ""))
        what = missing.group(1) if missing else element.get("message", "no reason given")
        found[what] = found.get(what, 0) + 1
    return found


def tell_wants(paths):
    total = {}
    for path in paths:
        for what, number in wants(path).items():
            total[what] = total.get(what, 0) + number
    for what, number in sorted(total.items()):
        remedies = [REMEDIES[name] for name in what.split(", ") if name in REMEDIES]
        print("skipped %d for want of %s%s" %
              (number, what, ": " + "; ".join(remedies) if remedies else ""))


def count_runner(name, path, status):
    counts = count(path)
    if counts["passed"] + counts["failed"] == 0:
        print("%s: no test was executed" % name)
        counts["failed"] += 1
    elif status != 0 and counts["failed"] == 0:
        print("%s: ended with status %d" % (name, status))
        counts["failed"] += 1
    return counts


def main():
    total = {"passed": 0, "failed": 0, "skipped": 0}
    for argument in sys.argv[1:]:
        name, path, status = argument.rsplit("=", 2)
        for key, value in count_runner(name, path, int(status)).items():
            total[key] += value
    tell_wants([argument.rsplit("=", 2)[1] for argument in sys.argv[1:]])
    print("%(passed)d passed, %(failed)d failed, %(skipped)d skipped" % total)
    return 1 if total["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
