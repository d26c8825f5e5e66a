# SPDX-License-Identifier: MIT
# What the tests of `sevspec decode` share; source it after common.sh.

# facts PATTERN... -- ARGUMENT...: decodes; every pattern matches a line, from its first to its last character.
facts() {
  local patterns=()
  while [[ $1 != -- ]]; do patterns+=("$1") && shift; done
  shift
  run decode "$@"
  ((++checks))
  ((status == 0)) && [[ -z $err ]] || fail "sevspec decode $*: status $status, stderr: $err"
  for pattern in "${patterns[@]}"; do
    ((++checks))
    grep -Exq -- "$pattern" <<<"$out" || fail "sevspec decode $*: no line '$pattern' in: $out"
  done
  # One fact per line, indented by two blanks a level.
  ((++checks))
  grep -Evq '^( {2})*[^ :]+:( .*)?$' <<<"$out" && fail "sevspec decode $*: not all lines are facts: $out"
}

# without PATTERN: no line of the last output matches.
without() {
  ((++checks))
  ! grep -Eq -- "$1" <<<"$out" || fail "unexpected '$1' in: $out"
}
