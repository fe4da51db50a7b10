"""npy.py IN OUT PARTS: the first of so many equal parts of an array (0: nothing of it)."""

import re
import sys

source, target, parts = sys.argv[1:]
with open(source, "rb") as file:
    data = file.read()
length = int.from_bytes(data[8:10], "little")
header, body = data[10:10 + length].decode(), data[10 + length:]
count = len(body) // 4 // int(parts) if int(parts) else 0
header = re.sub(r"'shape': \([^)]*\)", "'shape': (%d,)" % count, header)
header = header.rstrip().ljust(length - 1) + "\n"
with open(target, "wb") as file:
    file.write(data[:10] + header.encode() + body[:4 * count])
