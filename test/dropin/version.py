"""version.py DROPIN SOURCE SCRATCH: the real ptoas is asked for its version once, and lowered for."""

import glob
import os
import shutil
import sys
import time

from harness import equal, main

def lower(case, version="ptoas 0.48", **environment):
    """Runs the drop-in with a cache: whether it asked, and for which version the kernel was lowered."""
    before = len(case.calls())
    variables = {"PTOLOWER_FUSE": "1", "XDG_CACHE_HOME": case.path("cache"), "PTOLOWER_LOG": "log"}
    if version is not None:
        variables["STANDIN_VERSION"] = version
    variables.update(environment)
    done = case.run(**variables)
    equal((done.returncode, done.err), (0, "warned by the stand-in\n"))
    calls = case.calls()[before:]
    equal([call for call in calls if call != ["--version"]][0][0], "k.cpp.ptolower.pto")
    asked = calls.count(["--version"])
    return asked, case.log()[-1]["certificate"].get("ptoas")


def entry(case):
    """The file of the cache; there is one."""
    names = glob.glob(case.path("cache/ptolower/*"))
    equal(len(names), 1)
    return names[0]


def test_asked_once(case):
    equal(lower(case), (1, "0.48"))
    equal(lower(case, "ptoas 0.27"), (0, "0.48"))
    with open(entry(case)) as file:
        assert file.read().endswith(" 0.48\n")
    equal(os.stat(entry(case)).st_mode & 0o777, 0o600)
    equal(os.stat(case.path("cache/ptolower")).st_mode & 0o777, 0o700)


def test_a_change_asks_again(case):
    equal(lower(case), (1, "0.48"))
    os.utime(case.real, (1700000000, 1700000000))
    equal(lower(case, "ptoas 0.27"), (1, "0.27"))
    equal(lower(case, "ptoas 0.48"), (0, "0.27"))
    time.sleep(0.01)
    case.stand_in(case.path("other"))
    os.rename(case.path("other"), case.real)
    equal(lower(case, "ptoas nightly-0.60.1"), (1, "0.60.1"))


def test_home(case):
    equal(lower(case, XDG_CACHE_HOME="", HOME=case.path("home")), (0, None))
    os.mkdir(case.path("home"))
    equal(lower(case, XDG_CACHE_HOME="", HOME=case.path("home")), (1, "0.48"))
    assert os.path.isdir(case.path("home/.cache/ptolower"))
    equal(lower(case, XDG_CACHE_HOME="relative", HOME="relative"), (0, None))


def test_a_broken_entry_asks_again(case):
    equal(lower(case), (1, "0.48"))
    whole = open(entry(case)).read()
    for broken in ("", "\n", "rubbish\n", whole[:-1], whole[:-6] + "\n", whole.replace("0.48", "0.x"),
                   whole.replace("0.48", "0.48; rm"), whole + whole, "\0" * 400,
                   whole.replace("0.48", "9" * 300)):
        with open(entry(case), "w") as file:
            file.write(broken)
        equal(lower(case), (1, "0.48"))
        equal(open(entry(case)).read(), whole)
    name = entry(case)
    os.unlink(name)
    os.symlink(case.path("k.pto"), name)
    equal(lower(case), (1, "0.48"))
    equal(os.path.islink(name), False)


def test_an_entry_that_is_a_directory(case):
    lower(case)
    name = entry(case)
    os.unlink(name)
    os.mkdir(name)
    equal(lower(case), (1, None))
    equal(glob.glob(case.path("cache/ptolower/*")), [name])


def test_nowhere_to_keep_it(case):
    with open(case.path("file"), "w"):
        pass
    for cache in (case.path("file"), "/proc", "/dev/null/x", case.path("x" * 300)):
        equal(lower(case, XDG_CACHE_HOME=cache, HOME=""), (0, None))


def test_a_directory_of_others(case):
    os.makedirs(case.path("cache/ptolower"))
    os.chmod(case.path("cache/ptolower"), 0o777)
    equal(lower(case), (0, None))
    os.rmdir(case.path("cache/ptolower"))
    os.mkdir(case.path("elsewhere"))
    os.symlink(case.path("elsewhere"), case.path("cache/ptolower"))
    equal(lower(case), (0, None))
    equal(os.listdir(case.path("elsewhere")), [])


def test_a_ptoas_that_does_not_say(case):
    for version in (None, "", "version 3", "ptoas next", "ptoas 0.", "ptoas 12345.1"):
        shutil.rmtree(case.path("cache"), ignore_errors=True)
        equal(lower(case, version), (1, None))
        equal(lower(case, "ptoas 0.48"), (0, None))


def test_off_asks_nothing(case):
    done = case.run(XDG_CACHE_HOME=case.path("cache"), STANDIN_VERSION="ptoas 0.48")
    equal((done.returncode, len(case.calls())), (0, 1))
    assert not os.path.exists(case.path("cache"))


def test_many_at_once(case):
    variables = {"PTOLOWER_FUSE": "1", "XDG_CACHE_HOME": case.path("cache"),
                 "STANDIN_VERSION": "ptoas 0.48", "PTOLOWER_TIMEOUT": "60"}
    many = [case.start(["k.pto", "-o", "k%d.cpp" % i, "--enable-insert-sync"], **variables)
            for i in range(12)]
    for process in many:
        process.communicate()
        equal(process.returncode, 0)
    entry(case)
    equal(lower(case)[0], 0)


sys.exit(main(globals()))
