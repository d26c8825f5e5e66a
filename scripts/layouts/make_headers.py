#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes include/sevspec/layout/ from one table: structures, their accessors, and their descriptions.

usage: make_headers.py           write the headers, docs/layouts.md and the accessor lists that the tests go through
       make_headers.py --check   exit status 1 if what is there differs from what would be written

The table is tests/data/layouts.json: every offset, size, bit and code. headers.json, beside this script, says in which
header each structure is declared, and links what the table leaves to prose: which table of codes a field's values come
from ("values"), which word a field is ("words"), and byte strings that are arrays of structures ("arrays").
"""
import json
import re
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLE = "tests/data/layouts.json"
HERE = "scripts/layouts/make_headers.py"
WIDTH = 120
BANNER = f"// Made by {HERE} from {TABLE}: change those, not this file."

KEYWORDS = set("and asm auto bool break case catch char class const continue default delete do double else enum export "
               "extern false float for friend goto if inline int long namespace new not operator or private protected "
               "public register requires return short signed sizeof static struct switch template this throw true try "
               "typedef union unsigned using virtual void volatile while xor".split())
INTEGER = {1: "std::uint8_t", 2: "std::uint16_t", 4: "std::uint32_t", 8: "std::uint64_t"}
TRUST = ("high", "medium", "low")
LEVEL = {"SVM": "svm", "AVIC": "avic", "SEV": "sev", "ES": "es", "SNP": "snp", "SNP-v3": "snp_v3", "SNP-v4": "snp_v4",
         "SNP-v5": "snp_v5", "SVSM": "svsm"}


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def identifier(name):
    name = name.lower()
    return name + "_" if name in KEYWORDS else name


def comment(text, indent="", bullet="/// "):
    return textwrap.wrap(text, WIDTH, initial_indent=indent + bullet, subsequent_indent=indent + bullet.rstrip() + " ",
                         break_long_words=False, break_on_hyphens=False)


def sentence(text, otherwise=""):
    text = text or otherwise.replace("_", " ")
    text = text[0].upper() + text[1:] if re.match(r"[a-z]+([ ,]|$)", text) else text
    return text if text.endswith(".") else text + "."


def is_array_of_bytes(field):
    return field["type"].startswith("u8[")


def is_structure(field):
    return field["type"].startswith("struct:")


def is_integer(field):
    return not is_array_of_bytes(field) and not is_structure(field)


def check_names(where, things, taken):
    names = [t["name"] for t in things]
    assert len(set(names)) == len(names), f"{where}: a name is used twice"
    assert not taken & set(names), f"{where}: {taken & set(names)} would hide what every structure has"
    for name in names:
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name), f"{where}: {name} is no name"
    for t in things:
        assert "\n" not in t["meaning"], f"{where}.{t['name']}: more than one line"


class Table:
    def __init__(self):
        table = json.loads((ROOT / TABLE).read_text(encoding="utf-8"))
        assert table["format_version"] == 1, "another version of the table's format"
        links = json.loads((Path(__file__).parent / "headers.json").read_text(encoding="utf-8"))
        self.sources = {key: source["repo"] for key, source in table["sources"].items()}
        self.structures = {s["name"]: s for s in table["structures"]}
        assert len(self.structures) == len(table["structures"]), "two structures of one name"
        self.constants = {c["name"]: c for c in table["constants"]}
        self.headers, self.codes = links["headers"], links["constants"]
        self.values, self.words, self.arrays = links["values"], links["words"], links["arrays"]
        self.header_of = {name: header for header, h in self.headers.items() for name in h["structures"]}
        self.codes_of = {name: header for header, h in self.codes.items() for name in h["tables"]}
        self.types = set(self.structures) | set(self.constants)
        self.types |= {word for s in self.structures.values() for word, _ in self.own_words(s)}
        self.check()

    def check(self):
        """The table keeps its own rules, every structure and table of codes has its place, and every link leads
        somewhere."""
        self.check_structures()
        self.check_codes()
        listed = [name for h in self.headers.values() for name in h["structures"]]
        assert sorted(listed) == sorted(self.structures), set(listed) ^ set(self.structures)
        listed = [name for h in self.codes.values() for name in h["tables"]]
        assert sorted(listed) == sorted(self.constants), set(listed) ^ set(self.constants)
        paths = set()
        for s in self.structures.values():
            for f in s["fields"]:
                paths.add(f"{s['name']}.{f['name']}")
                paths |= {f"{s['name']}.{f['name']}.{b['name']}" for b in f["bits"]}
        for kind in (self.values, self.words, self.arrays):
            for path in kind:
                assert path in paths, f"headers.json: no such field: {path}"
        for path, table in self.values.items():
            assert table in self.constants, f"headers.json: {path}: no such table: {table}"
        self.check_links()

    def check_structures(self):
        """LAY-FMT-02 to LAY-FMT-08."""
        assert len({s["id"] for s in self.structures.values()}) == len(self.structures), "an id is used twice"
        for s in self.structures.values():
            where, end = s["name"], 0
            assert re.fullmatch(r"[a-z][a-z0-9_]*", s["name"]), where
            assert s["since"] in LEVEL and s["confidence"] in TRUST and s["alignment"] > 0, where
            check_names(where, s["fields"], {"bytes", "data", "extent", "reads_only"})
            for f in s["fields"]:
                where = f"{s['name']}.{f['name']}"
                assert f["offset"] == end, f"{where}: the field before it ends at {end:#x}"
                end += f["size"]
                assert f["since"] in LEVEL and f.get("confidence", "high") in TRUST, where
                if is_structure(f):
                    nested = self.structures.get(f["type"].removeprefix("struct:"))
                    assert nested and nested["size"] == f["size"], f"{where}: {f['type']} has another size"
                elif is_array_of_bytes(f):
                    assert f["type"] == f"u8[{f['size']}]", f"{where}: {f['type']} of {f['size']} bytes"
                else:
                    assert f["type"] == f"u{8 * f['size']}" and f["size"] in INTEGER, f"{where}: {f['type']}"
                assert f["reserved"] == (f["name"] == f"reserved_{f['offset']:03x}"), f"{where}: reserved or not?"
                assert f.get("valid_bitmap_bit", f["offset"] // 8) == f["offset"] // 8, f"{where}: valid_bitmap_bit"
                assert not f["bits"] or is_integer(f), f"{where}: bits of something that is no integer"
                check_names(where, f["bits"], {"raw"})
                bit = 0
                for b in f["bits"]:
                    msb = b["lsb"] + b["width"] - 1
                    assert b["lsb"] == bit and b["width"] > 0, f"{where}.{b['name']}: the bits before it end at {bit}"
                    assert b["reserved"] == (b["name"] == f"reserved_{msb}_{b['lsb']}"), f"{where}.{b['name']}"
                    assert b.get("confidence", "high") in TRUST, f"{where}.{b['name']}"
                    bit = msb + 1
                assert bit in (0, 8 * f["size"]), f"{where}: {bit} bits of {8 * f['size']}"
            assert end == s["size"], f"{s['name']}: fields of {end} bytes, size {s['size']}"

    def check_codes(self):
        """LAY-FMT-09."""
        assert len({c["id"] for c in self.constants.values()}) == len(self.constants), "an id is used twice"
        for c in self.constants.values():
            assert c["confidence"] in TRUST, c["name"]
            check_names(c["name"], c["entries"], set())
            for e in c["entries"]:
                if c["name"] != "guids":
                    assert 0 <= e["value"] < 1 << 64 and int(e["hex"], 16) == e["value"], f"{c['name']}.{e['name']}"

    def check_links(self):
        """Words are as wide as the fields that they are; arrays fill theirs."""
        for path, word in self.words.items():
            structure, field = path.split(".")
            f = next(f for f in self.structures[structure]["fields"] if f["name"] == field)
            if word not in self.structures:
                assert f["bits"], f"headers.json: {path}: no such word: {word}"
                continue
            w = self.structures[word]["fields"][0]
            assert self.is_word(word) and w["size"] == f["size"], f"headers.json: {path}: not a word of {f['size']} bytes"
            shape = [(b["lsb"], b["width"], b["reserved"]) for b in f["bits"]]
            assert not shape or shape == [(b["lsb"], b["width"], b["reserved"]) for b in w["bits"]], \
                f"headers.json: {path}: other bits than {word}"
        for path, (_, element, count) in self.arrays.items():
            structure, field = path.split(".")
            f = next(f for f in self.structures[structure]["fields"] if f["name"] == field)
            assert self.structures[element]["size"] * count == f["size"], f"headers.json: {path}: not {count} of {element}"

    def is_word(self, name):
        """A structure of one integer with named bits."""
        fields = self.structures[name]["fields"]
        return len(fields) == 1 and is_integer(fields[0]) and bool(fields[0]["bits"])

    def values_of_bits(self, path, b):
        """The table of codes of a range of bits, which a field may have from the word that it is."""
        word = self.words.get(path)
        inherited = f"{word}.{self.structures[word]['fields'][0]['name']}" if word in self.structures else path
        return self.values.get(f"{path}.{b['name']}") or self.values.get(f"{inherited}.{b['name']}")

    def code_width(self, name):
        """Bits of the type of a table of codes: enough for its values and for every field that takes them."""
        wide = any(e["value"] >> 32 for e in self.constants[name]["entries"])
        for path in (path for path, table in self.values.items() if table == name):
            structure, field, *bits = path.split(".")
            f = next(f for f in self.structures[structure]["fields"] if f["name"] == field)
            width = next(b["width"] for b in f["bits"] if b["name"] == bits[0]) if bits else 8 * f["size"]
            wide = wide or width > 32
        return 64 if wide else 32

    def nested(self, s, f):
        """The structure that a field is, or that the elements of an array are."""
        if is_structure(f):
            return f["type"].removeprefix("struct:")
        array = self.arrays.get(f"{s['name']}.{f['name']}")
        return array[1] if array else None

    def single(self, f):
        """A field whose one named range of bits, from bit 0 up, has the field's own name: no word is needed for it."""
        named = [b for b in f["bits"] if not b["reserved"]]
        if is_integer(f) and len(named) == 1 and named[0]["name"] == f["name"] and named[0]["lsb"] == 0:
            return named[0]
        return None

    def word_of(self, s, f):
        """The word that an integer field with named bits is, or None."""
        if not is_integer(f) or self.single(f):
            return None
        own = f"{s['name']}_{f['name']}" if f["bits"] else None
        return self.words.get(f"{s['name']}.{f['name']}", own)

    def own_words(self, s):
        """The words declared beside a structure, for fields that have no word elsewhere."""
        for f in s["fields"]:
            word = self.word_of(s, f)
            if word and word not in self.structures and not self.is_word(s["name"]):
                yield word, f


