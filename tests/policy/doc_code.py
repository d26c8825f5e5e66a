#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Code in the documents is code that the tests compile.

usage: doc_code.py ROOT     exit status 1 and one line per violation

Every block of C++ or Python in a Markdown file follows a line `<!-- from PATH -->` and stands in that file, line by
line, give or take a common indentation.
"""
import pathlib
import re
import sys
import textwrap

BLOCK = re.compile(r"(?:<!-- from (?P<path>\S+) -->\n)?```(?P<language>cpp|python)\n(?P<code>.*?)```", re.DOTALL)


def dedented_windows(text, lines):
    """All runs of so many lines of the text, without their common indentation."""
    all_lines = text.split("\n")
    for start in range(len(all_lines) - lines + 1):
        yield textwrap.dedent("\n".join(all_lines[start:start + lines]))


def main(root):
    wrong, seen = [], 0
    for document in sorted([*root.glob("*.md"), *root.glob("docs/*.md")]):
        for block in BLOCK.finditer(document.read_text()):
            seen += 1
            place = f"{document.relative_to(root)}:{document.read_text()[:block.start()].count(chr(10)) + 1}"
            code = block["code"].rstrip("\n")
            if not block["path"]:
                wrong.append(f"{place}: {block['language']} without <!-- from PATH -->")
            elif not (root / block["path"]).is_file():
                wrong.append(f"{place}: there is no {block['path']}")
            elif textwrap.dedent(code) not in dedented_windows((root / block["path"]).read_text(), code.count("\n") + 1):
                wrong.append(f"{place}: not the same as in {block['path']}")
    for line in wrong:
        print(line)
    print(f"{seen} blocks of code in the documents, {len(wrong)} wrong")
    return 1 if wrong or seen == 0 else 0


sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
