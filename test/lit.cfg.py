"""lit: every .mlir, .pto and .test file below test/ that has RUN lines.

    python3 lit.py -v test                 # takes the build in build/
    PTOLOWER_BUILD=DIR python3 lit.py ...  # another one

Substitutions: %ptolower the program; %lower the same with --validate, for every test that lowers;
`%exits N command` an exact exit status; %python, %cc, %cmake; %source the project's root; %build the
build directory; %corpus real kernels, where they are; %ptoas; %llvm_bin.
Features: chromium (as %chromium), corpus, ptoas, sanitizer, terminal (pseudo terminals can
be made).
"""

import os
import shutil
import sys

import lit.formats

config.name = "ptolower"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".pto", ".test"]
config.excludes = ["unit", "inputs", "Inputs", "public", "skipped"]
config.test_source_root = os.path.dirname(os.path.abspath(__file__))
source = os.path.dirname(config.test_source_root)

# What this build is, from the build directory.
build = os.path.abspath(os.environ.get("PTOLOWER_BUILD", os.path.join(source, "build")))
site = os.path.join(build, "test", "lit.site.cfg.py")
if not os.path.exists(site):
    lit_config.fatal("no build in %s: configure and build first, or set PTOLOWER_BUILD" % build)
lit_config.load_config(config, site)
config.test_exec_root = os.path.join(build, "test")


def find_ptoas():
    """$PTOAS (the program, or a directory that holds it), else ptoas on PATH."""
    named = os.environ.get("PTOAS")
    if not named:
        return shutil.which("ptoas")
    for path in (named, os.path.join(named, "ptoas"), os.path.join(named, "bin", "ptoas")):
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return os.path.abspath(path)
    lit_config.fatal("PTOAS is set to %s, where no ptoas is" % named)


def substitute(name, value):
    config.substitutions.append((name + r"\b", value))


ptoas = find_ptoas()
corpus = os.environ.get("PTOLOWER_CORPUS", os.path.join(source, "..", "shared", "corpus"))

substitute("%ptolower", os.path.join(build, "bin", "ptolower"))
substitute("%lower", os.path.join(build, "bin", "ptolower") + " --validate")
substitute("%python", sys.executable)
substitute("%exits", "%s %s" % (sys.executable, os.path.join(source, "test", "e2e", "exits.py")))
substitute("%cmake", config.cmake)
substitute("%mlir_dir", config.mlir_dir)
substitute("%cc", config.c_compiler)
substitute("%source", source)
substitute("%build", build)
substitute("%llvm_bin", config.llvm_tools_dir)
if ptoas:
    config.available_features.add("ptoas")
    substitute("%ptoas", ptoas)
chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
if chromium:
    config.available_features.add("chromium")
    substitute("%chromium", chromium)
if os.path.isdir(corpus):
    config.available_features.add("corpus")
    substitute("%corpus", os.path.abspath(corpus))
if config.sanitize:
    config.available_features.add("sanitizer")

try:
    for end in os.openpty():
        os.close(end)
    config.available_features.add("terminal")
except OSError:
    pass

# FileCheck, not, split-file: LLVM's, under their plain names.
config.environment["PATH"] = os.pathsep.join(
    [os.path.join(build, "bin"), config.llvm_tools_dir, config.environment.get("PATH", "")])
for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "PTOAS", "HOME"):
    if name in os.environ:
        config.environment[name] = os.environ[name]
