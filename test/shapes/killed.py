"""killed.py PTOLOWER LIST SCRATCH: a run that is ended while ptoas works leaves no file and no process."""

import os
import signal
import subprocess
import sys
import time

HANGS = """#!/bin/sh
echo half > "$3"
echo $$ >> %s
exec sleep 300
"""


def wait_for(condition, what):
    for _ in range(500):
        if condition():
            return
        time.sleep(0.02)
    sys.exit("waited in vain: " + what)


def is_running(pid):
    try:
        os.kill(pid, 0)
        with open("/proc/%d/stat" % pid) as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def check(words, temporary, started, number):
    open(started, "w").close()
    run = subprocess.Popen(words, env=dict(os.environ, TMPDIR=temporary))
    wait_for(lambda: os.path.getsize(started) > 0, "ptoas starts")
    run.send_signal(number)
    if run.wait() != -number:
        sys.exit("%s ended with %d" % (words[1], run.returncode))
    with open(started) as file:
        pids = [int(line) for line in file]
    wait_for(lambda: not any(map(is_running, pids)), "ptoas ends")
    if os.listdir(temporary):
        sys.exit("%s left %s" % (words[1], os.listdir(temporary)))


def main(ptolower, shapes, scratch):
    temporary, started = os.path.join(scratch, "temporary"), os.path.join(scratch, "started")
    ptoas = os.path.join(scratch, "ptoas")
    os.makedirs(temporary)
    with open(ptoas, "w") as file:
        file.write(HANGS % started)
    os.chmod(ptoas, 0o755)
    kernel = ["--m=16", "--k=512", "--n=256", "--dtype=i8", "--out-dir=" + scratch]
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        for words in (["shapes", shapes], ["pypto-kernel"] + kernel):
            check([ptolower] + words + ["--ptoas=" + ptoas], temporary, started, number)
    if os.path.exists(os.path.join(scratch, "gate_up_dual.cpp")):
        sys.exit("there is half a kernel")


if __name__ == "__main__":
    for inherited in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(inherited, signal.default_int_handler)  # a shell's background job ignores some
    main(*sys.argv[1:])
