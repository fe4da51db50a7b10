"""many.py DROPIN SOURCE SCRATCH: many at once, and killed runs."""

import glob
import os
import signal
import subprocess
import sys
import time

from harness import OPTIONS, equal, holds, main

# Fifty at once take longer than the usual limit of time, where the machine has other things to do.
ON = {"PTOLOWER_FUSE": "1", "PTOLOWER_LOG": "log", "PTOLOWER_TIMEOUT": "3600"}


def wait_for(condition):
    end = time.monotonic() + 300
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("waited in vain")


def test_fifty_at_once(case):
    runs = [case.start(["k.pto", "-o", "k%d.cpp" % i] + OPTIONS, **ON) for i in range(50)]
    for run in runs:
        run.communicate()
    equal([run.returncode for run in runs], [0] * 50)
    outputs = {case.text("k%d.cpp" % i) for i in range(50)}
    equal(len(outputs), 1)
    holds(outputs.pop(), "// compiled\n")
    equal([line["fused"] for line in case.log()], [True] * 50)
    equal(len(case.files()), 100)


def test_fifty_into_one_file(case):
    runs = [case.start(["k.pto", "-o", "k.cpp"] + OPTIONS, **ON) for _ in range(50)]
    for run in runs:
        run.communicate()
    equal([run.returncode for run in runs], [0] * 50)
    equal(case.text("k.cpp"), "// compiled\n" + case.text("k.cpp.ptolower.pto"))
    equal(case.files(), ["k.cpp", "k.cpp.ptolower.pto"])


def test_fifty_that_keep_nothing(case):
    keep = dict(ON, PTOLOWER_KEEP="0")
    runs = [case.start(["k.pto", "-o", "k.cpp"] + OPTIONS, **keep) for _ in range(50)]
    equal({run.communicate()[1] for run in runs}, {"warned by the stand-in\n"})
    equal(case.files(), ["k.cpp"])


def is_running(case):
    return bool(glob.glob(case.path(".ptolower-*/of-lowered")))


def check_killed(case, number, **variables):
    with open(case.path("k.cpp"), "w") as file:
        file.write("the old output")
    run = case.start(["k.pto", "-o", "k.cpp"] + OPTIONS, STANDIN_WAIT="600",
                     **dict(ON, **variables))
    wait_for(lambda: is_running(case))
    os.kill(run.pid, number)
    run.communicate()  # ends only when the stand-in is gone, too
    equal(run.returncode, -number)
    equal(case.text("k.cpp"), "the old output")


def test_killed(case):
    check_killed(case, signal.SIGKILL)


def test_terminated(case):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        check_killed(case, number)
        equal(case.files(), ["k.cpp", "k.cpp.ptolower.pto"])


def test_terminated_keeps_nothing(case):
    check_killed(case, signal.SIGTERM, PTOLOWER_KEEP="0")
    equal(case.files(), ["k.cpp"])


if __name__ == "__main__":
    for inherited in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(inherited, signal.default_int_handler)  # a shell's background job ignores some
    sys.exit(main(globals()))
