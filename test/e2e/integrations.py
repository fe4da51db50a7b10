"""integrations.py SOURCE BUILD KERNEL SCRATCH: runs what stands under `run:` in tools/integrations, and splice.sh, in
what looks like a checkout of pypto-lib whose build left a kernel."""

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap


def steps(path):
    """The texts under `run: |`, in their order."""
    with open(path) as file:
        text = file.read()
    for match in re.finditer(r"^( *)run: \|\n((?:\1 +.*\n|\n)+)", text, re.MULTILINE):
        yield textwrap.dedent(match.group(2))


class Checkout:
    def __init__(self, source, build, kernel, scratch):
        self.source, self.scratch = source, scratch
        self.home = os.path.join(scratch, "home")
        self.folder = os.path.join(scratch, "checkout")
        self.kernel = os.path.join(self.folder, "build_output", "layer", "ptoas", "k.pto")
        os.makedirs(os.path.dirname(self.kernel))
        shutil.copy(kernel, self.kernel)
        os.makedirs(os.path.join(self.home, "bin"))
        os.makedirs(os.path.join(self.home, "libexec"))
        os.symlink(os.path.join(build, "bin", "ptolower"), os.path.join(self.home, "bin", "ptolower"))
        os.symlink(os.path.join(build, "libexec", "ptolower"), os.path.join(self.home, "libexec", "ptolower"))
        self.environment = dict(os.environ, PTOLOWER_HOME=self.home, PTOAS_ROOT=self.path("ptoas-bin"),
                                GITHUB_STEP_SUMMARY=self.path("summary.md"), PYTHON="no-python")

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        with open(self.path(name)) as file:
            return file.read()

    def run(self, command, status=0):
        done = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", command], cwd=self.folder,
                              env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert done.returncode == status, "%s\n%s" % (command, done.stdout)
        return done.stdout

    def run_steps(self, name, status=0):
        texts = list(steps(os.path.join(self.source, "tools", "integrations", name)))
        assert len(texts) == 1, "%s has %d steps that run something" % (name, len(texts))
        return self.run(texts[0], status)


def write_ptoas(checkout):
    path = checkout.path("ptoas-bin/bin/ptoas")
    os.makedirs(os.path.dirname(path))
    with open(path, "w") as file:
        file.write("#!/bin/sh\necho 'ptoas 0.60'\n")
    os.chmod(path, 0o755)


def try_check(checkout):
    assert checkout.run_steps("ci-check.yml") == ""
    results = json.loads(checkout.read("ptolower.sarif"))["runs"][0]["results"]
    assert results == [], results
    broken = checkout.read("build_output/layer/ptoas/k.pto").replace("%at_32k = arith.constant 32768",
                                                                     "%at_32k = arith.constant 16")
    with open(checkout.path("build_output/layer/ptoas/broken.pto"), "w") as file:
        file.write(broken)
    checkout.run_steps("ci-check.yml", status=1)
    assert json.loads(checkout.read("ptolower.sarif"))["runs"][0]["results"]
    os.makedirs(checkout.path(".github"))
    checkout.run("$PTOLOWER_HOME/bin/ptolower check --write-baseline=.github/ptolower-baseline.json build_output")
    checkout.run_steps("ci-check.yml")
    os.remove(checkout.path("build_output/layer/ptoas/broken.pto"))


def try_time(checkout):
    checkout.run_steps("nightly-time.yml")
    assert "gate_up" in checkout.read("kernel-times.csv")
    assert "## Cycles" in checkout.read("summary.md") and "rewritten" in checkout.read("summary.md")


def try_dropin(checkout):
    write_ptoas(checkout)
    assert "0.60" in checkout.run_steps("setup-dropin.yml")
    assert os.path.islink(checkout.path("ptoas-bin/bin/ptoas"))
    assert "PTOLOWER=1" in checkout.read("activate.sh")


def try_splice(checkout):
    before = checkout.read("build_output/layer/ptoas/k.pto")
    script = os.path.join(checkout.source, "tools", "integrations", "splice.sh")
    said = checkout.run(script + " build_output/layer --target=a2a3")
    assert "lowered build_output/layer/ptoas/k.pto" in said and "at the next" in said, said
    assert checkout.read("build_output/layer/ptoas/k.pto") != before
    assert checkout.read("build_output/layer/ptoas/k.pto.orig") == before
    assert "lowered" not in checkout.run(script + " build_output/layer")


def main():
    checkout = Checkout(*sys.argv[1:])
    try_check(checkout)
    try_time(checkout)
    try_dropin(checkout)
    try_splice(checkout)
    shutil.rmtree(checkout.path("build_output"))
    for name in ("ci-check.yml", "nightly-time.yml"):
        assert "No kernels were built" in checkout.run_steps(name)


if __name__ == "__main__":
    main()
