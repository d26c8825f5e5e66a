#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every header compiles as the only include of a translation unit, without a warning.

The core (what source_tree.py says it is) without exceptions and RTTI, freestanding.

usage: headers_alone.py INCLUDE_DIR COMPILER FLAG...
"""
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.dont_write_bytecode = True
from source_tree import core_closure  # noqa: E402

FULL = []
CORE = ["-fno-exceptions", "-fno-rtti", "-ffreestanding"]


def compile_alone(job):
    command, name = job
    done = subprocess.run(command, input=f"#include <{name}>\n", capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else f"{name}: {' '.join(command)}\n{done.stderr}"


def main(root, compiler, *flags):
    headers = {path.relative_to(root).as_posix(): path for path in sorted(Path(root).rglob("*.hpp"))}
    core = core_closure(headers) | {"sevspec/version.hpp": "has no includes"}
    base = [compiler, "-x", "c++", "-std=c++23", "-fsyntax-only", "-Werror", *flags, f"-I{root}", "-"]

    jobs = []
    for name in headers:
        mode = CORE if name in core else FULL
        jobs.append(([*base[:-1], *mode, "-"], name))
    with ThreadPoolExecutor(2) as pool:
        failures = [failure for failure in pool.map(compile_alone, jobs) if failure]

    print("\n".join(failures))
    print(f"{compiler}: {len(headers)} headers ({len(core)} core), {len(jobs)} compilations, {len(failures)} failed")
    return 1 if failures or not headers else 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
