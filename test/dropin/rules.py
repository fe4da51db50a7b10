"""rules.py DROPIN SOURCE SCRATCH: off, on, and what goes wrong."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time

from harness import OPTIONS, equal, holds, main

GATE = {"QWEN_A8W8_DUAL_GATE_UP_PROJ": "1"}
PAIRS = {"PTOLOWER_FUSE": "1"}
ALL = {"PTOLOWER": "1"}
COMMAND = ["k.pto", "-o", "k.cpp"] + OPTIONS


def is_original(case):
    """The stand-in was called once, with the input as it is."""
    equal([call[0] for call in case.calls()], ["k.pto"])


def is_lowered(case):
    equal([call[0] for call in case.calls()], ["k.cpp.ptolower.pto"])
    equal(case.text("k.cpp"), "// compiled\n" + case.text("k.cpp.ptolower.pto"))


def rename(case, *pairs):
    text = case.text("k.pto")
    for old, new in pairs:
        text = text.replace(old, new)
    with open(case.input, "w") as file:
        file.write(text)


def test_off_is_ptoas_alone(case):
    for words in (COMMAND, ["--version"], [], ["--unknown", "x", "k.pto"], ["k.pto", "-o=k.cpp"]):
        for status in ("0", "3"):
            alone = case.run(words, case.real, STANDIN_EXIT=status)
            ours = case.run(words, STANDIN_EXIT=status)
            equal((ours.returncode, ours.out, ours.err), (alone.returncode, alone.out, alone.err))
            equal(case.calls()[-1], case.calls()[-2])
            equal(case.calls()[-1], words)
    equal(case.files(), ["k.cpp"])


def test_off_by_all_spellings(case):
    for variables in ({"QWEN_A8W8_DUAL_GATE_UP_PROJ": "0"}, {"QWEN_A8W8_DUAL_GATE_UP_PROJ": ""},
                      {"PTOLOWER_FUSE": "0"}, {"PTOLOWER_FUSE": ""}, dict(GATE, PTOLOWER_FUSE="0"), dict(ALL, PTOLOWER_FUSE="0"),
                      {"PTOLOWER_FUSE": "yes"}):
        equal(case.run(**variables).returncode, 0)
        equal(case.calls()[-1], COMMAND)
    equal(case.files(), ["k.cpp"])


def test_repairs(case):
    """What no ptoas compiles is rewritten where that is asked for, and nothing else with it."""
    for variables in ({"PTOLOWER_REPAIR": "1"}, {"PTOLOWER": "1", "PTOLOWER_REPAIR": "0"}):
        equal(case.run(**variables).returncode, 0)
    equal([call[0] for call in case.calls()], ["k.pto", "k.cpp.ptolower.pto"])
    with open(os.path.join(case.source, "docs", "examples", "acc_loop.pto")) as file:
        broken = file.read()
    with open(case.input, "w") as file:
        file.write(broken)
    for variables, words in ((PAIRS, "k.pto"), (dict(ALL, PTOLOWER_FUSE="0"), "k.pto"),
                             ({"PTOLOWER_REPAIR": "1", "PTOLOWER_FUSE": "0"}, "k.pto"),
                             ({"PTOLOWER": "1", "PTOLOWER_REPAIR": "0"}, "k.pto"),
                             ({"PTOLOWER_REPAIR": "1"}, "k.cpp.ptolower.pto"),
                             (ALL, "k.cpp.ptolower.pto"),
                             (dict(GATE, PTOLOWER_REPAIR="1"), "k.cpp.ptolower.pto")):
        equal(case.run(**variables).returncode, 0)
        equal(case.calls()[-1][0], words)
    holds(broken, "pto.tmov ins(%acc")
    equal("pto.tmov ins(%acc" in case.text("k.cpp"), False)


def test_on_for_gate_up(case):
    done = case.run(**GATE)
    equal((done.returncode, done.out, done.err),
          (0, "said by the stand-in\n", "warned by the stand-in\n"))
    is_lowered(case)
    equal(case.calls()[0][3:], OPTIONS)
    equal(case.files(), ["k.cpp", "k.cpp.ptolower.pto"])


def test_on_for_pairs(case):
    case.run(**PAIRS)
    is_lowered(case)


def test_single_products_only_for_all(case):
    """One product is no pair: no variable but that for everything rewrites it."""
    with open(os.path.join(case.source, "test", "passes", "Inputs", "single.pto")) as file:
        single = file.read()
    with open(case.input, "w") as file:
        file.write(single.replace("@single", "@gate_up"))
    for variables in (GATE, PAIRS, dict(GATE, PTOLOWER_REPAIR="1"), dict(ALL, PTOLOWER_FUSE="0")):
        equal(case.run(**variables).returncode, 0)
        equal(case.calls()[-1][0], "k.pto")
    for variables in (ALL, dict(ALL, PTOLOWER_REPAIR="0"), dict(PAIRS, PTOLOWER="1")):
        equal(case.run(**dict(variables, PTOLOWER_LOG="log")).returncode, 0)
        equal(case.calls()[-1][0], "k.cpp.ptolower.pto")
    equal([(line["code"], line["fused"]) for line in case.log()], [("PTL120", True)] * 3)


def test_empty_fuse_does_not_win(case):
    case.run(**dict(GATE, PTOLOWER_FUSE=""))
    is_lowered(case)


def test_gate_up_by_its_weights(case):
    rename(case, ("@mlp_gate_up", "@mlp"))
    case.run(**GATE)
    is_lowered(case)


def test_gate_up_by_its_function(case):
    rename(case, ("gate_w", "w_a"), ("up_w", "w_b"))
    case.run(**GATE)
    is_lowered(case)


def test_other_pairs_only_for_all(case):
    rename(case, ("@mlp_gate_up", "@update"), ("gate_w", "w_k"), ("up_w", "w_v"))
    equal(case.run(**dict(GATE, PTOLOWER_LOG="log")).err, "warned by the stand-in\n")
    is_original(case)
    equal(case.files(), ["k.cpp"])
    equal(case.log()[0]["code"], "PTL400")
    case.run(**PAIRS)
    equal(case.calls()[-1][0], "k.cpp.ptolower.pto")


def test_mixed_module(case):
    """Of two functions, the one that is admitted changes."""
    first = case.text("k.pto").rstrip()
    body = first[first.index("  func.func"):first.rindex("}")]
    other = body.replace("@mlp_gate_up", "@kv").replace("gate_w", "w_k").replace("up_w", "w_v")
    with open(case.input, "w") as file:
        file.write(first[:first.rindex("}")] + other + "}\n")
    case.run(**dict(GATE, PTOLOWER_LOG="log"))
    lowered = case.text("k.cpp.ptolower.pto")
    equal(lowered.count("func.func"), 2)
    holds(lowered, other)
    equal([(line["kernel"], line["fused"]) for line in case.log()],
          [("mlp_gate_up", True), ("kv", False)])


TENSORS = """func.func @%s(%%a: tensor<16x512xi8>, %%g: tensor<512x256xi8>, %%u: tensor<512x256xi8>)
    -> (tensor<16x256xi32>, tensor<16x256xi32>) {
  %%c0 = arith.constant 0 : i32
  %%e = tensor.empty() : tensor<16x256xi32>
  %%z = linalg.fill ins(%%c0 : i32) outs(%%e : tensor<16x256xi32>) -> tensor<16x256xi32>
  %%x = linalg.matmul ins(%%a, %%g : tensor<16x512xi8>, tensor<512x256xi8>)
      outs(%%z : tensor<16x256xi32>) -> tensor<16x256xi32>
  %%y = linalg.matmul ins(%%a, %%u : tensor<16x512xi8>, tensor<512x256xi8>)
      outs(%%z : tensor<16x256xi32>) -> tensor<16x256xi32>
  return %%x, %%y : tensor<16x256xi32>, tensor<16x256xi32>
}
"""


def test_tensors(case):
    """Without a module around them; the lowered file is what ptolower writes."""
    with open(case.input, "w") as file:
        file.write(TENSORS % "gate_up" + TENSORS % "up_gate")
    done = case.run(**dict(GATE, PTOLOWER_STRICT="1"))
    equal((done.returncode, done.err), (0, "warned by the stand-in\n"))
    holds(case.text("k.cpp.ptolower.pto"), "module")
    ptolower = os.path.join(os.path.dirname(case.dropin), "..", "..", "bin", "ptolower")
    alone = subprocess.run([ptolower, "k.pto"], cwd=case.directory, capture_output=True, text=True,
                           check=True)
    equal(case.text("k.cpp.ptolower.pto"), alone.stdout)


def test_tensors_in_part(case):
    """A function on tensors that is not admitted cannot be copied into a kernel's file."""
    with open(case.input, "w") as file:
        file.write(TENSORS % "gate_up" + (TENSORS % "others").replace("%g", "%v").replace("%u", "%w"))
    check_failure(case, "function 'others' is on tensors", "PTL401")


