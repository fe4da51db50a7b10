"""man.py PTOLOWER MAN_PAGE: both describe the same long options."""

import re
import subprocess
import sys

def commands(program):
    """Those that --help names; the first has none."""
    text = subprocess.run([program, "--help"], stdout=subprocess.PIPE, text=True, check=True).stdout
    names = re.findall(r"^  ([a-z-]+) .*", text[text.index("Commands"):text.index("Exit status")], re.M)
    return [[]] + [[name] for name in names if name != "help"]


def long_options(text):
    return set(re.findall(r"--[a-z][a-z-]+", text))


with open(sys.argv[2]) as page:
    in_man = long_options(page.read().replace("\\-", "-"))
in_help = set()
for command in commands(sys.argv[1]):
    in_help |= long_options(subprocess.run([sys.argv[1]] + command + ["--help"], stdout=subprocess.PIPE,
                                           text=True, check=True).stdout)
if in_man != in_help:
    sys.exit("only in one of --help and the man page: %s" % sorted(in_man ^ in_help))
