"""Installs the build into a scratch directory, builds a small consumer against it with
CMake and with pkg-config, shared and static, and runs it."""

import argparse
import os
import shutil
import subprocess
import sys

CONSUMER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "consumer")


def run(command, **options):
    print("+", " ".join(command), flush=True)
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **options).stdout


def find(directory, name):
    """The one file of that name below the directory."""
    found = [os.path.join(base, name) for base, _, files in os.walk(directory) if name in files]
    if len(found) != 1:
        sys.exit("%s: %d files of that name in %s" % (name, len(found), directory))
    return found[0]


def check_files(prefix):
    for name in ("ptolower.h", "signature.h", "sim.h", "time.h", "libptolower.a", "libptolower.so",
                 "ptolowerConfig.cmake", "ptolower.pc", "ptolower.1", "ptolower-ptoas.1", "ptolower-static.pc", "_ptolower", "LICENSE", "overview.md"):
        find(prefix, name)
    run([os.path.join(prefix, "bin", "ptolower"), "--version"])


def check_symbols(library):
    """A host process may hold another LLVM: nothing but our own names may show."""
    names = [line.split()[-1] for line in
             run(["nm", "-D", "--defined-only", library]).splitlines()]
    foreign = [name for name in names if not name.startswith("ptolower_")]
    if foreign or not names:
        sys.exit("symbols of libptolower.so: %d foreign: %s" % (len(foreign), foreign[:5]))


def check_program(program, kernel, library_dir=None):
    environment = dict(os.environ)
    if library_dir:
        environment["LD_LIBRARY_PATH"] = library_dir
    if "lowered" not in run([program, kernel], env=environment):
        sys.exit("%s did not lower the kernel" % program)


def check_cmake(arguments, prefix, library_dir):
    build = os.path.join(arguments.scratch, "cmake")
    run([arguments.cmake, "-G", "Ninja", "-S", CONSUMER, "-B", build,
         "-DCMAKE_PREFIX_PATH=" + prefix, "-DCMAKE_C_COMPILER=" + arguments.cc])
    run([arguments.cmake, "--build", build])
    check_program(os.path.join(build, "consumer"), arguments.kernel, library_dir)
    check_program(os.path.join(build, "consumer_static"), arguments.kernel)


def check_pkg_config(arguments, prefix, library_dir):
    environment = dict(os.environ, PKG_CONFIG_PATH=os.path.dirname(find(prefix, "ptolower.pc")))

    def flags(*options):
        return run(["pkg-config", *options, "ptolower"], env=environment).split()

    source = os.path.join(CONSUMER, "main.c")
    shared = os.path.join(arguments.scratch, "shared")
    run([arguments.cc, source, "-o", shared, *flags("--cflags", "--libs")])
    check_program(shared, arguments.kernel, library_dir)

    archive = os.path.join(arguments.scratch, "archive")
    run([arguments.cc, source, "-o", archive,
         *run(["pkg-config", "--cflags", "--libs", "ptolower-static"], env=environment).split()])
    check_program(archive, arguments.kernel)

    # Without the shared library beside it, -lptolower is the archive.
    only_static = os.path.join(arguments.scratch, "only_static")
    os.mkdir(only_static)
    shutil.copy(find(prefix, "libptolower.a"), only_static)
    static = os.path.join(arguments.scratch, "static")
    run([arguments.cc, source, "-o", static, "-L" + only_static,
         *flags("--static", "--cflags", "--libs")])
    check_program(static, arguments.kernel)


def check_completion(prefix):
    """bash offers commands, and the options of a command; zsh reads its file."""
    script = os.path.join(prefix, "share", "bash-completion", "completions", "ptolower")

    def offered(*words):
        return run(["bash", "-c", 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); compopt() { :; }; '
                    '_ptolower; echo "${COMPREPLY[@]}"', script, *words]).split()

    if "check" not in offered("ptolower", "ch") or "--require-proof" not in offered("ptolower", "check", "--r"):
        sys.exit("bash completes neither commands nor options")
    if "reach" not in offered("ptolower", "help", "re"):
        sys.exit("bash does not complete the commands that help knows")
    if shutil.which("zsh"):
        run(["zsh", "-n", os.path.join(prefix, "share", "zsh", "vendor-completions", "_ptolower")])


def check_uninstall(arguments, prefix):
    run([arguments.cmake, "--build", arguments.build, "--target", "uninstall"])
    left = [name for _, _, files in os.walk(prefix) for name in files]
    if left:
        sys.exit("left behind: %s" % left[:5])


def check_cxx(arguments, prefix):
    """The header is for C++, too."""
    run([arguments.cc, "-x", "c++", "-fsyntax-only", "-Wall", "-Wextra", "-Werror",
         find(prefix, "ptolower.h")])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scratch")
    for option in ("cmake", "cc", "build", "kernel"):
        parser.add_argument("--" + option, required=True)
    arguments = parser.parse_args()
    prefix = os.path.join(arguments.scratch, "prefix")
    run([arguments.cmake, "--install", arguments.build, "--prefix", prefix])
    library = find(prefix, "libptolower.so")
    check_files(prefix)
    check_symbols(library)
    check_cmake(arguments, prefix, os.path.dirname(library))
    check_pkg_config(arguments, prefix, os.path.dirname(library))
    check_cxx(arguments, prefix)
    check_completion(prefix)
    check_uninstall(arguments, prefix)


if __name__ == "__main__":
    main()
