#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every rule of high or medium confidence is registered, or docs/rules-not-modelled.md says why not - never both.

usage: rules_accounted.py ROOT
"""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
registered = set(re.findall(r'\{rule::\w+,\s*"([A-Z0-9-]+)"', (root / "include/sevspec/base/rule_registry.hpp").read_text()))
listed = dict(re.findall(r"^\| ([A-Z0-9]+(?:-[A-Z0-9]+)+) \| (.*) \|$", (root / "docs/rules-not-modelled.md").read_text(), re.M))
known = {}
for line in (root / "tests/data/rule-ids.txt").read_text().splitlines():
    if not line.startswith("#"):
        name, trust = line.split()
        known[name] = trust

wrong = []
for name, trust in known.items():
    if trust != "low" and name not in registered and name not in listed:
        wrong.append(f"{name}: neither registered nor in docs/rules-not-modelled.md")
for name, rest in listed.items():
    if name not in known:
        wrong.append(f"{name}: docs/rules-not-modelled.md lists it, tests/data/rule-ids.txt does not know it")
    if name in registered:
        wrong.append(f"{name}: registered, and in docs/rules-not-modelled.md")
    if len(rest.split(" | ")) != 2 or len(rest.split(" | ")[1]) < 12:
        wrong.append(f"{name}: docs/rules-not-modelled.md gives no reason")
families = {name.split("-")[0] for name in known}
for name in registered:
    if name.split("-")[0] in families and name not in known:
        wrong.append(f"{name}: registered, but unknown to tests/data/rule-ids.txt")

for line in wrong:
    print(line)
print(f"{len(known)} rules: {len(registered & known.keys())} registered, {len(listed)} listed as not modelled")
sys.exit(bool(wrong))
