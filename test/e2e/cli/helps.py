"""helps.py PTOLOWER: the help of each command has the same form, and there are several ways to ask for it."""

import re
import subprocess
import sys


def told(*words):
    return subprocess.run([sys.argv[1], *words], stdout=subprocess.PIPE, text=True, check=True).stdout


text = told("--help")
if told("-h") != text or told("help") != text:
    sys.exit("-h, --help and help differ")
listed = text[text.index("Commands"):text.index("Exit status")]
names = re.findall(r"^  ([a-z-]+) ", listed, re.M)
if len(names) < 10:
    sys.exit("only these commands are listed: %s" % names)
for name in names:
    if name == "help":
        continue
    text = told(name, "--help")
    if told("help", name) != text or told(name, "-h") != text:
        sys.exit("help %s and %s --help differ" % (name, name))
    if not text.startswith("Usage: ptolower %s " % name):
        sys.exit("%s: begins with %r" % (name, text[:40]))
    for part in ("\nInformation:\n      --color=WHEN ", "  -h, --help  ", "\nExit status:\n  0  ", "\n  1  ",
                 "\n  2  wrong usage\n", "\n  3  "):
        if part not in text:
            sys.exit("%s: no %r" % (name, part))
    if any(len(line) > 96 for line in text.splitlines()):
        sys.exit("%s: a line is too long" % name)