def test_nothing_to_do(case):
    case.run(**PAIRS)
    lowered = case.text("k.cpp.ptolower.pto")
    os.rename(case.path("k.cpp.ptolower.pto"), case.input)
    with open(case.path("k.cpp.ptolower.pto"), "w") as file:
        file.write("of an earlier run")
    case.run(**PAIRS)
    equal(case.calls()[-1][0], "k.pto")
    equal(case.text("k.cpp"), "// compiled\n" + lowered)
    equal(case.files(), ["k.cpp"])


def test_keep(case):
    equal(case.run(**dict(GATE, PTOLOWER_KEEP="0")).returncode, 0)
    equal(case.files(), ["k.cpp"])
    holds(case.text("k.cpp"), "// compiled\n")


def test_kept_file_is_an_input(case):
    case.run(**GATE)
    kept = case.text("k.cpp.ptolower.pto")
    done = case.run(["k.cpp.ptolower.pto", "-o", "k.cpp"] + OPTIONS, **GATE)
    equal((done.returncode, case.text("k.cpp.ptolower.pto")), (0, kept))


def check_failure(case, text, code):
    done = case.run(**GATE)
    equal((done.returncode, done.out), (0, "said by the stand-in\n"))
    lines = [line for line in done.err.splitlines() if line != "warned by the stand-in"]
    equal(len(lines), 1)
    holds(lines[0], "ptolower: warning: ")
    holds(lines[0], text)
    holds(lines[0], "; the original is compiled [%s]" % code)
    equal(case.text("k.cpp"), "// compiled\n" + case.text("k.pto"))
    os.remove(case.path("k.cpp"))
    calls = len(case.calls())
    done = case.run(**dict(GATE, PTOLOWER_STRICT="1"))
    equal(done.returncode, 1)
    holds(done.err, "ptolower: error: ")
    holds(done.err, code)
    if os.path.exists(case.path("k.cpp")):
        raise AssertionError("strict: an output was written")
    return len(case.calls()) - calls


