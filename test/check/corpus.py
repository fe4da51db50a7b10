"""corpus.py PTOLOWER CORPUS CHECK_MD: checks every .pto below CORPUS of which a working compiler made
a kernel (not those in REFUSED). There is no error; a file with a
warning is named in CHECK_MD, and each is read (PTL231: but not followed)."""

import glob
import json
import os
import subprocess
import sys

ptolower, corpus, document = sys.argv[1:]
REFUSED = ("level2_refused", "not_followed")
sources = sorted(path for path in glob.glob(os.path.join(corpus, "**", "*.pto"), recursive=True)
                 if os.path.basename(os.path.dirname(path)) not in REFUSED)
with open(document) as file:
    explained = file.read()
result = subprocess.run([ptolower, "check", "--format=json"] + sources, stdout=subprocess.PIPE,
                        check=True)
files = json.loads(result.stdout)["files"]
assert len(files) == len(sources) > 0 and all(file["read"] for file in files)
for file in files:
    for finding in file["findings"]:
        place = "%s:%d: %s" % (file["file"], finding["line"], finding["code"])
        if finding["code"] == "PTL231":
            continue
        assert finding["severity"] == "warning", place
        assert os.path.basename(file["file"]) in explained, place
        assert finding["code"] in ("PTL220", "PTL221", "PTL242"), place
