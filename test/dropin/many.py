"""many.py DROPIN SOURCE SCRATCH: many at once, killed runs, and what being off costs."""

import glob
import os
import signal
import subprocess
import sys
import time

from harness import OPTIONS, equal, holds, main

ON = {"PTOLOWER_FUSE": "1", "PTOLOWER_LOG": "log"}


def wait_for(condition):
    for _ in range(500):
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
    run = case.start(["k.pto", "-o", "k.cpp"] + OPTIONS, STANDIN_WAIT="60",
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


def least_time(words, environment, count):
    """Milliseconds of the fastest of some runs."""
    least = float("inf")
    for _ in range(count):
        begin = time.perf_counter()
        subprocess.run(words, env=environment, stdout=subprocess.DEVNULL, check=True)
        least = min(least, time.perf_counter() - begin)
    return 1000 * least


def test_off_costs_nothing(case):
    if "ASAN_OPTIONS" in os.environ or b"__asan_init" in open(case.dropin, "rb").read():
        return
    environment = dict(case.environment, PTOLOWER_PTOAS="/bin/true")
    alone = least_time(["/bin/true"], environment, 100)
    ours = least_time([case.dropin], environment, 100)
    print("off: %.2f ms, the program alone %.2f ms" % (ours, alone))
    equal(ours - alone < 2, True)


if __name__ == "__main__":
    for inherited in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(inherited, signal.default_int_handler)  # a shell's background job ignores some
    sys.exit(main(globals()))
