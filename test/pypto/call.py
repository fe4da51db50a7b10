"""call.py STUB PATCH: the patch passes what the stub takes, and binds what it returns."""

import ast
import re
import sys

with open(sys.argv[1]) as stub, open(sys.argv[2]) as patch:
    kernel = ast.parse(stub.read()).body[-1]
    added = "".join(line[1:] for line in patch if line[0] in "+ ")
    results, arguments = re.search(r"([\w, ]+) = %s\(([\w,\s]+)\)" % kernel.name, added).groups()
    returned = kernel.body[-1].value.elts
    if len(arguments.split(",")) != len(kernel.args.args):
        sys.exit("the call has other arguments than " + sys.argv[1])
    if len(results.split(",")) != len(returned):
        sys.exit("the call binds other results than " + sys.argv[1] + " returns")
