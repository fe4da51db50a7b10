"""run_docs.py SOURCE BUILD SCRATCH: runs the blocks fenced as ```sh in README.md and docs/.

Other fences (```text, ```c, none) are not run. A block that calls ptoas only runs where
one is found. The blocks of one document run in their order, in what looks like the root of a checkout
that is built in build/. Links to files of the project must lead somewhere, too."""

import glob
import os
import re
import shutil
import subprocess
import sys


def blocks(path):
    """(line number, text) of each block fenced as sh."""
    with open(path) as file:
        text = file.read()
    for match in re.finditer(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield text.count("\n", 0, match.start()) + 1, match.group(1)


def dead_links(document):
    with open(document) as file:
        links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", file.read())
    dead = [link for link in links
            if not os.path.exists(os.path.join(os.path.dirname(document), link))]
    for link in dead:
        print("%s: link to %s, which is not there" % (document, link))
    return len(dead)


def unlisted(source, documents):
    """The pages that the index of docs/ does not name."""
    with open(os.path.join(source, "docs", "README.md")) as file:
        index = file.read()
    pages = [os.path.relpath(document, os.path.join(source, "docs")) for document in documents[1:]]
    missing = [page for page in pages if page != "README.md" and "(%s)" % page not in index]
    for page in missing:
        print("docs/README.md does not name %s" % page)
    return len(missing)


def link_all(folder, names, directory):
    os.makedirs(directory)
    for name in names:
        os.symlink(os.path.join(folder, name), os.path.join(directory, name))


def scratch_root(source, build, scratch, document):
    """What looks like the root of a checkout that is built in build/, and can be written to."""
    root = os.path.join(scratch, os.path.relpath(document, source).replace(os.sep, "_"))
    link_all(source, ("CMakeLists.txt", "README.md", "docs", "test", "tools"), root)
    link_all(build, ("bin", "lib"), os.path.join(root, "build"))
    return root


def run_document(source, build, scratch, document):
    failures = 0
    directory = scratch_root(source, build, scratch, document)
    for line, script in blocks(document):
        if re.search(r"^\s*ptoas\b", script, re.MULTILINE) and not shutil.which("ptoas"):
            print("%s:%d: skipped: no ptoas" % (document, line))
            continue
        result = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=directory,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)
        if result.returncode != 0:
            failures += 1
            print("%s:%d: exit status %d\n%s%s" %
                  (document, line, result.returncode, script, result.stdout))
    return failures


def main():
    source, build, scratch = sys.argv[1:]
    documents = [os.path.join(source, "README.md")]
    documents += sorted(glob.glob(os.path.join(source, "docs", "**", "*.md"), recursive=True))
    failures = unlisted(source, documents)
    failures += sum(run_document(source, build, scratch, document) + dead_links(document)
                   for document in documents)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
