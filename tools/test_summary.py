#!/usr/bin/env python3
"""Counts the tests of several runners: test_summary.py NAME=RESULTS.xml=EXIT_STATUS ...

Prints `N passed, N failed, N skipped`; exits with 1 if anything failed. A runner that
ended badly without naming a failure, or that executed no test, counts as one failure.
"""

import sys
import xml.etree.ElementTree as ElementTree


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
    print("%(passed)d passed, %(failed)d failed, %(skipped)d skipped" % total)
    return 1 if total["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
