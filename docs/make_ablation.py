#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the table in docs/exploration.md: what breaks without each rule.

usage: make_ablation.py SEVSPEC [--check]     --check: write nothing, exit 1 if the table is not what it would write
"""
import json
import pathlib
import subprocess
import sys

PAGE = pathlib.Path(__file__).resolve().parent / "exploration.md"
BEGIN, END = "<!-- made by make_ablation.py -->\n", "<!-- end -->\n"


def main():
    made = subprocess.run([sys.argv[1], "explore", "--ablate", "all", "--json"], check=True, capture_output=True, text=True)
    rows = json.loads(made.stdout)
    broken = [row for row in rows if row["violation"]]
    lines = [f"{len(rows)} rules can be switched off; without {len(broken)} of them something breaks.", "",
             "| without | breaks | the shortest way there, or why there is none |", "| --- | --- | --- |"]
    for row in rows:
        found = row["violation"]
        if found:
            steps = "; ".join(f"{i}. {step}" for i, step in enumerate(found["trace"], 1))
            lines.append(f"| {row['rule']} | {found['invariant']} | {steps}: {found['text']} |")
        else:
            lines.append(f"| {row['rule']} | | {row['reason']} |")
    table = "\n".join(lines) + "\n"
    page = PAGE.read_text()
    begin, end = page.index(BEGIN) + len(BEGIN), page.index(END)
    if "--check" in sys.argv[2:]:
        if page[begin:end] != table:
            sys.exit(f"docs/exploration.md is out of date: python3 docs/make_ablation.py {sys.argv[1]}")
        print(f"{len(rows)} rows")
    else:
        PAGE.write_text(page[:begin] + table + page[end:])


main()
