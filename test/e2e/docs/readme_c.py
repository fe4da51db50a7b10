"""readme_c.py SOURCE BUILD CC SCRATCH: README.md's C, compiled as it stands, gives the file that the
command line gives."""

import os
import re
import subprocess
import sys

MAIN = """
static const char *path;

static void write_out(const char *data, size_t size) {
  FILE *file = fopen(path, "wb");
  if (!file || fwrite(data, 1, size, file) != size || fclose(file) != 0) {
    exit(1);
  }
}

int main(int argc, char **argv) {
  static char text[1 << 20];
  FILE *file = fopen(argv[argc - 2], "rb");
  size_t length = file ? fread(text, 1, sizeof text, file) : 0;
  path = argv[argc - 1];
%s  return 0;
}
"""


def example(readme):
    """The one block fenced as C; what it includes, and the rest."""
    with open(readme) as file:
        blocks = re.findall(r"^```c\n(.*?)^```$", file.read(), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 1, "README.md has %d blocks of C" % len(blocks)
    lines = blocks[0].splitlines(keepends=True)
    return ("".join(line for line in lines if line.startswith("#")),
            "".join(line for line in lines if not line.startswith("#")))


def main():
    source, build, cc, scratch = sys.argv[1:]
    includes, body = example(os.path.join(source, "README.md"))
    program = os.path.join(scratch, "readme")
    with open(program + ".c", "w") as file:
        file.write("#include <stdio.h>\n#include <stdlib.h>\n" + includes + MAIN % body)
    kernel = os.path.join(source, "test", "e2e", "inputs", "gate_up_store.pto")
    with open(kernel, "rb") as file:
        expected = subprocess.run([os.path.join(build, "bin", "ptolower"), "-"], stdin=file,
                                  stdout=subprocess.PIPE, check=True).stdout
    library = os.path.join(build, "lib")
    for level in ("-O0", "-O2"):
        subprocess.run([cc, "-std=c11", "-Wall", "-Wextra", "-Werror", level, program + ".c", "-o",
                        program, "-I" + os.path.join(source, "include"), "-L" + library,
                        "-Wl,-rpath," + library, "-lptolower"], check=True)
        subprocess.run([program, kernel, program + ".pto"], check=True)
        with open(program + ".pto", "rb") as file:
            found = file.read()
        assert found == expected, "%s: %d bytes, expected %d" % (level, len(found), len(expected))


if __name__ == "__main__":
    main()