def bit_type(width):
    return "bool" if width == 1 else "std::uint32_t" if width <= 32 else "std::uint64_t"


def bits_of(raw, msb, lsb):
    if msb == lsb:
        return f"bit_at({raw}, {msb})"
    return f"{'bits32_at' if msb - lsb < 32 else 'bits_at'}({raw}, {msb}, {lsb})"


def bit_place(b):
    msb = b["lsb"] + b["width"] - 1
    return f"Bit {msb}" if b["width"] == 1 else f"Bits {msb}:{b['lsb']}"


class Header:
    """One header of structures."""

    def __init__(self, table, name):
        self.table, self.name = table, name
        self.includes = {"<cstdint>", "<sevspec/layout/description.hpp>", "<sevspec/layout/image.hpp>"}
        self.body = []

    def say(self, *lines):
        self.body += lines

    def use_structure(self, name):
        if self.table.header_of[name] != self.name:
            self.includes.add(f"<sevspec/layout/{self.table.header_of[name]}.hpp>")
        return name

    def use_codes(self, name):
        self.includes.add(f"<sevspec/layout/codes/{self.table.codes_of[name]}.hpp>")
        return name

    # ------------------------------------------------------------------------------------------------ descriptions

    def describe_bits(self, name, path, bits, inherited):
        self.say(f"inline constexpr bit_info {name}[] = {{")
        widths = [max(len(str(b[k])) for b in bits) for k in ("lsb", "width")]
        longest = max(len(quoted(b["name"])) for b in bits) + 1
        for b in bits:
            row = (f"    {{.lsb = {b['lsb']:>{widths[0]}}, .width = {b['width']:>{widths[1]}}, "
                   f".name = {quoted(b['name']) + ',':{longest}} .meaning = {quoted(b['meaning'])}")
            trust = b.get("confidence", inherited)  # LAY-FMT-07
            if trust != "high":
                row += f", .trust = confidence::{trust}"
            if codes := self.table.values_of_bits(path, b):
                row += f", .values = &tables::{self.use_codes(codes)}"
            self.say(row + (", .reserved = true" if b["reserved"] else "") + "},")
        self.say("};")

    def describe(self, s):
        fields = s["fields"]
        for f in fields:
            if f["bits"] and self.bits_name(s, f).startswith(s["name"]):
                self.describe_bits(self.bits_name(s, f), f"{s['name']}.{f['name']}", f["bits"],
                                   f.get("confidence", s["confidence"]))
        digits = max(3, len(f"{s['size']:x}"))
        longest = max(len(quoted(f["name"])) for f in fields) + 1
        size = max(len(str(f["size"])) for f in fields)
        self.say(f"inline constexpr field_info {s['name']}_fields[] = {{")
        for f in fields:
            path = f"{s['name']}.{f['name']}"
            row = (f"    {{.offset = 0x{f['offset']:0{digits}x}, .size = {f['size']:>{size}}, "
                   f".name = {quoted(f['name']) + ',':{longest}} .meaning = {quoted(f['meaning'])}")
            row += f", .since = level::{LEVEL[f['since']]}"
            if not is_integer(f):
                row += f", .type = field_type::{'bytes' if is_array_of_bytes(f) else 'structure'}"
            trust = f.get("confidence", s["confidence"])
            if trust != "high":
                row += f", .trust = confidence::{trust}"
            if f["bits"]:
                row += f", .bits = {self.bits_name(s, f)}"
            if nested := self.table.nested(s, f):
                row += f", .nested = &{self.use_structure(nested)}"
            if (word := self.table.words.get(path)) in self.table.structures:
                row += f", .word = &{self.use_structure(word)}"
            if codes := self.table.values.get(path):
                row += f", .values = &tables::{self.use_codes(codes)}"
            if "valid_bitmap_bit" in f:
                row += f", .valid_bitmap_bit = {f['valid_bitmap_bit']}"
            self.say(row + (", .reserved = true" if f["reserved"] else "") + "},")
        self.say("};")
        self.say(f"inline constexpr structure_info {s['name']}{{",
                 f"    .name = {quoted(s['name'])},", f"    .id = {quoted(s['id'])},",
                 f"    .size = 0x{s['size']:x},", f"    .alignment = 0x{s['alignment']:x},",
                 f"    .since = level::{LEVEL[s['since']]},", f"    .trust = confidence::{s['confidence']},",
                 f"    .spec_ref = {quoted(s['spec_ref'])},", f"    .description = {quoted(s['description'])},",
                 f"    .fields = {s['name']}_fields,", "};")

    def describe_word(self, s, f, word):
        """A word that is declared beside the structure whose field it is."""
        bits, trust = self.bits_name(s, f), f.get("confidence", s["confidence"])
        self.say(f"inline constexpr field_info {word}_fields[] = {{",
                 f"    {{.offset = 0, .size = {f['size']}, .name = {quoted(f['name'])}, .meaning = {quoted(f['meaning'])}, "
                 f".since = level::{LEVEL[f['since']]}, .bits = {bits}}},", "};",
                 f"inline constexpr structure_info {word}{{",
                 f"    .name = {quoted(s['name'] + '.' + f['name'])},", f"    .id = {quoted(s['id'])},",
                 f"    .size = {f['size']},", "    .alignment = 1,", f"    .since = level::{LEVEL[f['since']]},",
                 f"    .trust = confidence::{trust},", f"    .spec_ref = {quoted(s['spec_ref'])},",
                 f"    .description = {quoted(sentence(f['meaning'], f['name']))},", f"    .fields = {word}_fields,", "};")

    def bits_name(self, s, f):
        return f"{s['name']}_{f['name']}_bits"

    # ---------------------------------------------------------------------------------------------------- accessors

    def type_of_bits(self, path, b, names):
        codes = self.table.values_of_bits(path, b)
        if not codes:
            return None
        self.use_codes(codes)
        return "layout::" + codes if codes in names else codes

    def word(self, name, integer, path, bits, doc, description):
        names = {b["name"] for b in bits} | {name}
        self.say(*doc, f"struct {name} {{", f"  {integer} raw{{}};  ///< the whole word", "")
        for b in bits:
            if b["reserved"]:
                continue
            msb, lsb, what = b["lsb"] + b["width"] - 1, b["lsb"], identifier(b["name"])
            kind = self.type_of_bits(path, b, names)
            get, value = bits_of("raw", msb, lsb), "value"
            if kind:
                get, value = f"static_cast<{kind}>({get})", "static_cast<std::uint64_t>(value)"
            kind = kind or bit_type(b["width"])
            self.say(*comment(f"{bit_place(b)}: {sentence(b['meaning'])}", "  "),
                     f"  [[nodiscard]] constexpr auto {what}() const noexcept -> {kind} {{ return {get}; }}",
                     f"  constexpr auto set_{what}({kind} value) & -> {name}& {{ "
                     f"return put(*this, {msb}, {lsb}, {value}); }}",
                     f"  [[nodiscard]] constexpr auto set_{what}({kind} value) && -> {name} {{ "
                     f"return put(*this, {msb}, {lsb}, {value}); }}")
        self.say("", f"  friend constexpr auto operator==(const {name}&, const {name}&) -> bool = default;")
        self.say(f"  friend constexpr auto describe(const {name}*) noexcept -> const structure_info& "
                 f"{{ return descriptions::{description}; }}", "};", "")

    def accessor(self, s, f, names):
        what, offset, size = identifier(f["name"]), f"0x{f['offset']:03x}", f["size"]
        path = f"{s['name']}.{f['name']}"
        trust = f.get("confidence", s["confidence"])
        since = f["since"] if f["since"] != s["since"] else ""
        remark = ", ".join(x for x in (since, f"{trust} confidence" if trust != "high" else "") if x)
        doc = f"{f['offset']:03X}h: {sentence(f['meaning'])}" + (f" ({remark})" if remark else "")
        self.say(*comment(doc, "  "))

        def qualified(kind):
            return "layout::" + kind if kind in names else kind

        if is_array_of_bytes(f):
            for const in ("", " const"):
                self.say(f"  [[nodiscard]] constexpr auto {what}(){const} noexcept {{ "
                         f"return bytes_at<{offset}, {size}>(*this); }}")
            self.say(f"  constexpr void set_{what}(std::span<const std::uint8_t, {size}> value) noexcept {{ "
                     f"store_bytes<{offset}>(*this, value); }}")
            if array := self.table.arrays.get(path):
                one, element, count = array
                each = self.table.structures[element]["size"]
                assert each * count == size
                self.use_structure(element)
                self.say(*comment(f"{f['offset']:03X}h + {each} * index: element `index`, less than {count}, of "
                                  f"`{what}`.", "  "))
                for const in ("", " const"):
                    self.say(f"  [[nodiscard]] constexpr auto {one}(std::size_t index){const} {{ "
                             f"return element<basic_{element}, {offset}, {each}, {count}>(*this, index); }}")
            return
        nested = self.table.nested(s, f)
        if nested and not self.table.is_word(nested):
            self.use_structure(nested)
            for const in ("", " const"):
                self.say(f"  [[nodiscard]] constexpr auto {what}(){const} noexcept {{ "
                         f"return part<basic_{nested}, {offset}, {size}>(*this); }}")
            self.say("  template <class Other>",
                     f"  constexpr void set_{what}(const basic_{nested}<Other>& value) noexcept {{ "
                     f"store_part<{offset}>(*this, value); }}")
            return
        kind = nested or self.table.word_of(s, f)
        codes, integer = self.table.values.get(path), INTEGER[size]
        if single := self.table.single(f):
            msb = single["width"] - 1
            kind = bit_type(single["width"])
            self.say(f"  [[nodiscard]] constexpr auto {what}() const noexcept -> {kind} {{ "
                     f"return {bits_of(f'load<{integer}, {offset}>(*this)', msb, 0)}; }}",
                     f"  constexpr void set_{what}({kind} value) {{ "
                     f"store_low_bits<{integer}, {offset}>(*this, {msb + 1}, value); }}")
        elif codes:
            kind = qualified(self.use_codes(codes))
            self.say(f"  [[nodiscard]] constexpr auto {what}() const noexcept -> {kind} {{ "
                     f"return static_cast<{kind}>(load<{integer}, {offset}>(*this)); }}",
                     f"  constexpr void set_{what}({kind} value) {{ store_code<{integer}, {offset}>(*this, value); }}")
        else:
            if kind in self.table.structures:
                self.use_structure(kind)
            kind = qualified(kind) if kind else integer
            self.say(f"  [[nodiscard]] constexpr auto {what}() const noexcept -> {kind} {{ "
                     f"return load<{kind}, {offset}>(*this); }}",
                     f"  constexpr void set_{what}({kind} value) noexcept {{ store<{offset}>(*this, value); }}")

    def structure(self, s):
        name = s["name"]
        doc = comment(f"{sentence(s['description'])}   {s['spec_ref']}")
        if s["alignment"] > 1:
            doc += comment(f"{s['size']} bytes, aligned to {s['alignment']} in memory.")
        if self.table.is_word(name):
            f = s["fields"][0]
            self.word(name, INTEGER[s["size"]], f"{name}.{f['name']}", f["bits"], doc, name)
            return
        for word, f in self.table.own_words(s):
            self.word(word, INTEGER[f["size"]], f"{name}.{f['name']}", f["bits"],
                      comment(f"`{f['name']}` of `{name}`: {sentence(f['meaning'])}"), word)
        named = [f for f in s["fields"] if not f["reserved"]]
        names = {identifier(f["name"]) for f in named}
        self.say(*doc, "template <class Storage>", f"struct basic_{name} : Storage {{", "  using Storage::Storage;",
                 "  /// From another shape: a value copies the bytes, a view refers to them.",
                 "  template <class Other>",
                 f"  constexpr explicit(!Storage::reads_only) basic_{name}(const basic_{name}<Other>& other) noexcept "
                 ": Storage(other.bytes()) {}",
                 "  template <class Other>",
                 f"  constexpr explicit(!Storage::reads_only) basic_{name}(basic_{name}<Other>& other) noexcept "
                 ": Storage(other.bytes()) {}", "")
        for f in named:
            self.accessor(s, f, names)
        self.say("",
                 f"  friend constexpr auto describe(const basic_{name}*) noexcept -> const structure_info& "
                 f"{{ return descriptions::{name}; }}", "};")
        size = s["size"]
        self.say("/// Whether the bytes are the same, whoever holds them.", "template <class A, class B>",
                 f"[[nodiscard]] constexpr auto operator==(const basic_{name}<A>& a, const basic_{name}<B>& b) noexcept "
                 "-> bool { return same_bytes(a, b); }",
                 "/// Holds its bytes.", f"using {name} = basic_{name}<owned<{size}>>;",
                 "/// Over bytes that lie elsewhere.",
                 f"using {name}_view = basic_{name}<borrowed<std::uint8_t, {size}>>;",
                 "/// Over bytes that are only read.",
                 f"using {name}_const_view = basic_{name}<borrowed<const std::uint8_t, {size}>>;", "")

    def text(self):
        structures = [self.table.structures[n] for n in self.table.headers[self.name]["structures"]]
        self.say("// clang-format off", "namespace descriptions {", "")
        for s in structures:
            self.describe(s)
            for word, f in self.table.own_words(s):
                self.describe_word(s, f, word)
            self.say("")
        self.say("}  // namespace descriptions", "")
        for s in structures:
            self.structure(s)
        if any("element<" in line for line in self.body):
            self.includes.add("<cstddef>")
        if any("std::span" in line for line in self.body):
            self.includes.add("<span>")
        return wrapped(f"layout/{self.name}.hpp", self.table.headers[self.name]["title"], self.includes,
                       self.body + ["// clang-format on"])


