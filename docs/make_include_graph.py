#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Which folder of include/sevspec/ includes which: the picture in architecture.md, drawn from the #includes themselves.

usage: make_include_graph.py          rewrites the block between the marks
       make_include_graph.py --check  exit status 1 if it is not current
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "architecture.md"
START, END = "<!-- made by make_include_graph.py -->", "<!-- end -->"
INCLUDE = re.compile(r"^#include <sevspec/(\w+)/", re.MULTILINE)


def edges():
    """{folder: folders that its headers include}, without itself."""
    found = {}
    headers = ROOT / "include" / "sevspec"
    for header in sorted(headers.glob("*/**/*.hpp")):
        folder = header.relative_to(headers).parts[0]
        found.setdefault(folder, set()).update(INCLUDE.findall(header.read_text(encoding="utf-8")))
    return {folder: sorted(below - {folder}) for folder, below in found.items()}


def reduced(graph):
    """Without arrows to what another arrow leads to anyway."""
    def reachable(folder):
        return set().union(*({below} | reachable(below) for below in graph.get(folder, [])))

    return {folder: [one for one in below if not any(one in reachable(other) for other in below if other != one)]
            for folder, below in graph.items()}


def picture():
    arrows = [f"  {folder} --> {one}" for folder, below in sorted(reduced(edges()).items()) for one in below]
    return "\n".join([START, "```mermaid", "graph TD", *arrows, "```", END])


def main(check):
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(START)
    after = rest.split(END, 1)[1]
    made = before + picture() + after
    if check:
        print("ok" if made == page else "docs/architecture.md: run docs/make_include_graph.py")
        return int(made != page)
    PAGE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:] == ["--check"]))
