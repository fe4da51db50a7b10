"""ended.py PTOLOWER SCRATCH: what ends ptolower ends what the script in place of ptoas has started."""

import os
import signal
import subprocess
import sys
import time

WORDS = ["--m=16", "--k=512", "--n=128", "--dtype=i8", "--ldb=1024"]


def wait_until(condition):
    end = time.monotonic() + 30
    while not condition():
        if time.monotonic() > end:
            sys.exit("it still runs")
        time.sleep(0.02)


def ended(pid):
    try:
        with open("/proc/%s/stat" % pid) as file:
            return file.read().rsplit(")", 1)[1].split()[0] in "ZX"
    except FileNotFoundError:
        return True


def main():
    ptolower, scratch = sys.argv[1:]
    script, record = os.path.join(scratch, "ptoas"), os.path.join(scratch, "pid")
    with open(script, "w") as file:
        file.write('#!/bin/sh\nsh -c \'echo $$ > "%s.new"; mv "%s.new" "%s"; exec sleep 60\'\n:\n'
                   % (record, record, record))
    os.chmod(script, 0o755)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)  # a shell's background job ignores some
        process = subprocess.Popen([ptolower, "pypto-kernel", "--ptoas=" + script,
                                    "--out-dir=" + os.path.join(scratch, "out")] + WORDS)
        wait_until(lambda: os.path.exists(record))
        with open(record) as file:
            pid = file.read().strip()
        process.send_signal(number)
        process.wait()
        wait_until(lambda: ended(pid))
        os.remove(record)


if __name__ == "__main__":
    main()