def enumerator(table, name):
    """A code's name in C++. Where it is a type's name, too, GCC would warn of shadowing in one order of includes."""
    name = identifier(name)
    return name + "_" if name in table.types else name


class Codes:
    """One header of tables of codes."""

    def __init__(self, table, name):
        self.table, self.name = table, name

    def entries(self, t):
        out = []
        longest = max(len(quoted(e["name"])) for e in t["entries"]) + 1
        for e in t["entries"]:
            value, text = ("0x0", quoted(e["value"])) if isinstance(e["value"], str) else (f"0x{e['value']:x}", "nullptr")
            out.append(f"    {{{quoted(e['name']) + ',':{longest}} {value}, {text}, {quoted(e['meaning'])}}},")
        return out

    def declare(self, t):
        name, out = t["name"], comment(f"{t['title']}   {t['spec_ref']}")
        if name == "guids":
            out += [f"namespace {name} {{"]
            for e in t["entries"]:
                digits = e["value"].replace("-", "")
                data = ", ".join("0x" + digits[i:i + 2] for i in range(0, 32, 2))
                out += comment(f"{e['value']}: {sentence(e['meaning'])}")
                out += [f"inline constexpr guid {identifier(e['name'])}{{{{{data}}}}};"]
            return out + [f"}}  // namespace {name}"]
        if name == "sizes_and_limits":
            out += [f"namespace {name} {{"]
            for e in t["entries"]:
                out += comment(sentence(e["meaning"], e["name"].lower()))
                out += [f"inline constexpr std::uint64_t {identifier(e['name'])} = 0x{e['value']:x};"]
            return out + [f"}}  // namespace {name}"]
        out += [f"enum class {name} : std::uint{self.table.code_width(name)}_t {{"]
        longest = max(len(enumerator(self.table, e["name"])) for e in t["entries"])
        digits = max(len(f"{e['value']:x}") for e in t["entries"])
        for e in t["entries"]:
            row = f"  {enumerator(self.table, e['name']):{longest}} = 0x{e['value']:x},"
            row = f"{row:{longest + digits + 9}}"
            out.append(f"{row}///< {e['meaning']}" if e["meaning"] else row.rstrip())
        return out + ["};"]

    def text(self):
        header = self.table.codes[self.name]
        includes, body = {"<cstdint>", "<sevspec/layout/description.hpp>"}, ["// clang-format off"]
        for name in header["tables"]:
            t = dict(self.table.constants[name])
            t["title"] = sentence(header["tables"][name])
            body += self.declare(t) + [""]
        body += ["namespace tables {", ""]
        for name in header["tables"]:
            t = self.table.constants[name]
            body += [f"inline constexpr constant_info {name}_entries[] = {{", *self.entries(t), "};",
                     f"inline constexpr constant_table {name}{{{quoted(name)}, {quoted(t['id'])}, "
                     f"confidence::{t['confidence']},", f"    {quoted(t['spec_ref'])}, {name}_entries}};", ""]
        if "guids" in header["tables"]:
            includes.add("<sevspec/layout/guid.hpp>")
        return wrapped(f"layout/codes/{self.name}.hpp", header["title"], includes,
                       body + ["}  // namespace tables", "// clang-format on"])


