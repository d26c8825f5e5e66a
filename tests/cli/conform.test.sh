#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# sevspec conform: a correct program passes, defects are found with few operations, and programs that crash, hang or
# talk nonsense are reported as such.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
examples=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../examples" && pwd)
soft="python3 $examples/soft_rmp.py"
export PYTHONDONTWRITEBYTECODE=1

# The program itself, and a model written without it.
expect 0 '^ok 1000 runs, 60000 operations, 0 unspecified$' conform --exec "$soft"
same "diagnostics" "" "$err"
expect 0 '^ok 30 runs, 600 operations, 0 unspecified$' conform --exec "'$SEVSPEC' serve" --runs 30 --ops 20 --seed 99
soft_answers() {
  sed -n 'p;n' "$SEVSPEC_TEST_DATA_DIR/$1" | $soft >"$work/answers"
  paste -d'\n' <(sed -n 'p;n' "$SEVSPEC_TEST_DATA_DIR/$1") "$work/answers" | "$SEVSPEC" replay -
}
same "the model and the tables" "ok 165 operations" "$(soft_answers rmp-tables.jsonl)"
same "the model and the attacks" "ok 600 operations" "$(soft_answers rmp-attacks.jsonl)"

# Every defect of the model is found, with at most eight operations; the trace holds what the architecture answers.
# Where a single rule is what the program lacks, it is among the suspects.
declare -A lacks=([hole_in_2m]=RMP-UPD-03 [no_overlap_check]=RMP-UPD-04 [keep_validated]=RMP-UPD-07
  [ignore_immutable]=RMP-STA-03 [unaligned_2m]=RMP-UPD-01 [pvalidate_no_cf]=RMP-PVL-03 [adjust_more]=RMP-ADJ-03
  [adjust_own]=RMP-ADJ-02 [huge_write]=RMP-CHK-08)
found=0
for defect in $($soft --list | cut -d' ' -f1); do
  ((++checks))
  run conform --exec "$soft --defect $defect" --runs 2000 --trace "$work/trace.jsonl"
  operations=$(sed -n 's/^disagreement: \([0-9]*\) operations after a reset$/\1/p' <<<"$out")
  if ((status != 1)) || [[ -z $operations ]] || ((operations > 8)); then
    fail "$defect: status $status: $out $err"
    continue
  fi
  for line in '{"op":"reset",' 'expected {' 'actual   {' 'suspect  ' 'seed     '; do
    grep -q "^$line" <<<"$out" || fail "$defect: no '$line' in $out"
  done
  grep -q "^suspect  ${lacks[$defect]:-}" <<<"$out" || fail "$defect: ${lacks[$defect]} is no suspect: $out"
  same "$defect: operations of the trace" "ok $((operations + 1)) operations" "$("$SEVSPEC" replay "$work/trace.jsonl")"
  # What the program answers to the trace is not what the architecture does.
  sed -n 'p;n' "$work/trace.jsonl" >"$work/requests"
  $soft --defect "$defect" <"$work/requests" | paste -d'\n' "$work/requests" - >"$work/answered.jsonl"
  "$SEVSPEC" replay "$work/answered.jsonl" >/dev/null
  same "$defect: the trace fails again" 1 $?
  ((++found))
done
((++checks))
((found >= 8)) || fail "$found defects"
# Programs that go wrong in other ways.
cat >"$work/peer.py" <<'PYTHON'
import json, os, signal, subprocess, sys, time
sys.path.insert(0, sys.argv[1])
from soft_rmp_model import Fault, Rmp

mode = sys.argv[2]
rmp = Rmp()
words = ("page_size", "leaf", "by", "kind", "command", "choices")
lines = {
    "garbage": "hello\n",
    "empty": "\n",
    "list": "[]\n",
    "member": '{"eax":0}\n',
    "type": '{"eax":"zero","zf":true,"cf":false}\n',
    "half": '{"eax":0',
    "twice": '{"fault":"#NPF","error":"0x580000005","address":"0x0"}\n{"more":1}\n',
    "endless": "x" * 1500000,
    "error": '{"error":"I cannot"}\n',
    "unknown": '{"error":"unknown op pvalidate"}\n',
}

