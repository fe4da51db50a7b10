"""hashes.py PTOLOWER KERNEL CERTIFICATE: the hash in the certificate is SHA-256, also of the kernel with
comments of all lengths up to two blocks after it."""

import hashlib
import json
import os
import subprocess
import sys


def recorded(certificate):
    with open(certificate) as file:
        return {entry["file"]: entry["sha256"] for entry in json.load(file)["files"]}


def write_variants(kernel, folder):
    with open(kernel, "rb") as file:
        text = file.read()
    os.makedirs(folder)
    for length in range(130):
        with open(os.path.join(folder, "%03d.pto" % length), "wb") as file:
            file.write(text + b"//" + b"x" * length)


def main():
    ptolower, kernel, certificate = sys.argv[1:]
    write_variants(kernel, "variants")
    subprocess.run([ptolower, "check", "-j2", "--certificate=variants.json", "variants"], check=True,
                   stdout=subprocess.DEVNULL)
    hashes = dict(recorded(certificate), **recorded("variants.json"))
    assert len(hashes) == 131, len(hashes)
    for path, found in hashes.items():
        with open(path, "rb") as file:
            assert hashlib.sha256(file.read()).hexdigest() == found, path


if __name__ == "__main__":
    main()