def folded(line):
    """A function that is too long for one line gets its body on a line of its own."""
    match = re.fullmatch(r"(  .*\)(?: const)?(?: noexcept)?(?: -> [^{]+)? \{) (.*;) \}", line)
    return [match[1], f"    {match[2]}", "  }"] if match and len(line) > WIDTH else [line]


def wrapped(path, title, includes, body):
    guard = "SEVSPEC_" + re.sub(r"[^A-Z0-9]", "_", path.upper())
    standard = sorted(i for i in includes if "sevspec" not in i)
    own = sorted(i for i in includes if "sevspec" in i)
    lines = ["// SPDX-License-Identifier: MIT", f"#ifndef {guard}", f"#define {guard}", "", *comment(title, "", "// "),
             BANNER, ""]
    lines += [f"#include {i}" for i in standard] + [""] + [f"#include {i}" for i in own]
    body = [folded_line for line in body for folded_line in folded(line)]
    lines += ["", "namespace sevspec::inline v0::layout {", "", *body, "", "}  // namespace sevspec::inline v0::layout",
              "", "#endif"]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def all_structures(table):
    includes = {f"<sevspec/layout/{h}.hpp>" for h in table.headers} | {f"<sevspec/layout/codes/{h}.hpp>" for h in table.codes}
    includes |= {"<sevspec/layout/description.hpp>"}
    body = ["// clang-format off", "/// Every structure.",
            "inline constexpr const structure_info* all_structures[] = {",
            *(f"    &descriptions::{name}," for name in table.structures), "};", "",
            "/// Every table of codes.", "inline constexpr const constant_table* all_constant_tables[] = {",
            *(f"    &tables::{name}," for name in table.constants), "};", "// clang-format on"]
    return wrapped("layout/all.hpp", "Every structure and every table of codes, to search and to go through.", includes, body)


