#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What `sevspec conform --exec "python3 soft_rmp.py"` needs of a program: a loop around its own model of the RMP.

--defect NAME switches a defect of the model on, --list lists them.
"""
import json
import sys

from soft_rmp_model import DEFECTS, Fault, Rmp

WORDS = ("page_size", "leaf", "by", "kind", "command", "choices")  # all other members are numbers


def number(value):
    if isinstance(value, dict):  # the caller of a host instruction
        return {name: number(member) for name, member in value.items()}
    return int(value, 0) if isinstance(value, str) else int(value)


def answer(rmp, op, **members):
    if not hasattr(rmp, f"op_{op}"):
        return {"error": f"unknown op {op}"}
    members = {name: value if name in WORDS else number(value) for name, value in members.items()}
    return getattr(rmp, f"op_{op}")(**members)


if sys.argv[1:] == ["--list"]:
    print("\n".join(f"{name:20} {text}" for name, text in DEFECTS.items()))
    sys.exit()
rmp = Rmp(defect=sys.argv[2] if sys.argv[1:2] == ["--defect"] else None)
for line in sys.stdin:
    identity = {}
    try:
        request = json.loads(line)
        identity = {"id": request.pop("id")} if "id" in request else {}
        response = answer(rmp, **request)
    except Fault as fault:
        response = fault.response
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        response = {"error": str(error)}
    print(json.dumps(response | identity), flush=True)
