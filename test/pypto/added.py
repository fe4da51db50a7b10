"""added.py GUIDE PATCH: the Python that the guide shows is what the patch adds, and all calls that it adds are shown."""

import re
import sys

with open(sys.argv[1]) as guide, open(sys.argv[2]) as patch:
    blocks = re.findall(r"^```python\n(.*?)^```$", guide.read(), re.MULTILINE | re.DOTALL)
    added = [line[1:] for line in patch if line.startswith("+") and not line.startswith("+++")]
shown = [line for block in blocks for line in block.splitlines(keepends=True)]
for line in shown:
    if line not in added:
        sys.exit("the patch does not add: " + line)
for line in added:
    if line not in shown and not line.lstrip().startswith(("#", "from ")):
        sys.exit("the guide does not show: " + line)