def accessors(table, header):
    """What the tests go through: every accessor as a pair of functions on bytes and integers; every structure's types."""
    lines, shapes = [], []
    for name in table.headers[header]["structures"]:
        s = table.structures[name]
        view, const = f"{name}_view", f"{name}_const_view"
        types = f"layout::{name}" if table.is_word(name) else f"layout::{name}, layout::{view}, layout::{const}"
        shapes.append(f"    shapes_of<{types}>({quoted(name)}),")
        if table.is_word(name):
            for b in s["fields"][0]["bits"]:
                if b["reserved"]:
                    continue
                what = identifier(b["name"])
                lines.append(f"    word_bits<layout::{name}>({quoted(name)}, {quoted(s['fields'][0]['name'])}, "
                             f"{quoted(b['name'])}, [](const auto& w) {{ return w.{what}(); }}, "
                             f"[](auto&& w, auto v) {{ return std::forward<decltype(w)>(w).set_{what}(v); }}),")
            continue
        for f in s["fields"]:
            if f["reserved"]:
                continue
            what = identifier(f["name"])
            get = f"[](const auto& s) {{ return s.{what}(); }}"
            put = f"[](auto& s, const auto& v) {{ s.set_{what}(v); }}"
            nested = table.nested(s, f)
            start = f"layout::{view}, layout::{const}>({quoted(name)}, {quoted(f['name'])}, "
            if is_array_of_bytes(f) or (nested and not table.is_word(nested)):
                write = f"[](auto& s) {{ return s.{what}(); }}"
                lines.append(f"    part_field<{start}{get}, {write}, {put}),")
                continue
            lines.append(f"    whole_field<{start}{get}, {put}),")
            if table.word_of(s, f):
                for b in f["bits"]:
                    if not b["reserved"]:
                        bit = identifier(b["name"])
                        lines.append(f"    field_bits<{start}{quoted(b['name'])}, {get}, {put}, "
                                     f"[](const auto& w) {{ return w.{bit}(); }}, "
                                     f"[](auto&& w, auto v) {{ return std::forward<decltype(w)>(w).set_{bit}(v); }}),")
    guard = f"SEVSPEC_TEST_ACCESSORS_{header.upper()}_HPP"
    return "\n".join(["// SPDX-License-Identifier: MIT", f"#ifndef {guard}", f"#define {guard}", "", BANNER, "",
                      f"#include <sevspec/layout/{header}.hpp>", "", "#include <support/accessor.hpp>", "",
                      "namespace sevspec::test {", "", "// clang-format off",
                      f"inline const structure_shapes {header}_structures[] = {{", *shapes, "};", "",
                      f"inline const accessor {header}_accessors[] = {{", *lines, "};", "// clang-format on", "",
                      "}  // namespace sevspec::test", "", "#endif", ""])


