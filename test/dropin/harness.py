"""What the tests of the drop-in share: a scratch directory with a stand-in for ptoas."""

import glob
import json
import os
import shutil
import subprocess
import sys
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
OPTIONS = ["--enable-insert-sync", "--pto-level=level3", "--pto-arch", "a3"]


class Case:
    """One test: its directory, its environment, and what it ran."""

    def __init__(self, dropin, source, scratch, name):
        self.dropin, self.source, self.name = dropin, source, name
        self.directory = os.path.join(scratch, name)
        os.makedirs(os.path.join(self.directory, "bin"))
        self.real = self.stand_in(os.path.join(self.directory, "bin", "ptoas"))
        self.record = os.path.join(self.directory, "record")
        self.environment = {"PATH": "/usr/bin:/bin", "PTOLOWER_PTOAS": self.real,
                            "STANDIN_RECORD": self.record}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]
        self.input = self.path("k.pto")
        shutil.copy(os.path.join(source, "test", "e2e", "inputs", "gate_up_store.pto"), self.input)

    def path(self, name):
        return os.path.join(self.directory, name)

    def stand_in(self, path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write('#!/bin/sh\nexec %s %s/standin.py "$@"\n' % (sys.executable, HERE))
        os.chmod(path, 0o755)
        return path

    def copy_of_dropin(self, directory, symlink=False):
        os.makedirs(self.path(directory))
        target = self.path(os.path.join(directory, "ptoas"))
        os.symlink(self.dropin, target) if symlink else shutil.copy(self.dropin, target)
        return target

    def start(self, words, program=None, **environment):
        return subprocess.Popen([program or self.dropin] + words, cwd=self.directory,
                                env=dict(self.environment, **environment), text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)

    def run(self, words=None, program=None, **environment):
        words = ["k.pto", "-o", "k.cpp"] + OPTIONS if words is None else words
        process = self.start(words, program, **environment)
        process.out, process.err = process.communicate()
        return process

    def calls(self):
        """The arguments of each call of the stand-in."""
        if not os.path.exists(self.record):
            return []
        with open(self.record) as file:
            return [json.loads(line)[1:] for line in file]

    def files(self):
        """What lies in the directory, beside what was put there."""
        known = {"bin", "record", "k.pto", "log"}
        names = {os.path.basename(path) for path in glob.glob(self.path("*"))}
        names |= {os.path.basename(path) for path in glob.glob(self.path(".*"))}
        return sorted(names - known)

    def validate_kept(self):
        """Every lowered file that is still there computes what its input computes."""
        ptolower = os.path.join(os.path.dirname(self.dropin), "..", "..", "bin", "ptolower")
        for name in self.files():
            if name.endswith(".ptolower.pto") and os.path.isfile(self.path(name)):
                pair = (self.text("k.pto"), self.text(name))
                if pair not in validated:
                    subprocess.run([ptolower, "validate", self.input, self.path(name)], check=True)
                    validated.add(pair)

    def text(self, name):
        with open(self.path(name)) as file:
            return file.read()

    def log(self):
        return [json.loads(line) for line in self.text("log").splitlines()]


validated = set()  # pairs of texts, of all cases


def shown(value):
    return repr(value)[:1000]


def equal(found, expected):
    if found != expected:
        raise AssertionError("%s, expected %s" % (shown(found), shown(expected)))


def holds(text, part):
    if part not in text:
        raise AssertionError("%s lacks %s" % (shown(text), shown(part)))


def main(tests):
    """Runs every function of `tests` whose name begins with test_; SCRATCH is made anew."""
    dropin, source, scratch = sys.argv[1:4]
    failures = 0
    for name in sorted(name for name in tests if name.startswith("test_")):
        try:
            case = Case(dropin, source, scratch, name)
            tests[name](case)
            case.validate_kept()
            print("%s: ok" % name)
        except Exception:
            failures += 1
            print("%s: FAILED" % name)
            traceback.print_exc(file=sys.stdout)
    return 1 if failures else 0
