"""search.py DROPIN SOURCE SCRATCH: how the real ptoas is found, and that nothing loops."""

import os
import sys

from harness import OPTIONS, equal, holds, main

ON = {"PTOLOWER_FUSE": "1"}


def by_path(case, *directories):
    del case.environment["PTOLOWER_PTOAS"]
    case.environment["PATH"] = ":".join([case.path(name) for name in directories] +
                                        ["/usr/bin", "/bin"])


def test_named(case):
    other = case.stand_in(case.path("other/my-ptoas"))
    case.environment["PATH"] = case.path("bin") + ":/usr/bin:/bin"
    case.run(["--version"], PTOLOWER_PTOAS=other)
    equal(case.calls(), [["--version"]])


def test_next_on_path(case):
    """Itself, a link to it, a copy of it and a directory stand before the real one."""
    case.copy_of_dropin("link", symlink=True)
    case.copy_of_dropin("copy")
    os.makedirs(case.path("directory/ptoas"))
    by_path(case, "link", "copy", "directory", "bin")
    case.environment["PATH"] = os.path.dirname(case.dropin) + ":" + case.environment["PATH"]
    for program in (case.dropin, case.path("link/ptoas"), case.path("copy/ptoas")):
        for variables in ({}, ON):
            done = case.run(program=program, **variables)
            equal(done.returncode, 0)
    equal([call[0] for call in case.calls()],
          ["k.pto", "k.cpp.ptolower.pto"] * 2 + ["k.pto", "k.pto"])


def test_not_found(case):
    case.copy_of_dropin("copy")
    by_path(case, "copy")
    for variables in ({}, ON):
        done = case.run(**variables)
        equal(done.returncode, 1)
        holds(done.err, "set PTOLOWER_PTOAS")
        equal(len(done.err.splitlines()), 1)
    equal(case.files(), ["copy"])


def test_named_wrongly(case):
    for name in ("/nowhere/ptoas", case.directory, case.input):
        done = case.run(PTOLOWER_PTOAS=name)
        equal(done.returncode, 1)
        holds(done.err, "PTOLOWER_PTOAS is '%s'" % name)


def test_another_version(case):
    """Its bytes differ, so that only the guard tells: it does not lower, and goes on to the next."""
    copy = case.copy_of_dropin("other")
    with open(copy, "ab") as file:
        file.write(b"x")
    by_path(case, "other", "bin")
    equal(case.run(**ON).returncode, 0)
    equal([call[0] for call in case.calls()], ["k.cpp.ptolower.pto"])
    by_path_only = case.path("other") + ":/usr/bin:/bin"
    done = case.run(PATH=by_path_only)
    equal(done.returncode, 1)
    holds(done.err, "set PTOLOWER_PTOAS")


def test_named_but_not_executable(case):
    """It has the mode of a program, and is none."""
    with open(case.path("garbage"), "w") as file:
        file.write("garbage")
    os.chmod(case.path("garbage"), 0o755)
    for variables in ({}, ON):
        done = case.run(PTOLOWER_PTOAS=case.path("garbage"), **variables)
        equal(done.returncode != 0, True)
        equal(done.err.count("cannot be executed"), 1)
    equal(case.files(), ["garbage", "k.cpp.ptolower.pto"])


def test_named_itself(case):
    """It cannot be meant: PATH decides."""
    copy = case.copy_of_dropin("copy")
    for name in (case.dropin, copy):
        case.run(PTOLOWER_PTOAS=name, PATH=case.path("bin") + ":/usr/bin:/bin")
        done = case.run(PTOLOWER_PTOAS=name)
        equal(done.returncode, 1)
        holds(done.err, "is the drop-in itself")
    equal(len(case.calls()), 2)


def test_wrapper_that_searches_path(case):
    """PTOLOWER_PTOAS is a script that runs `ptoas`, which is the drop-in again."""
    wrapper = case.stand_in(case.path("wrapper/ptoas"))
    path = os.path.dirname(case.dropin) + ":" + case.path("bin") + ":/usr/bin:/bin"
    script = case.text("wrapper/ptoas").replace("exec ", "STANDIN_AGAIN=1 exec ")
    with open(wrapper, "w") as file:
        file.write(script)
    real = case.text("bin/ptoas").replace("exec ", "STANDIN_AGAIN= exec ")
    with open(case.real, "w") as file:
        file.write(real)
    done = case.run(PTOLOWER_PTOAS=wrapper, PATH=path, **ON)
    equal(done.returncode, 0)
    equal([call[0] for call in case.calls()], ["k.cpp.ptolower.pto"] * 2)
    case.run(PTOLOWER_PTOAS=wrapper, PATH=path)
    equal(case.calls()[-1], ["k.pto", "-o", "k.cpp"] + OPTIONS)


if __name__ == "__main__":
    sys.exit(main(globals()))
