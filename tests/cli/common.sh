# SPDX-License-Identifier: MIT
# What the tests of the program share. Source it first; call `finish` last.
set -uo pipefail
: "${SEVSPEC:?the sevspec program}" "${SEVSPEC_TEST_DATA_DIR:?the folder tests/data}"
[[ -x $SEVSPEC ]] || { echo "no program: $SEVSPEC"; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
checks=0 failures=0

fail() {
  ((++failures))
  echo "FAILED: ${1:0:2000}"
}

# run ARGUMENT...: the program, output to $out, diagnostics to $err, status to $status; 20 s at most.
run() {
  timeout 20 "$SEVSPEC" "$@" >"$work/out" 2>"$work/err" </dev/null
  status=$?
  out=$(<"$work/out")
  err=$(<"$work/err")
}

# expect STATUS PATTERN ARGUMENT...: ends with STATUS, and what it says on stderr (on stdout if STATUS is 0) matches the
# extended regular expression. Bad input also prints nothing that looks like a result.
expect() {
  local want=$1 pattern=$2 text
  shift 2
  ((++checks))
  run "$@"
  text=$([[ $want == 0 ]] && echo "$out" || echo "$err")
  if ((status != want)); then
    fail "sevspec $*: status $status instead of $want; stderr: $err"
  elif ! grep -Eq -- "$pattern" <<<"$text"; then
    fail "sevspec $*: no '$pattern' in: $text"
  fi
}

# same TITLE WANT GOT
same() {
  ((++checks))
  [[ $2 == "$3" ]] || fail "$1: expected '$2', got '$3'"
}

finish() {
  echo "$checks checks, $failures failed"
  ((failures == 0))
  exit
}