def test_input_that_cannot_be_read(case):
    rename(case, ("module", "mod(ule"))
    equal(check_failure(case, "k.pto:1:", "PTL401"), 0)
    equal(case.files(), [])


def test_other_chip(case):
    rename(case, ('"a2a3"', '"a5"'))
    check_failure(case, "PTL007", "PTL401")


def test_unclear_command_line(case):
    words = ["--x", "k.pto", "--y", "k.pto", "-o", "k.cpp"]
    done = case.run(words, **GATE)
    holds(done.err, "the input was not lowered: it is not clear which word is the input")
    equal(case.calls(), [words])


def test_inputs_that_can_be_read_once(case):
    """A pipe that lowering has emptied would give an empty kernel."""
    for words in (["-"], ["/dev/stdin"], ["pipe"]):
        if words == ["pipe"]:
            os.mkfifo(case.path("pipe"))
            writer = subprocess.Popen(["cp", "k.pto", "pipe"], cwd=case.directory)
        with open(case.input) as file:
            cat = subprocess.Popen(["cat"], stdin=file, stdout=subprocess.PIPE)
        done = subprocess.run([case.dropin] + words + ["-o", "k.cpp"], cwd=case.directory,
                              env=dict(case.environment, **PAIRS), text=True, stdin=cat.stdout,
                              capture_output=True)
        equal((done.returncode, done.stderr), (0, "warned by the stand-in\n"))
        equal(case.calls()[-1], words + ["-o", "k.cpp"])
        equal(case.text("k.cpp"), "// compiled\n" + case.text("k.pto"))
        cat.stdout.close()
        cat.wait()
    writer.wait()
    equal(case.files(), ["k.cpp", "pipe"])


