#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the tables in docs/peer-properties.md: what another model of SEV guests claims, and what this library says.

usage: make_peer_properties.py SEVSPEC [--check]     --check: write nothing, exit 1 if a table is not what it would write
"""
import json
import pathlib
import subprocess
import sys

PAGE = pathlib.Path(__file__).resolve().parent / "peer-properties.md"
BEGIN, END = "<!-- made by make_peer_properties.py -->\n", "<!-- end -->\n"


def claim(one):
    where = f"{one['claim']} ({one['machine']})"
    if one["holds"]:
        return f"**yes**: {where}: closed, {one['states']} states"
    steps = "; ".join(f"{i}. {step}" for i, step in enumerate(one["trace"], 1))
    return f"**no**: {where}: {steps}: {one['text']}"


def main():
    made = subprocess.run([sys.argv[1], "explore", "--peer", "all", "--json"], check=True, capture_output=True, text=True)
    rows = json.loads(made.stdout)
    verdicts = [row["verdict"] for row in rows]
    lines = [", ".join(f"{verdicts.count(one)} {one}" for one in dict.fromkeys(verdicts)) + ".", "",
             "| ID | property | verdict | claims |", "| --- | --- | --- | --- |"]
    for row in rows:
        cells = [claim(one) for one in row["claims"]] + ([row["note"]] if row["note"] else [])
        lines.append(f"| {row['property']} | {row['text']} | {row['verdict']} | {'<br>'.join(cells)} |")
    table = "\n".join(lines) + "\n"
    page = PAGE.read_text()
    begin, end = page.index(BEGIN) + len(BEGIN), page.index(END)
    if "--check" in sys.argv[2:]:
        if page[begin:end] != table:
            sys.exit(f"docs/peer-properties.md is out of date: python3 docs/make_peer_properties.py {sys.argv[1]}")
        print(f"{len(rows)} properties")
    else:
        PAGE.write_text(page[:begin] + table + page[end:])


main()
