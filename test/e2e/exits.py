#!/usr/bin/env python3
"""exits.py CODE COMMAND...: runs the command; fails if it does not exit with CODE.

lit tests write it as %exits: `%exits 1 %ptolower ...`, where `not` would take a crash
of ours (3) for a refusal (1)."""

import subprocess
import sys

code = subprocess.run(sys.argv[2:]).returncode
if code != int(sys.argv[1]):
    sys.exit("exit status %d, expected %s" % (code, sys.argv[1]))
