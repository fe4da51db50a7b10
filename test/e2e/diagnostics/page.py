"""page.py PAGE MADE: the page of the sources is the one that `ptolower explain --markdown` makes."""

import difflib
import sys

with open(sys.argv[1]) as page, open(sys.argv[2]) as made:
    lines = list(difflib.unified_diff(page.readlines(), made.readlines(), "in git", "as made", n=0))
if lines:
    sys.exit("%sdocs/diagnostics.md is not what lib/support/diagnostics.def says. Mend it by\n"
             "  build/bin/ptolower explain --markdown > docs/diagnostics.md" % "".join(lines))
