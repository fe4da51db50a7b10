"""corpus.py PTOLOWER CORPUS CHECK_MD: checks every .pto below CORPUS. There is no error; a file with a
warning is named in CHECK_MD, and each is read."""

import glob
import json
import os
import subprocess
import sys

ptolower, corpus, document = sys.argv[1:]
sources = sorted(glob.glob(os.path.join(corpus, "**", "*.pto"), recursive=True))
with open(document) as file:
    explained = file.read()
result = subprocess.run([ptolower, "check", "--format=json"] + sources, stdout=subprocess.PIPE,
                        check=True)
files = json.loads(result.stdout)["files"]
assert len(files) == len(sources) > 0 and all(file["read"] for file in files)
for file in files:
    for finding in file["findings"]:
        place = "%s:%d: %s" % (file["file"], finding["line"], finding["code"])
        assert finding["severity"] == "warning", place
        assert os.path.basename(file["file"]) in explained, place
        assert finding["code"] in ("PTL220", "PTL221"), place
