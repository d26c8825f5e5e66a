#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# sevspec key: all rows of the sheet, and bad input.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
vectors=$SEVSPEC_TEST_DATA_DIR/paging-vectors.json

# The rows without their keys, and what comes back.
python3 - "$vectors" "$work/rows.json" <<'PYTHON'
import json, sys
rows = json.load(open(sys.argv[1]))["encryption_decision"]["rows"]
json.dump([{name: value for name, value in row.items() if name != "key"} for row in rows], open(sys.argv[2], "w"))
PYTHON
run key --rows "$work/rows.json"
same "status" 0 $status
same "diagnostics" "" "$err"
same "rows that agree" "58 of 58" "$(python3 - "$vectors" "$work/out" <<'PYTHON'
import json, sys
want = json.load(open(sys.argv[1]))["encryption_decision"]["rows"]
got = json.load(open(sys.argv[2]))
print(sum(a == b for a, b in zip(want, got, strict=True)), "of", len(want))
PYTHON
)"

# A wrong key in the file is no input: it is replaced. The whole vector file is understood, too.
run key --rows "$vectors"
same "status with the whole file" 0 $status
same "rows of the whole file" 58 "$(grep -c '"key"' "$work/out")"

refused() {  # PATTERN JSON
  echo "$2" >"$work/bad.json"
  expect 2 "$1" key --rows "$work/bad.json"
}
row='"memenc":1,"mode":"guest","sev":1,"acc":"data","gpaging":1,"gC":0,"nC":0'
echo "[{$row}]" >"$work/one.json"
expect 0 '"key": "none"' key --rows "$work/one.json"
echo '[]' >"$work/none.json"
expect 0 '^\[\]$' key --rows "$work/none.json"
refused 'bad.json: /0: member .memenc. is missing' '[{}]'
refused 'bad.json: not JSON: number overflow parsing .1e999.' '[1e999]'
refused 'bad.json: not JSON: number overflow parsing .-1e999.' "[{$row,\"vtom\":-1e999}]"
refused 'bad.json: /1: an object was expected' "[{$row},7]"
refused '/0/mode: host or guest was expected' "[{${row/guest/smm}}]"
refused '/0/acc: data, fetch, gpt or npt was expected' "[{${row/data/walk}}]"
refused '/0/vtom: below or at_or_above was expected' "[{$row,\"vtom\":\"above\"}]"
refused '/0/gC: ' "[{${row/\"gC\":0/\"gC\":2}}]"
refused '/0/sev: ' "[{${row/\"sev\":1/\"sev\":\"x\"}}]"
refused 'an array of rows was expected' '{"rows": 3}'
refused 'bad.json: ' '[{"memenc":'
expect 2 'no-such-file' key --rows "$work/no-such-file"
expect 2 . key
expect 2 . key --rows

finish