def number(value):
    if isinstance(value, dict):
        return {name: number(member) for name, member in value.items()}
    return int(value, 0) if isinstance(value, str) else value

def say(line):
    sys.stdout.write(line)
    sys.stdout.flush()

if mode == "child":
    with open(sys.argv[3], "w") as file:
        print(subprocess.Popen(["sleep", "60"]).pid, file=file)
resets = 0
for line in sys.stdin:
    request = json.loads(line)
    op = request.pop("op")
    resets += op == "reset"
    if op == "pvalidate":
        if mode == "exit": sys.exit(3)
        if mode == "signal": os.kill(os.getpid(), signal.SIGKILL)
        if mode == "hang": time.sleep(15)
        if mode == "cut":
            say('{"eax":0')
            sys.exit(0)
        if mode in lines:
            say(lines[mode])
            continue
    if op in ("psmash", "firmware") and mode == "unsupported":
        say('{"unsupported":true}\n')
        continue
    if op == "psmash" and mode == "align":
        request["spa"] = hex(number(request["spa"]) & ~0x1FFFFF)
    if op == "reset" and (mode == "no_reset" or mode == "late" and resets == 20):
        say('{"ok":false}\n')
        continue
    try:
        answer = getattr(rmp, "op_" + op)(**{name: value if name in words else number(value)
                                             for name, value in request.items()})
    except Fault as fault:
        answer = fault.response
    if mode == "random" and os.urandom(1)[0] < 8:
        answer["eax"] = answer.get("eax", 0) + 1
    if mode == "chatty":
        answer["comment"] = line * 20
    say(json.dumps(answer) + "\n")
PYTHON
# reported PATTERN MODE: the program is, within $timeout.
timeout=10
reported() {
  local pattern=$1
  shift
  ((++checks))
  run conform --exec "python3 '$work/peer.py' '$examples' $* 2>/dev/null" --runs 50 --timeout "$timeout" --trace "$work/trace.jsonl"
  ((status == 1)) || fail "$*: status $status: $out $err"
  grep -Eq -- "$pattern" <<<"$out" || fail "$*: no '$pattern' in $out"
  same "$*: the trace" 0 "$("$SEVSPEC" replay "$work/trace.jsonl" >/dev/null; echo $?)"
  grep -q '^disagreement: 1 operations' <<<"$out" || [[ $1 == random ]] || fail "$*: more than one operation: $out"
}
reported '^actual   the program ended with status 3$' exit
reported '^actual   the program was killed by signal 9' signal
reported "cannot be understood: 'hello': bad JSON" garbage
reported 'cannot be understood: .*bad JSON' empty
reported 'cannot be understood: .*an object was expected' list
reported "cannot be understood: .*member 'zf' is missing" member
reported "cannot be understood: .*member 'eax': 'zero' is not a number" type
reported "^actual   the program ended with status 0 in the middle of the line '\{\"eax\":0'$" cut
reported '^actual   the program gave more than one line for an answer: ' twice
reported '^actual   the program gave more than 1048576 bytes without a line break$' endless
reported "cannot be understood: .*an error: 'I cannot'" error
reported '^actual   the program answered a reset with .\{"ok":false\}.$' no_reset
reported '^actual   the program answered a reset with ' late
reported '^actual ' random
timeout=1.5
reported '^actual   the program did not answer within .*1.5 s$' hang
reported "^actual   the program did not end the line '\{\"eax\":0' within .*1.5 s$" half

