"""map.py PAGE CLASHING NAME...: the page is well formed and asks for nothing; there are so many
boxes in red in each view, and a box for each name."""

import re
import sys
import xml.etree.ElementTree

with open(sys.argv[1]) as file:
    page = file.read()
for word in ("http:", "https:", "src=", "@import", "<link", "fetch("):
    assert word not in page, word
drawings = [xml.etree.ElementTree.fromstring(text)
            for text in re.findall(r'<svg class="body".*?</svg>', page, re.DOTALL)]
assert drawings
for drawing in drawings:
    boxes = [group for group in drawing.iter("g") if "box" in group.get("class").split()]
    errors = [box for box in boxes if "error" in box.get("class").split()]
    assert len(errors) == int(sys.argv[2]), len(errors)
    names = {box.find("title").text.split()[0] for box in boxes}
    assert names == set(sys.argv[3:]), names
    for box in boxes:
        rectangle = box.find("rect")
        assert 0 <= float(rectangle.get("x")) <= float(drawing.get("width"))
        assert float(rectangle.get("width")) > 0 and float(rectangle.get("height")) > 0