def codes(table):
    """What the tests compare with the table: every enumerator and constant, since C++ cannot list them."""
    values, guids = [], []
    for name in (name for header in table.codes.values() for name in header["tables"]):
        for e in table.constants[name]["entries"]:
            plain = name in ("guids", "sizes_and_limits")
            constant = f"layout::{name}::{identifier(e['name']) if plain else enumerator(table, e['name'])}"
            if isinstance(e["value"], str):
                guids.append(f"    {{{quoted(e['name'])}, {constant}.text_order()}},")
            else:
                value = constant if name == "sizes_and_limits" else f"std::to_underlying({constant})"
                values.append(f"    {{{quoted(name)}, {quoted(e['name'])}, {value}}},")
    includes = sorted(f"#include <sevspec/layout/codes/{header}.hpp>" for header in table.codes)
    guard = "SEVSPEC_TEST_ACCESSORS_CODES_HPP"
    return "\n".join(["// SPDX-License-Identifier: MIT", f"#ifndef {guard}", f"#define {guard}", "", BANNER, "",
                      "#include <array>", "#include <cstdint>", "#include <utility>", "", *includes, "",
                      "namespace sevspec::test {", "",
                      "struct code_value {", "  const char* table;", "  const char* name;", "  std::uint64_t value;", "};",
                      "struct guid_value {", "  const char* name;", "  std::array<std::uint8_t, 16> bytes;", "};", "",
                      "// clang-format off",
                      "inline constexpr code_value code_values[] = {", *values, "};", "",
                      "inline constexpr guid_value guid_values[] = {", *guids, "};", "// clang-format on", "",
                      "}  // namespace sevspec::test", "", "#endif", ""])


