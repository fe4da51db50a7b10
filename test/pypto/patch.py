"""patch.py GUIDE PATCH: the diff in the guide is the file that ships."""

import re
import sys

with open(sys.argv[1]) as guide, open(sys.argv[2]) as patch:
    shown = re.search(r"^```diff\n(.*?)^```$", guide.read(), re.MULTILINE | re.DOTALL).group(1)
    if shown != patch.read():
        sys.exit("the diff in %s is not %s" % (sys.argv[1], sys.argv[2]))
