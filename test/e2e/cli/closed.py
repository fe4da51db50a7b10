"""closed.py COMMAND...: runs the command with an output that its reader has closed, as `| head -1`
does in a shell. It has to end by SIGPIPE, and say nothing."""

import os
import signal
import subprocess
import sys

reader, writer = os.pipe()
os.close(reader)
run = subprocess.run(sys.argv[1:], stdout=writer, stderr=subprocess.PIPE, restore_signals=True)
if run.returncode not in (0, -signal.SIGPIPE) or run.stderr:
    sys.exit("exit status %d, %r" % (run.returncode, run.stderr))