def test_what_ptoas_says_itself(case):
    """Inputs that are not there, and outputs that cannot be written, are no matter of ours."""
    os.mkdir(case.path("directory"))
    for words in (["none.pto", "-o", "k.cpp"], ["directory", "-o", "k.cpp"],
                  ["k.pto", "-o", "none/k.cpp"], ["k.pto", "-o", "directory"]):
        alone = case.run(words, case.real)
        done = case.run(words, **dict(PAIRS, PTOLOWER_STRICT="1"))
        equal((done.returncode != 0, case.calls()[-1]), (True, words))
        equal((done.returncode, done.out, done.err), (alone.returncode, alone.out, alone.err))


def run_with_plain_rights(case, words, **variables):
    """As root, without its right to write anywhere."""
    limit = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
    return subprocess.run(limit + [case.dropin] + words, cwd=case.directory, text=True,
                          env=dict(case.environment, **variables), capture_output=True)


def test_directory_that_is_closed(case):
    """Where only the output may be written, ptoas writes it in place."""
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        return
    open(case.record, "w").close()
    with open(case.path("k.cpp"), "w") as file:
        file.write("old")
    os.chmod(case.directory, 0o555)
    try:
        done = run_with_plain_rights(case, COMMAND, **dict(PAIRS, PTOLOWER_STRICT="1"))
        equal(done.returncode, 0)
        holds(case.calls()[-1][0], "/.ptolower-")
        holds(case.text("k.cpp"), "// compiled\n")
        os.chmod(case.path("k.cpp"), 0o444)
        done = run_with_plain_rights(case, COMMAND, **PAIRS)
        equal((done.returncode != 0, case.calls()[-1]), (True, COMMAND))
        equal([line for line in done.stderr.splitlines() if line.startswith("ptolower:")], [])
    finally:
        os.chmod(case.directory, 0o755)


def test_caller_that_waits_for_nobody(case):
    """SIGCHLD and SIGALRM as who called us left them do no harm."""
    def ignore():
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
    done = subprocess.run([case.dropin] + COMMAND, cwd=case.directory, text=True,
                          env=dict(case.environment, **GATE), capture_output=True,
                          preexec_fn=ignore)
    equal((done.returncode, done.stderr), (0, "warned by the stand-in\n"))
    is_lowered(case)


def test_lowered_file_cannot_be_written(case):
    os.mkdir(case.path("k.cpp.ptolower.pto"))
    check_failure(case, "k.cpp.ptolower.pto", "PTL401")


def test_worker_crashes(case):
    """Also: a copied drop-in lowers with the program beside it."""
    copy = case.copy_of_dropin("copy")
    worker = case.path("copy/ptoas-lower")
    case.dropin = copy
    case.environment["PTOLOWER_TIMEOUT"] = "2"
    for script, text in (("kill -SEGV $$", "ended by signal 11"), ("exit 7", "status 7"),
                         ("sleep 60; :", "took more than 2 seconds")):
        with open(worker, "w") as file:
            file.write("#!/bin/sh\n%s\n" % script)
        os.chmod(worker, 0o755)
        check_failure(case, text, "PTL401")
    os.remove(worker)
    check_failure(case, "ptoas-lower is not beside this program", "PTL401")


def test_ptoas_rejects(case):
    case.environment["STANDIN_REJECT"] = "1"
    case.environment["PTOLOWER_LOG"] = "log"
    equal(check_failure(case, "ptoas rejects", "PTL402"), 1)
    equal([call[0] for call in case.calls()],
          ["k.cpp.ptolower.pto", "k.pto", "k.cpp.ptolower.pto"])
    equal([(line["fused"], line["rejected"]) for line in case.log()], [(False, True)] * 2)
    equal(case.files(), ["k.cpp.ptolower.pto"])


NO_GAP, GAP = "0-0", "6-7"


def verdicts(case):
    return [(line["fused"], line["rejected"], line["sync"] and line["sync"]["verdict"])
            for line in case.log()]