def manual_page(table):
    """docs/layouts.md: the same tables for readers."""
    out = ["<!-- SPDX-License-Identifier: MIT -->", f"<!-- Made by {HERE} from {TABLE}. -->", "", "# Layouts", "",
           f"{len(table.structures)} structures and {len(table.constants)} tables of codes. Offsets and codes in "
           "hexadecimal, sizes in bytes, bits counted from the least significant; reserved ranges are left out.", ""]

    def cell(text):
        return text.replace("|", "\\|")

    for header, h in table.headers.items():
        out += [f"## {h['title']}", "", f"`#include <sevspec/layout/{header}.hpp>`", ""]
        for name in h["structures"]:
            s = table.structures[name]
            out += [f"### {name}", "", f"{sentence(s['description'])} {s['spec_ref']}. {s['size']} bytes, alignment "
                    f"{s['alignment']}, since {s['since']}, {s['confidence']} confidence. Compared with: "
                    f"{', '.join(table.sources[x] for x in s['sources'])}.", "", "| offset | size | bits | name | since | confidence | meaning |",
                    "| ---: | ---: | ---: | --- | --- | --- | --- |"]
            for f in s["fields"]:
                if f["reserved"]:
                    continue
                trust = f.get("confidence", s["confidence"])
                link = table.nested(s, f) or table.words.get(f"{s['name']}.{f['name']}")
                link = f" ([{link}](#{link}))" if link in table.structures else ""
                codes = table.values.get(f"{s['name']}.{f['name']}")
                link += f" ([{codes}](#{codes}))" if codes else ""
                out.append(f"| {f['offset']:03X} | {f['size']} | | `{f['name']}` | {f['since']} | {trust} | "
                           f"{cell(f['meaning'])}{link} |")
                for b in f["bits"]:
                    if not b["reserved"]:
                        codes = table.values_of_bits(f"{s['name']}.{f['name']}", b)
                        link = f" ([{codes}](#{codes}))" if codes else ""
                        out.append(f"| | | {b['lsb'] + b['width'] - 1}" + (f":{b['lsb']}" if b["width"] > 1 else "") +
                                   f" | `{b['name']}` | | {b.get('confidence', trust)} | {cell(b['meaning'])}{link} |")
            out += [""]
    for header, h in table.codes.items():
        out += [f"## {h['title']}", "", f"`#include <sevspec/layout/codes/{header}.hpp>`", ""]
        for name in h["tables"]:
            t = table.constants[name]
            out += [f"### {name}", "", f"{sentence(h['tables'][name])} {t['spec_ref']}. {t['confidence'].capitalize()} "
                    f"confidence. Compared with: {', '.join(table.sources[x] for x in t['sources'])}.", "", "| value | name | meaning |", "| ---: | --- | --- |"]
            out += [f"| {e['value'] if isinstance(e['value'], str) else format(e['value'], 'X')} | `{e['name']}` | "
                    f"{cell(e['meaning'])} |" for e in t["entries"]]
            out += [""]
    return "\n".join(out).rstrip() + "\n"


