"""What must hold of the pipeline as a whole, for any input.

pipeline.py cut|omit|repeat PTOLOWER INPUT [OPTION ...]
pipeline.py print PTOLOWER MLIR-OPT INPUT [OPTION ...]
"""

import os
import re
import subprocess
import sys
import tempfile


def run(command, text=None, status=0):
    done = subprocess.run(command, input=text, capture_output=True)
    assert done.returncode == status, "%s: exit status %d\n%s" % (
        " ".join(command), done.returncode, done.stderr.decode())
    return done


def passes(tool):
    lines = run([tool, "--list-passes"]).stdout.decode().splitlines()
    return [line.split()[0] for line in lines]


def outputs(command, text=None):
    """The lowered text, and the plan."""
    with tempfile.TemporaryDirectory() as directory:
        paths = [os.path.join(directory, name) for name in ("out", "plan")]
        run([*command, "--validate", "-o", paths[0], "--plan=" + paths[1]], text)
        return [read(path) for path in paths]


def cut(tool, source, *options):
    names = passes(tool)
    expected = outputs([tool, source, *options])
    for n in range(1, len(names)):
        ir = run([tool, source, "--stop-after=" + names[n - 1], *options]).stdout
        rest = "--pass-pipeline=" + ",".join(names[n:])
        got = outputs([tool, "-", rest, *options], ir)
        assert got == expected, "another output when cut behind " + names[n - 1]
    first = run([tool, source, "--pass-pipeline=" + ",".join(names[:-1]), *options]).stdout
    assert ir == first, "--stop-after and --pass-pipeline differ"


def omit(tool, source, *options):
    names = passes(tool)
    for name in names[:-1]:
        rest = [other for other in names if other != name]
        command = [tool, source, "--pass-pipeline=" + ",".join(rest), *options]
        done = run(command, status=1)
        assert b"error: pass '" in done.stderr and b"[PTL003]" in done.stderr, name
        assert done.stdout == b"", name
    done = run([tool, source, "--pass-pipeline=" + ",".join(names[:-1]), *options])
    assert b"[PTL008]" in done.stderr


def print_(tool, mlir_opt, source, *options):
    done = run([tool, source, "--validate", "--print-ir-after-all", "-o", os.devnull, *options])
    parts = re.split(r"(?m)^// -----// IR after (\S+) //----- //\n", done.stderr.decode())
    assert parts[1::2] == passes(tool), parts[1::2]
    with tempfile.TemporaryDirectory() as directory:
        dialect = os.path.join(directory, "dialect.mlir")
        with open(dialect, "wb") as file:
            file.write(run([tool, "--dialect"]).stdout)
        modules = "\n// -----\n".join(parts[2::2]).encode()
        for extra in ([], ["--irdl-file=" + dialect]):
            run([mlir_opt, "--allow-unregistered-dialect", "--split-input-file", *extra], modules)


def repeat(tool, source, *options):
    with tempfile.TemporaryDirectory() as directory:
        once, twice = (os.path.join(directory, name) for name in ("once", "twice"))
        run([tool, source, "--validate", "-o", once, *options])
        for _ in range(2):
            run([tool, source, "--validate", "-o", twice, *options])
            assert read(once) == read(twice), "two runs differ"
        run([tool, once, "-o", twice, *options])
        assert read(once) == read(twice), "our own output does not come back as it is"


def read(path):
    with open(path, "rb") as file:
        return file.read()


{"cut": cut, "omit": omit, "print": print_, "repeat": repeat}[sys.argv[1]](*sys.argv[2:])