def test_flags_are_proved(case):
    done = case.run(**dict(GATE, STANDIN_CPP=NO_GAP, PTOLOWER_LOG="log"))
    equal((done.returncode, done.err), (0, "warned by the stand-in\n"))
    holds(case.text("k.cpp"), "pipe_barrier(PIPE_ALL);\nTLOAD(v);")
    equal(verdicts(case), [(True, False, "proved")])


def test_ptoas_leaves_a_flag_out(case):
    """Its C++ is dropped, wherever it was written, and the original is compiled."""
    case.environment["STANDIN_CPP"] = GAP
    case.environment["PTOLOWER_LOG"] = "log"
    equal(check_failure(case, "k.pto: what ptoas made of the lowered file races: @mlp_gate_up, line ", "PTL406"), 1)
    equal(verdicts(case), [(False, False, "wrong")] * 2)
    holds(case.log()[0]["sync"]["text"], "may still")
    line = case.text("k.cpp.ptolower.pto").splitlines()[case.log()[0]["sync"]["line"] - 1]
    holds(line, "pto.t")
    done = case.run(["k.pto"] + OPTIONS, **GATE)
    holds(done.err, "PTL406")
    equal(done.out, "said by the stand-in\n// compiled\n" + case.text("k.pto"))
    equal(case.files(), ["k.cpp.ptolower.pto"])


def test_no_flags_at_all(case):
    """What was never synchronised races, too."""
    done = case.run(**dict(GATE, STANDIN_CPP="0-1000"))
    holds(done.err, "PTL406")


def test_flags_are_not_asked_for(case):
    for variables, fused in (({"PTOLOWER_SYNC": "0"}, "AICORE void"), ({"PTOLOWER_SYNC": "1"}, "func.func")):
        done = case.run(**dict(GATE, STANDIN_CPP=GAP, PTOLOWER_LOG="log", **variables))
        equal(done.returncode, 0)
        holds(case.text("k.cpp"), fused)
    equal(verdicts(case), [(True, False, None), (False, False, "wrong")])


def test_flags_that_are_not_read(case):
    """Nothing is known of the C++: it is used, and the log says why it is not proved."""
    with open(case.input) as file:
        text = file.read()
    done = case.run(**dict(GATE, PTOLOWER_LOG="log"))
    equal((done.returncode, done.err), (0, "warned by the stand-in\n"))
    is_lowered(case)
    equal(verdicts(case), [(True, False, "not followed")])
    holds(case.log()[0]["sync"]["text"], "what ptoas wrote has no such function")
    equal(text, case.text("k.pto"))


def test_proof_crashes(case):
    """What becomes of the program that proves is no race."""
    copy = case.copy_of_dropin("copy")
    worker = case.path("copy/ptoas-lower")
    real = os.path.join(os.path.dirname(case.dropin), "ptoas-lower")
    with open(worker, "w") as file:
        file.write('#!/bin/sh\n%s "$@" < /dev/null\ncat > /dev/null\nkill -SEGV $$\n' % real)
    os.chmod(worker, 0o755)
    done = case.run(program=copy, **dict(GATE, STANDIN_CPP=GAP, PTOLOWER_LOG="log"))
    equal((done.returncode, done.err), (0, "warned by the stand-in\n"))
    equal(verdicts(case), [(True, False, "not followed")])
    holds(case.log()[0]["sync"]["text"], "ended by signal 11")


def wrap(case):
    """The real ptoas behind a script that is not replaced by it."""
    wrapper = case.path("bin/ptoas.sh")
    with open(wrapper, "w") as file:
        file.write('#!/bin/sh\n%s "$@"\nexit $?\n' % case.real)
    os.chmod(wrapper, 0o755)
    case.environment["PTOLOWER_PTOAS"] = wrapper


def wait_until(condition):
    end = time.monotonic() + 20
    while not condition():
        equal(time.monotonic() < end, True)
        time.sleep(0.02)


def ended(pid):
    """Whether a process is gone, or waits for its parent only."""
    try:
        with open("/proc/%s/stat" % pid) as file:
            return file.read().rsplit(")", 1)[1].split()[0] in "ZX"
    except FileNotFoundError:
        return True


