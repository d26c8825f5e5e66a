#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Make one self-contained header out of include/.

usage: amalgamate.py [-r ROOT_HEADER] -o OUTPUT

Every <sevspec/...> include is replaced by the header itself, the first time it is met; all others stay where they are.
"""
import argparse
import re
from pathlib import Path

INCLUDE_DIR = Path(__file__).resolve().parent.parent / "include"
OURS = re.compile(r"^\s*#\s*include\s*<(sevspec/[^>]+)>")
SPDX = "// SPDX-License-Identifier: MIT"


def expand(name, seen):
    """The lines of header `name` with our own includes expanded in place."""
    seen.add(name)
    for line in (INCLUDE_DIR / name).read_text(encoding="utf-8").splitlines():
        match = OURS.match(line)
        if match is None:
            if line != SPDX:
                yield line
        elif match[1] not in seen:
            yield f"// --- {match[1]}"
            yield from expand(match[1], seen)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-r", "--root", default="sevspec/sevspec.hpp", help="the header to start from")
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()

    lines = [SPDX, f"// Made by scripts/amalgamate.py from <{options.root}>. Do not edit.", *expand(options.root, set())]
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
