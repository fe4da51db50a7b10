"""Puts the flags in the C++ that ptoas wrote into the .pto that it was made from.

  weave.py FILE.pto FILE.cpp > OUT.pto

A matcher of the tests' own: the instructions of each function have to be those of the file, in
order and by name; loops and branches likewise. Each flag is written in front of the statement that
follows it. Exit status 1 with a reason if they do not match."""
import re
import sys

# What ptoas writes for an op that works on no pipe, or with another form.
IDLE = ("TASSIGN", "TRESHAPE", "TSUBVIEW", "TFREE", "TFREE_FROM_AIC", "TFREE_FROM_AIV", "TPRINT")
NAMES = {"TPUSH_TO_AIV": "TPUSH", "TPUSH_TO_AIC": "TPUSH", "TPOP_FROM_AIC": "TPOP",
         "TPOP_FROM_AIV": "TPOP"}
# Around the whole of a function of a5 for the vector core, of which one lane is needed.
FIRST_LANE = "if (get_subblockid() == 0) {"
STATEMENT = re.compile(r"\s*(?:%[\w$.#:-]+(?:\s*,\s*%[\w$.#:-]+)*\s*=\s*)?((?:pto|scf|func|arith)\.[\w.]+|return)\b")


class Mismatch(Exception):
    pass


def flag_of(line):
    words = re.findall(r"[A-Z]+_?[A-Z0-9]*\d*", line)
    if line.startswith("pipe_barrier("):
        return "pto.barrier <%s>" % words[0]
    kind = "set" if line.startswith("set_") else "wait"
    if len(words) != 3 or not words[2].startswith("EVENT_ID"):
        raise Mismatch("a flag is computed: " + line)
    return "pto.%s_flag[<%s>, <%s>, <%s>]" % ((kind,) + tuple(words))


def written(text, function):
    """The items of a function: (kind, text)."""
    begin = re.search(r"AICORE void %s\(.*\{\n" % re.escape(function), text)
    if not begin:
        raise Mismatch("no function " + function)
    items, depth, opens = [], 1, []
    for line in text[begin.end():].split("\n"):
        line = line.strip()
        if line.startswith(("set_flag(", "wait_flag(", "pipe_barrier(")):
            items.append(("flag", flag_of(line)))
        elif line.startswith("ptoas_auto_sync_tail("):
            if "kBarrierAll" in line:
                items.append(("flag", "pto.barrier <PIPE_ALL>"))
            else:
                items += [("flag", "pto.%s_flag[<PIPE_MTE3>, <PIPE_S>, <EVENT_ID0>]" % kind)
                          for kind in ("set", "wait")]
        elif line.startswith("for ("):
            depth += 1
            opens.append(True)
            items.append(("loop", line))
        elif line.startswith("if ("):
            depth += 1
            opens.append(line != FIRST_LANE)
            if opens[-1]:
                items.append(("branch", line))
        elif line == "} else {":
            items.append(("else", line))
        elif line in ("}", "};"):
            depth -= 1
            if depth == 0:
                return items
            if opens.pop():
                items.append(("end", line))
        else:
            name = re.match(r"([A-Z][A-Z0-9_]+)[(<]", line)
            if name and name.group(1) not in IDLE and not name.group(1).startswith("PTOAS__"):
                items.append(("op", name.group(1).replace("_INPLACE", "")))
            elif ".GetValue(" in line or ".SetValue(" in line:
                items.append(("op", "TGETVAL" if ".GetValue(" in line else "TSETVAL"))
    raise Mismatch("the function does not end")


def name_of(op):
    name = op[len("pto."):].replace(".", "_").upper()
    return NAMES.get(name, name)


class Weaver:
    def __init__(self, items):
        self.items, self.at, self.out = items, 0, []
        self.is_written = []  # of the loops and branches around: whether ptoas wrote them

    def flags(self, indent):
        while self.at < len(self.items) and self.items[self.at][0] == "flag":
            self.out.append(indent + self.items[self.at][1])
            self.at += 1

    def take(self, kind, why):
        if self.at == len(self.items) or self.items[self.at][0] != kind:
            raise Mismatch(why + " against " + str(self.items[self.at:self.at + 1]))
        self.at += 1
        return self.items[self.at - 1][1]

    def closes(self, line, indent, depth):
        if depth == 0 or not self.is_written[-1]:
            pass
        elif "else" in line:
            self.flags(indent)
            if self.at < len(self.items) and self.items[self.at][0] == "else":
                self.take("else", line)
        else:
            self.flags(indent)
            self.take("end", line)
        if depth > 0 and "else" not in line:
            self.is_written.pop()

    def line(self, line, op, depth, is_idle):
        indent = re.match(r"\s*", line).group()
        if line.strip().startswith("}"):
            self.closes(line, indent + "  ", depth)
        elif op in ("scf.for", "scf.if"):
            self.is_written.append(not is_idle)
            if not is_idle:
                self.flags(indent)
                self.take("loop" if op == "scf.for" else "branch", line)
        elif op == "scf.yield":
            if self.is_written[-1:] != [False]:
                self.flags(indent)
        elif op in ("return", "func.return"):
            self.flags(indent)
        elif op and (op.startswith("pto.t") or op == "pto.syncall") and name_of(op) not in IDLE:
            self.flags(indent)
            name = self.take("op", line)
            if name != name_of(op):
                raise Mismatch("%s against %s" % (name, line))
        self.out.append(line)

def is_idle_branch(lines, at):
    """Whether nothing but numbers comes of the branch that begins there: ptoas writes none."""
    depth = 0
    for line in lines[at:]:
        depth += line.rstrip().endswith("{") or " {loc" in line
        depth -= line.strip().startswith("}")
        if re.search(r"\b(pto\.(?!load_scalar)|scf\.for)", line):
            return False
        if depth == 0:
            return True
    return False


def weave(pto, cpp):
    weaver, depth, inside, out = None, 0, False, []
    lines = pto.split("\n")
    for at, line in enumerate(lines):
        function = re.match(r"\s*func\.func (?:private )?@(\w+)\(.*\{\s*(?:loc\(.*)?$", line)
        if function:
            weaver, depth, inside = Weaver(written(cpp, function.group(1))), 0, True
            out.append(line)
            continue
        if not inside:
            out.append(line)
            continue
        op = STATEMENT.match(line)
        op = op.group(1) if op else None
        closes = line.strip().startswith("}") and "else" not in line
        if closes and depth == 0:
            if weaver.at < len(weaver.items):
                raise Mismatch("more is written than the file has: %s" % weaver.items[weaver.at:][:3])
            out += weaver.out + [line]
            inside = False
            continue
        weaver.line(line, op, depth, op == "scf.if" and is_idle_branch(lines, at))
        depth += (op in ("scf.for", "scf.if")) - closes
    return "\n".join(out)


def main():
    with open(sys.argv[1]) as pto, open(sys.argv[2]) as cpp:
        try:
            sys.stdout.write(weave(pto.read(), cpp.read()))
        except Mismatch as why:
            print("%s: %s" % (sys.argv[1], why), file=sys.stderr)
            sys.exit(1)


if __name__ == "__main__":
    main()