def test_ptoas_hangs(case):
    """On the lowered file: the build goes on before pypto's patience is at its end. What a script
    started ends with the script, and reaches nothing of the second compile."""
    for prepare in (lambda case: None, wrap):
        prepare(case)
        done = case.run(**dict(GATE, STANDIN_HANG="3", PTOLOWER_TIMEOUT="2", STANDIN_WAIT="2"))
        equal((done.returncode, done.out), (0, "said by the stand-in\n"))
        holds(done.err,
              "ptoas takes too long for the lowered k.pto; the original is compiled [PTL402]")
        equal(case.text("k.cpp"), "// compiled\n" + case.text("k.pto"))
        equal(case.files(), ["k.cpp", "k.cpp.ptolower.pto"])


def test_ended_by_a_signal(case):
    """All that it started ends with it, and nothing is left behind."""
    wrap(case)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        for variables in ({"STANDIN_HANG": "60"}, {"STANDIN_WAIT": "60", "PTOLOWER_KEEP": "0"}):
            if os.path.exists(case.path("pid")):
                os.remove(case.path("pid"))
            process = case.start(COMMAND, **dict(GATE, STANDIN_PID="pid", **variables))
            wait_until(lambda: os.path.exists(case.path("pid")) and case.text("pid"))
            process.send_signal(number)
            process.communicate()
            equal(process.returncode, -number)
            wait_until(lambda: ended(case.text("pid")))
            equal([name for name in case.files() if name != "k.cpp.ptolower.pto"], ["pid"])


def test_stopped_and_continued(case):
    """Ctrl-Z stops ptoas, too."""
    wrap(case)
    process = case.start(COMMAND, **dict(GATE, STANDIN_PID="pid", STANDIN_WAIT="1"))
    wait_until(lambda: os.path.exists(case.path("pid")) and case.text("pid"))

    def state():
        with open("/proc/%s/stat" % case.text("pid")) as file:
            return file.read().rsplit(")", 1)[1].split()[0]
    process.send_signal(signal.SIGTSTP)
    wait_until(lambda: state() == "T")
    process.send_signal(signal.SIGCONT)
    process.communicate()
    equal(process.returncode, 0)
    holds(case.text("k.cpp"), "// compiled\n")


def test_ptoas_fails_on_both(case):
    for status, code in (("5", 5), ("abort", -6)):
        alone = case.run(program=case.real, STANDIN_EXIT=status)
        done = case.run(**dict(GATE, STANDIN_EXIT=status))
        equal((alone.returncode, done.returncode, done.out), (code, code, alone.out))
    equal(case.files(), ["k.cpp.ptolower.pto"])


def test_option_forms(case):
    for words, out in ((["--pto-arch=a3", "-o=k.cpp", "k.pto"], "-o=.ptolower-"),
                       (["--unknown", "x", "k.pto", "-o", "k.cpp"], ".ptolower-"),
                       (["--flag", "k.pto", "-o", "k.cpp"], ".ptolower-")):
        done = case.run(words, **GATE)
        equal(done.returncode, 0)
        call = case.calls()[-1]
        equal(len(call), len(words))
        equal(call[words.index("k.pto")], "k.cpp.ptolower.pto")
        holds(" ".join(call), out)
        holds(case.text("k.cpp"), "// compiled\n")


def test_outputs_that_are_no_files(case):
    done = case.run(["k.pto"] + OPTIONS, **GATE, TMPDIR=case.directory)
    holds(done.out, "// compiled\n")
    equal(case.run(["k.pto", "-o", "/dev/null"], **GATE, TMPDIR=case.directory).returncode, 0)
    equal(case.files(), [])
    for call in case.calls():
        holds(call[0], "/.ptolower-")


def test_temporary_is_private(case):
    """Links that someone put into $TMPDIR lead nowhere."""
    os.mkdir(case.path("tmp"))
    with open(case.path("victim"), "w") as file:
        file.write("precious")
    link = 'ln -s ../victim tmp/ptolower-$$.pto; exec "$0" k.pto'
    done = subprocess.run(["sh", "-c", link, case.dropin], cwd=case.directory, capture_output=True,
                          env=dict(case.environment, **GATE, TMPDIR="tmp"))
    equal(done.returncode, 0)
    equal(case.text("victim"), "precious")
    holds(case.calls()[-1][0], "ptolower")


