#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the tables in docs/exploration.md: what breaks without each rule, and how many states machines have.

usage: make_ablation.py SEVSPEC [--check]     --check: write nothing, exit 1 if a table is not what it would write
"""
import json
import pathlib
import subprocess
import sys

PAGE = pathlib.Path(__file__).resolve().parent / "exploration.md"
FAMILIES = ["rmp", "svsm", "nested", "conversion", "keys", "launch"]  # a table of rules each
MACHINES = ["conversion", "conversion-core", "conversion-4", "keys", "keys-complexes", "launch", "launch-2"]
WITHOUT_SYMMETRY = ["svsm-one", "svsm", "nested-one", "nested-honest", "nested", "nested-shadow"]


def asked(*options):
    made = subprocess.run([sys.argv[1], "explore", *options, "--json"], check=True, capture_output=True, text=True)
    return json.loads(made.stdout)


def rules_of(family):
    rows = asked("--model", family, "--ablate", "all")
    broken = [row for row in rows if row["violation"]]
    carried = [row for row in rows if "carried_by" in row]
    definitions = f" {len(carried)} definitions cannot; their rows name the rules that carry them." if carried else ""
    lines = [f"{len(rows) - len(carried)} rules can be switched off; without {len(broken)} of them something breaks."
             f"{definitions}", "",
             "| without | breaks | the shortest way there, or why there is none |", "| --- | --- | --- |"]
    for row in rows:
        found = row["violation"]
        if found:
            steps = "; ".join(f"{i}. {step}" for i, step in enumerate(found["trace"], 1))
            lines.append(f"| {row['rule']} | {found['invariant']} | {steps}: {found['text']} |")
        elif "carried_by" in row:
            by = ", ".join(row["carried_by"])
            lines.append(f"| {row['rule']} | | A definition, carried by {by}. {row['reason']} |")
        else:
            lines.append(f"| {row['rule']} | | {row['reason']} |")
    return lines


def machines():
    lines = ["| machine | states | transitions | depth | states with `--symmetry` |", "| --- | --- | --- | --- | --- |"]
    for name in MACHINES + WITHOUT_SYMMETRY:
        all_states = asked("--model", name)
        folded = asked("--model", name, "--symmetry") if name in MACHINES else None
        for seen in filter(None, (all_states, folded)):
            if seen["ending"] != "closed":
                sys.exit(f"{name}: {seen['ending']}")
        representatives = f"{folded['states']:,}" if folded else "-"
        lines.append(f"| {name} | {all_states['states']:,} | {all_states['transitions']:,} | {all_states['depth']} | "
                     f"{representatives} |")
    return lines


def main():
    page = PAGE.read_text()
    for name in [*FAMILIES, "machines"]:
        lines = machines() if name == "machines" else rules_of(name)
        start = f"<!-- made by make_ablation.py: {name} -->\n"
        begin = page.index(start) + len(start)
        end = page.index("<!-- end -->\n", begin)
        table = "\n".join(lines) + "\n"
        if "--check" in sys.argv[2:]:
            if page[begin:end] != table:
                sys.exit(f"docs/exploration.md is out of date: python3 docs/make_ablation.py {sys.argv[1]}")
            print(f"{name}: {len(lines)} lines")
        page = page[:begin] + table + page[end:]
    if "--check" not in sys.argv[2:]:
        PAGE.write_text(page)


main()
