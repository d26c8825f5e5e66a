#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What including a header costs the compiler's front end (-fsyntax-only), with both compilers.

usage: include_cost.py [--rounds N]

The unit is the five standard headers that the core builds on, included together. A core header may cost 1.5 of them, an
umbrella 6. The best of N rounds counts; the rounds go over all headers in turn, so that a slow moment hits all alike.
"""
import argparse
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BASELINE = "".join(f"#include <{name}>\n" for name in ("array", "span", "expected", "optional", "bit"))
HEADER_LIMIT, UMBRELLA_LIMIT = 1.5, 6.0
UMBRELLAS = ("sevspec/core.hpp", "sevspec/layout/all.hpp")
ALLOCATES = ("sevspec/rmp/lazy_table.hpp",)  # in a core folder, but no part of the core
COMPILERS = ("g++", "clang++-19")


def core_headers():
    found = []
    for layer in ("base", "layout", "paging", "rmp"):
        found += sorted(path for path in (ROOT / "include/sevspec" / layer).rglob("*.hpp") if "detail" not in path.parts)
    names = [path.relative_to(ROOT / "include").as_posix() for path in found]
    return [name for name in names if name not in ALLOCATES] + list(UMBRELLAS)


def seconds(compiler, source):
    """Processor time, so that other work on the machine counts little."""
    start = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([compiler, "-std=c++23", "-fno-exceptions", "-fno-rtti", "-fsyntax-only", f"-I{ROOT / 'include'}",
                    source], check=True)
    end = resource.getrusage(resource.RUSAGE_CHILDREN)
    return end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=5)
    rounds = arguments.parse_args().rounds

    sources = {"(baseline)": BASELINE, "(nothing)": ""}
    sources |= {header: f"#include <{header}>\n" for header in core_headers()}
    over = 0
    with tempfile.TemporaryDirectory() as folder:
        files = {}
        for i, (name, text) in enumerate(sources.items()):
            files[name] = pathlib.Path(folder) / f"{i}.cpp"
            files[name].write_text(text)
        for compiler in COMPILERS:
            if not shutil.which(compiler):
                print(f"{compiler}: not installed, skipped")
                continue
            best = dict.fromkeys(sources, float("inf"))
            for _ in range(rounds):
                for name in sources:
                    best[name] = min(best[name], seconds(compiler, files[name]))
            # The compiler's own start-up belongs to neither side.
            start_up = best.pop("(nothing)")
            unit = best.pop("(baseline)") - start_up
            print(f"--- {compiler}: baseline {unit * 1e3:.0f} ms beyond {start_up * 1e3:.0f} ms of start-up")
            for name, time_taken in sorted(best.items(), key=lambda item: -item[1]):
                ratio = (time_taken - start_up) / unit
                limit = UMBRELLA_LIMIT if name in UMBRELLAS else HEADER_LIMIT
                verdict = "" if ratio <= limit else "  OVER"
                over += ratio > limit
                print(f"{ratio:6.2f}  (limit {limit})  {name}{verdict}")
    print("all within their limits" if over == 0 else f"{over} over their limits")
    return 0


sys.exit(main())