def test_link_in_place_of_the_lowered_file(case):
    with open(case.path("victim"), "w") as file:
        file.write("precious")
    os.symlink("victim", case.path("k.cpp.ptolower.pto"))
    equal(case.run(**GATE).returncode, 0)
    is_lowered(case)
    equal(case.text("victim"), "precious")


def test_long_names(case):
    for name in ("k" * 251 + ".cpp", "k" * 240 + ".cpp"):
        done = case.run(["k.pto", "-o", name] + OPTIONS, **dict(GATE, PTOLOWER_STRICT="1"))
        equal((done.returncode, done.err), (0, "warned by the stand-in\n"))
        holds(case.text(name), "// compiled\n")
        holds(case.calls()[-1][0], ".ptolower")


def test_functions_are_told_apart(case):
    """By MLIR's words, wherever they stand; those of comments and strings are none."""
    text = case.text("k.pto")
    function = "func.func @mlp_gate_up"
    for written in ("func.func\n    @mlp_gate_up", "func.func  @mlp_gate_up",
                    "func.func private @other(i32) func.func @mlp_gate_up",
                    "// func.func @none()\n  func.func @mlp_gate_up",
                    "func.func @f() { return } func.func @mlp_gate_up"):
        with open(case.input, "w") as file:
            file.write(text.replace(function, written))
        done = case.run(**dict(GATE, PTOLOWER_STRICT="1"))
        equal((done.returncode, done.err), (0, "warned by the stand-in\n"))
        equal(case.calls()[-1][0], "k.cpp.ptolower.pto")
    shutil.copy(os.path.join(case.source, "test", "e2e", "inputs", "gate_up_store.pto"), case.input)


def test_closed_standard_streams(case):
    """The log is whole, and no file of ours becomes a standard stream."""
    for closed in ((0,), (1,), (0, 1), (0, 1, 2)):
        log = "log%d" % len(case.calls())
        done = subprocess.run([case.dropin] + COMMAND, cwd=case.directory,
                              env=dict(case.environment, **GATE, PTOLOWER_LOG=log),
                              preexec_fn=lambda: [os.close(fd) for fd in closed])
        holds(case.text(log), '"fused":true')
        if 1 not in closed:
            equal(done.returncode, 0)


def test_output_that_is_there(case):
    with open(case.path("real.cpp"), "w") as file:
        file.write("old")
    os.chmod(case.path("real.cpp"), 0o640)
    os.symlink("real.cpp", case.path("k.cpp"))
    case.run(**GATE)
    holds(case.text("real.cpp"), "// compiled\n")
    equal(os.stat(case.path("real.cpp")).st_mode & 0o777, 0o640)
    equal(os.path.islink(case.path("k.cpp")), True)


def test_log(case):
    for variables in (GATE, PAIRS):
        case.run(**dict(variables, PTOLOWER_LOG="log"))
    for line in case.log():
        equal((line["input"], line["output"], line["kernel"]), ("k.pto", "k.cpp", "mlp_gate_up"))
        equal((line["fused"], line["rejected"], line["code"]), (True, False, "PTL120"))
        equal(line["cycles"]["after"] < line["cycles"]["before"], True)
        equal(line["buffers"]["acc"]["used_bytes"], 65536)
        for name, path in (("input_sha256", "k.pto"), ("lowered_sha256", "k.cpp.ptolower.pto")):
            with open(case.path(path), "rb") as file:
                equal(line["certificate"][name], hashlib.sha256(file.read()).hexdigest())
    equal(len(case.log()), 2)
    name = os.fsencode(case.directory) + b"/\xff\t\"k\xc3\xbc.pto"
    os.rename(case.input, name)
    subprocess.run([case.dropin, name, "-o", "k.cpp"], cwd=case.directory,
                   env=dict(case.environment, **PAIRS, PTOLOWER_LOG="log"), capture_output=True,
                   check=True)
    holds(case.log()[2]["input"], "/\ufffd\t\"kü.pto")
    os.rename(name, case.input)
    done = case.run(**dict(GATE, PTOLOWER_LOG="/nowhere/log"))
    equal(done.returncode, 0)
    holds(done.err, "[PTL404]")


if __name__ == "__main__":
    for inherited in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(inherited, signal.default_int_handler)  # a shell's background job ignores some
    sys.exit(main(globals()))
