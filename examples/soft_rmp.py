#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a program needs to be checked by `sevspec conform`: a loop around its own model of the RMP.

    sevspec conform --exec "python3 soft_rmp.py"
    sevspec conform --exec "python3 soft_rmp.py --defect keep_validated"
    python3 soft_rmp.py --list          the defects that can be switched on
"""
import json
import sys

from soft_rmp_model import DEFECTS, Fault, Rmp


WORDS = ("page_size", "leaf", "by", "kind", "command", "choices")


def number(value):
    if isinstance(value, dict):  # the caller of a host instruction
        return {name: number(member) for name, member in value.items()}
    return int(value, 0) if isinstance(value, str) else int(value)


def answer(rmp, request):
    handler = getattr(rmp, f"op_{request.pop('op')}", None)
    if handler is None:
        return {"error": "unknown op"}
    try:
        return handler(**{name: value if name in WORDS else number(value) for name, value in request.items()})
    except Fault as fault:
        return fault.response


def main(arguments):
    if arguments == ["--list"]:
        return print("\n".join(f"{name:20} {text}" for name, text in DEFECTS.items()))
    rmp = Rmp(defect=arguments[1] if arguments[:1] == ["--defect"] else None)
    for line in sys.stdin:
        identity = {}
        try:
            request = json.loads(line)
            identity = {"id": request.pop("id")} if "id" in request else {}
            response = answer(rmp, request)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            response = {"error": str(error)}
        print(json.dumps(response | identity), flush=True)


main(sys.argv[1:])