# Nothing that was started stays: neither the program nor what it started.
expect 0 '^ok 10 runs' conform --exec "python3 '$work/peer.py' '$examples' child '$work/pid'" --runs 10
sleeps() { tr '\0' ' ' <"/proc/$(<"$work/pid")/cmdline" 2>/dev/null | grep -q sleep; }
for ((i = 0; i < 20; ++i)); do sleeps && sleep 0.1; done
((++checks))
[[ -s $work/pid ]] && ! sleeps || fail "a child of the program still runs"

expect 0 '^ok 100 runs' conform --exec "python3 '$work/peer.py' '$examples' chatty" --runs 100
expect 0 '^ok 100 runs, 6000 operations, 0 unspecified$' conform --exec "python3 '$work/peer.py' '$examples' unknown" --runs 100
same "skipped" 'skipped pvalidate: to {"op":"pvalidate",' "${err%%\"asid\"*}"
((++checks))
grep -Fq '"validate":false} the program answers {"error":"unknown op pvalidate"}' <<<"$err" || fail "no reason: $err"
expect 0 '^ok 100 runs' conform --exec "python3 '$work/peer.py' '$examples' unsupported" --runs 100
same "skipped" "skipped psmash skipped firmware" "$(sed 's/:.*//' <<<"$err" | xargs)"
expect 0 '^ok 100 runs, [0-9]* operations, 1 unspecified$' conform --exec "python3 '$work/peer.py' '$examples' align" --runs 100
((++checks))
grep -q '^unspecified psmash_unaligned: the program does as with ignored, the default is fail_input; ' <<<"$err" || fail "$err"
expect 1 '^$' conform --exec true
expect 1 '^$' conform --exec 'exec >&-; sleep 5' --timeout 0.3
expect 1 '^$' conform --exec 'sleep 5' --timeout 0.3
expect 1 '^$' conform --exec 'yes'

# Usage.
expect 2 '--exec: the program ended with status 127' conform --exec no-such-program-anywhere
expect 2 '--exec: the program ended with status 126' conform --exec "$work"
expect 2 '--exec' conform
expect 2 '--exec' conform --exec
expect 2 '--runs: must be' conform --exec true --runs 0
expect 2 '--runs' conform --exec true --runs many
expect 2 '--ops: must be' conform --exec true --ops 0
expect 2 '--ops: must be' conform --exec true --ops 100001
expect 2 '--timeout: must be' conform --exec true --timeout 0
expect 2 '--timeout: must be' conform --exec true --timeout -1
expect 2 '--timeout: must be' conform --exec true --timeout nan
expect 2 '--timeout' conform --exec true --timeout soon
expect 2 '--vectors: excludes --exec' conform --exec true --vectors 3
expect 2 '--vectors: excludes --trace' conform --trace x --vectors 3
expect 2 '--vectors: excludes --runs' conform --runs 3 --vectors 3
expect 2 'no-such-folder/trace: cannot be written' conform --exec "$soft --defect adjust_own" --trace "$work/no-such-folder/trace"
expect 0 . conform --help

# Vectors: as many as asked for, each run from a reset on, the same for the same seed, and replayable.
expect 0 . conform --vectors 1000 --seed 7
cp "$work/out" "$work/vectors.jsonl"
same "lines" 1000 "$(wc -l <"$work/vectors.jsonl")"
same "resets" 17 "$(grep -c '"op":"reset"' "$work/vectors.jsonl")"
expect 0 '^ok 1000 operations$' replay "$work/vectors.jsonl"
run conform --vectors 1000 --seed 7
((++checks))
cmp -s "$work/out" "$work/vectors.jsonl" || fail "the same seed gives other vectors"
run conform --vectors 1000 --seed 8
((++checks))
! cmp -s "$work/out" "$work/vectors.jsonl" || fail "another seed gives the same vectors"
expect 0 '^$' conform --vectors 0
if [[ -c /dev/full ]]; then
  ((++checks))
  "$SEVSPEC" conform --vectors 100000 >/dev/full 2>/dev/null
  (($? == 2)) || fail "a full disk goes unnoticed"
fi

finish
