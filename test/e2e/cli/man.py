"""man.py PTOLOWER MAN_PAGE: both describe the same long options."""

import re
import subprocess
import sys

COMMANDS = [[], ["check"], ["sim"], ["validate"], ["explain"], ["fuse"], ["pypto-kernel"], ["reach"], ["shapes"],
            ["time"], ["tpot"]]


def long_options(text):
    return set(re.findall(r"--[a-z][a-z-]+", text))


with open(sys.argv[2]) as page:
    in_man = long_options(page.read().replace("\\-", "-"))
in_help = set()
for command in COMMANDS:
    in_help |= long_options(subprocess.run([sys.argv[1]] + command + ["--help"], stdout=subprocess.PIPE,
                                           text=True, check=True).stdout)
if in_man != in_help:
    sys.exit("only in one of --help and the man page: %s" % sorted(in_man ^ in_help))
