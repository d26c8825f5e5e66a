#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A picture in docs/ that an example prints.

usage: make_svg.py FILE PROGRAM [ARGUMENT]          rewrites docs/FILE
       make_svg.py --check FILE PROGRAM [ARGUMENT]  exit status 1 if it is not current
"""
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent


def main(check, name, *command):
    drawn = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    picture = DOCS / name
    if not check:
        picture.write_text(drawn, encoding="utf-8")
        return 0
    same = bool(drawn) and picture.is_file() and picture.read_text(encoding="utf-8") == drawn
    print("ok" if same else f"docs/{name}: run docs/make_svg.py")
    return int(not same)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    check = arguments[:1] == ["--check"]
    if len(arguments) - check not in (2, 3):
        sys.exit(__doc__)
    sys.exit(main(check, *arguments[check:]))
