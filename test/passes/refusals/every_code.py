"""every_code.py SOURCE TESTS: which diagnostic codes no test expects. Codes from 900 on are our
bugs, and no input is known that gives them."""

import pathlib
import re
import sys

# 9 takes too long to reach (test/unit/check/check_test.c has its cause).
# PTL_NO_PLAN_ELEMENTS (30): the verifier, the import and the walk refuse such products before.
UNREACHABLE = {9, 30}
PATTERNS = (
    r"ptl_diag_add\([^;]*?PTL_(?:ERROR|WARNING|REMARK),\s*(\d+)",
    r"\brefuse\(im, (\d+)",
    r"\bremark\(g, (\d+)",
    r"\brefuse\(text, file, diags, (\d+)",
)


def texts(folder, pattern):
    return [path.read_text() for path in pathlib.Path(folder).rglob(pattern)]


source, tests = map(pathlib.Path, sys.argv[1:])
named = set()
for text in texts(source / "lib", "*.c") + texts(source / "passes", "*.c"):
    for pattern in PATTERNS:
        named.update(int(code) for code in re.findall(pattern, text))
docs = source / "docs" / "diagnostics.md"
if docs.exists():
    named.update(int(code) for code in re.findall(r"PTL(\d{3})", docs.read_text()))
assert len(named) > 30, named
expected = {int(code) for path in tests.rglob("*")
            if path.suffix in {".mlir", ".pto", ".test", ".py", ".c"} and path.name != "diagnostics.test"
            for code in re.findall(r"PTL(\d{3})", path.read_text())}
missing = sorted(code for code in named - expected - UNREACHABLE if code < 900)
assert not missing, "no test expects %s" % ", ".join("PTL%03d" % code for code in missing)
