"""colors.py: standard input with its escape sequences as <1;31>."""

import re
import sys

sys.stdout.write(re.sub(r"\x1b\[([0-9;]*)m", r"<\1>", sys.stdin.read()))