def outputs():
    table = Table()
    files = {f"include/sevspec/layout/{h}.hpp": Header(table, h).text() for h in table.headers}
    files |= {f"include/sevspec/layout/codes/{h}.hpp": Codes(table, h).text() for h in table.codes}
    files |= {f"tests/support/accessors/{h}.hpp": accessors(table, h) for h in table.headers}
    files["tests/support/accessors/codes.hpp"] = codes(table)
    files["include/sevspec/layout/all.hpp"] = all_structures(table)
    files["docs/layouts.md"] = manual_page(table)
    return files


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    files, stale = outputs(), []
    made = {p.relative_to(ROOT).as_posix() for d in ("include/sevspec/layout", "tests/support/accessors")
            for p in (ROOT / d).rglob("*.hpp") if BANNER in p.read_text(encoding="utf-8")}
    for path in sorted(made - set(files)):
        stale.append(f"{path}: no longer made by {HERE}")
    for path, text in files.items():
        target = ROOT / path
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            stale.append(f"{path}: differs from what {HERE} makes")
            if not sys.argv[1:]:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
    if sys.argv[1:]:
        print("\n".join(stale) or f"{len(files)} files are as {HERE} makes them")
        sys.exit(bool(stale))
    print(f"{len(files)} files, {len(stale)} written")


if __name__ == "__main__":
    main()
