#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes docs/rules.md from the rule registry.

usage: make_rule_index.py [--check]     --check: write nothing, exit 1 if rules.md is not what it would write
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
INDEX = ROOT / "docs/rules.md"
STRING = r'"((?:[^"\\]|\\.)*)"'
ROW = re.compile(
    r"\{rule::(\w+),\s*" + STRING + r",\s*rule_kind::(\w+),\s*confidence::(\w+),\s*" + STRING + r",\s*" + STRING + r"\},")


def rows(text):
    """Groups of (heading, [row, ...]) in the order of the registry."""
    groups = []
    table = text[text.index("rule_registry[] = {"):text.index("\n};\n", text.index("rule_registry[] = {"))]
    for match in re.finditer(r"^\s*// (?P<heading>[A-Z].*)$|" + ROW.pattern, table, re.MULTILINE):
        if match["heading"]:
            groups.append((match["heading"], []))
        else:
            groups[-1][1].append([part.replace('\\"', '"') for part in match.groups()[1:]])
    if sum(len(group) for _, group in groups) != table.count("{rule::"):
        sys.exit("make_rule_index.py: a row of the registry is not of the expected form")
    return groups


def main():
    groups = rows((ROOT / "include/sevspec/base/rule_registry.hpp").read_text())
    count = sum(len(group) for _, group in groups)
    lines = ["# Rule index", "", f"{count} rules. Made from `include/sevspec/base/rule_registry.hpp` by `docs/make_rule_index.py`; do not edit.",
             "What the kinds mean is in [architecture.md](architecture.md).", ""]
    for heading, group in groups:
        lines += [f"## {heading}", "", "| ID | kind | confidence | statement | source |", "| --- | --- | --- | --- | --- |"]
        lines += [f"| {name} | {kind} | {trust} | {text} | {source} |" for _, name, kind, trust, text, source in group]
        lines.append("")
    made = "\n".join(lines)
    if "--check" in sys.argv[1:]:
        if INDEX.read_text() != made:
            sys.exit("docs/rules.md is out of date: python3 docs/make_rule_index.py")
        print(f"docs/rules.md has all {count} rules")
    else:
        INDEX.write_text(made)


main()
