#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Rules on the text of include/: who may include whom, licence line, include guard.

usage: source_tree.py INCLUDE_DIR     exit status 1 and one line per violation
       source_tree.py --self-test     break every rule once and see that it is noticed
"""
import re
import sys
import tempfile
from pathlib import Path

# Bottom to top, as in docs: an include may point to the same layer or downwards.
LAYERS = "base statistics layout crypto memory paging rmp cpu ghcb firmware migration svsm nested verify".split()
CORE = {"base", "layout", "paging", "rmp"}
NOT_CORE = {"sevspec/rmp/lazy_table.hpp"}  # in a core folder, but not for everybody: it allocates
SPDX = "// SPDX-License-Identifier: MIT"

# Cost more to parse than a whole core header, allocate, or need an operating system.
HEAVY = set("filesystem format fstream functional future iomanip iostream list map memory mutex ostream print queue "
            "ranges regex set sstream stdexcept string string_view thread unordered_map unordered_set vector".split())
TEST_LIBRARIES = ("rapidcheck", "catch2", "benchmark")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def includes_of(path):
    """(line number, bracket, included name) for each include of one header."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if match := INCLUDE.match(line):
            yield number, match[1], match[2]


def layer_of(name):
    """'rmp' for sevspec/rmp/psmash.hpp, None for version.hpp and the umbrellas."""
    parts = name.split("/")
    return parts[1] if len(parts) > 2 else None


def check_preamble(name, path):
    lines = path.read_text(encoding="utf-8").splitlines()
    guard = re.sub(r"[^A-Z0-9]", "_", name.upper())
    if lines[:1] != [SPDX]:
        yield f"{name}:1: the first line must be '{SPDX}'"
    directives = [line for line in lines if line.startswith("#")]
    if directives[:2] != [f"#ifndef {guard}", f"#define {guard}"] or directives[-1:] != ["#endif"]:
        yield f"{name}:2: the include guard must be {guard}"


def check_include(name, number, bracket, target, headers):
    here, there = layer_of(name), layer_of(target)
    where = f"{name}:{number}:"
    if bracket == '"':
        yield f"{where} write <sevspec/...>, so that the header works from every include path"
    if not target.startswith("sevspec/"):
        library = target.split("/")[0]
        if library == "cryptopp" and (here is None or LAYERS.index(here) < LAYERS.index("crypto")):
            yield f"{where} Crypto++ appears from crypto/ on"
        if library in TEST_LIBRARIES and here != "verify":
            yield f"{where} {library} belongs in verify/"
        return
    if target not in headers:
        yield f"{where} {target} does not exist"
    if there is None:
        if target != "sevspec/version.hpp" and here is not None:
            yield f"{where} nothing includes the umbrella {target}"
        return
    if here is None:
        return  # an umbrella includes what it likes
    if there not in LAYERS or LAYERS.index(there) > LAYERS.index(here):
        yield f"{where} {here}/ may not include {there}/, which lies above it"
    if "/detail/" in target and here != there:
        yield f"{where} {there}/detail/ is private to {there}/"


def core_closure(headers):
    """The core's headers with all that they include: {name: why it is in the core}."""
    reached = {name: f"{layer_of(name)}/ is core" for name in headers
               if layer_of(name) in CORE and name not in NOT_CORE}
    pending = list(reached)
    while pending:
        name = pending.pop()
        for _, _, target in includes_of(headers[name]):
            if target in headers and target not in reached:
                reached[target] = f"included by {name}"
                pending.append(target)
    return reached


def check_tree(root):
    headers = {path.relative_to(root).as_posix(): path for path in sorted(root.rglob("*.hpp"))}
    if not headers:
        yield f"{root}: no headers found"
    for name, path in headers.items():
        if layer_of(name) not in (None, *LAYERS):
            yield f"{name}:1: {layer_of(name)}/ is not a layer"
            continue
        yield from check_preamble(name, path)
        for number, bracket, target in includes_of(path):
            yield from check_include(name, number, bracket, target, headers)
    for name, reason in core_closure(headers).items():
        if layer_of(name) == "crypto":
            yield f"{name}:1: crypto/ is part of the core ({reason})"
        for number, _, target in includes_of(headers[name]):
            if target in HEAVY:
                yield f"{name}:{number}: <{target}> is too heavy for the core ({reason})"
            if target.startswith("cryptopp/"):
                yield f"{name}:{number}: the core does without Crypto++ ({reason})"


def self_test():
    def header(name, *includes, spdx=SPDX, guard=None):
        guard = guard or re.sub(r"[^A-Z0-9]", "_", name.upper())
        lines = [spdx, f"#ifndef {guard}", f"#define {guard}", *(f"#include {i}" for i in includes), "#endif", ""]
        return name, "\n".join(lines)

    base = header("sevspec/base/a.hpp", "<cstdint>", "<sevspec/version.hpp>")
    version = header("sevspec/version.hpp")
    fine = [base, version, header("sevspec/rmp/b.hpp", "<sevspec/base/a.hpp>"),
            header("sevspec/sevspec.hpp", "<sevspec/rmp/b.hpp>"), header("sevspec/cpu/v.hpp", "<vector>")]
    broken = {
        "which lies above it": [header("sevspec/base/b.hpp", "<sevspec/rmp/c.hpp>"), header("sevspec/rmp/c.hpp")],
        "is private to": [header("sevspec/rmp/b.hpp", "<sevspec/base/detail/c.hpp>"), header("sevspec/base/detail/c.hpp")],
        "nothing includes the umbrella": [header("sevspec/rmp/b.hpp", "<sevspec/core.hpp>"), header("sevspec/core.hpp")],
        "does not exist": [header("sevspec/rmp/b.hpp", "<sevspec/base/none.hpp>")],
        "write <sevspec/...>": [header("sevspec/rmp/b.hpp", '"sevspec/base/a.hpp"')],
        "first line must be": [header("sevspec/rmp/b.hpp", spdx="// MIT")],
        "include guard must be": [header("sevspec/rmp/b.hpp", guard="B_HPP")],
        "is not a layer": [header("sevspec/misc/b.hpp")],
        "Crypto++ appears from": [header("sevspec/base/b.hpp", "<cryptopp/aes.h>")],
        "belongs in verify/": [header("sevspec/cpu/b.hpp", "<rapidcheck.h>", "<rapidcheck/state.h>")],
        "is part of the core": [header("sevspec/rmp/b.hpp", "<sevspec/crypto/c.hpp>"), header("sevspec/crypto/c.hpp")],
        "too heavy for the core": [header("sevspec/rmp/b.hpp", "<sevspec/memory/c.hpp>"),
                                   header("sevspec/memory/c.hpp", "<vector>")],
        "the core does without": [header("sevspec/rmp/b.hpp", "<cryptopp/aes.h>")],
        "no headers found": None,
    }

    def problems_of(files):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files:
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            return list(check_tree(Path(folder)))

    failures = [f"a correct tree is refused: {p}" for p in problems_of(fine)]
    for message, files in broken.items():
        problems = problems_of([base, version, *files] if files else [])
        if not any(message in problem for problem in problems):
            failures.append(f"not noticed: '{message}'; reported: {problems}")
    return failures


def main(argument):
    problems = self_test() if argument == "--self-test" else list(check_tree(Path(argument)))
    print("\n".join(problems) if problems else "ok")
    return 1 if problems else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
