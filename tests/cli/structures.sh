# SPDX-License-Identifier: MIT
# Makes binary structures for the tests of `sevspec decode`. Offsets come from layouts.json, not from the program.

# make FILE STRUCTURE FIELD=VALUE...: zero bytes with some fields set. VALUE is a number, or bytes in hexadecimal behind
# "hex:"; @OFFSET=VALUE sets the quadword at that byte.
make() {
  python3 - "$SEVSPEC_TEST_DATA_DIR/layouts.json" "$@" <<'PYTHON'
import json, sys
path, file, name, *settings = sys.argv[1:]
structure = next(one for one in json.load(open(path))["structures"] if one["name"] == name)
data = bytearray(structure["size"])
for setting in settings:
    field, value = setting.split("=")
    if field.startswith("@"):
        offset, size = int(field[1:], 0), 8
    else:
        offset, size = next((f["offset"], f["size"]) for f in structure["fields"] if f["name"] == field)
    if value.startswith("hex:"):
        data[offset:offset + size] = bytes.fromhex(value[4:]).ljust(size, b"\0")
    else:
        data[offset:offset + size] = int(value, 0).to_bytes(size, "little")
open(file, "wb").write(data)
PYTHON
}

# valid FIELD...: a valid_bitmap with the bits of these fields of the GHCB, for make.
valid() {
  python3 - "$SEVSPEC_TEST_DATA_DIR/layouts.json" "$@" <<'PYTHON'
import json, sys
ghcb = next(one for one in json.load(open(sys.argv[1]))["structures"] if one["name"] == "ghcb")
bitmap = sum(1 << f["valid_bitmap_bit"] for f in ghcb["fields"] if f["name"] in sys.argv[2:])
print("valid_bitmap=hex:" + bitmap.to_bytes(16, "little").hex())
PYTHON
}
