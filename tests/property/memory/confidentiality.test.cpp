// SPDX-License-Identifier: MIT
// What those without the key can learn of a guest's memory: nothing but which blocks are equal to what they were.
#include <algorithm>
#include <array>
#include <cstdint>
#include <ostream>
#include <tuple>
#include <vector>

#include <sevspec/crypto/symbolic_cipher.hpp>
#include <sevspec/crypto/tweaked_aes.hpp>
#include <sevspec/memory/dram.hpp>

#include <property/property.hpp>
#include <support/catch.hpp>
#include <support/sev_world.hpp>

using namespace sevspec;
using namespace sevspec::test;

namespace {

using symbolic = crypto::symbolic_cipher;
using bytes = std::vector<std::uint8_t>;

/// One step of a program, drawn as plain numbers.
struct step {
  unsigned what, a, b, c;
};
auto operator<<(std::ostream& out, const step& one) -> std::ostream& {
  return out << one.what % 12 << ':' << one.a << ',' << one.b << ',' << one.c;
}

auto steps() -> rc::Gen<std::vector<step>> {
  return rc::gen::container<std::vector<step>>(
      rc::gen::map(rc::gen::tuple(rc::gen::inRange(0U, 1U << 16), rc::gen::inRange(0U, 1U << 16),
                                  rc::gen::inRange(0U, 1U << 16), rc::gen::inRange(0U, 1U << 16)),
                   [](const auto& t) { return step{std::get<0>(t), std::get<1>(t), std::get<2>(t), std::get<3>(t)}; }));
}

/// Guest A works with secrets; the host, guest B and a probe on the bus look on, and write what they like.
class run {
 public:
  /// @param secret  what guest A's secrets are: two runs differ in this alone
  explicit run(unsigned secret) : secret_(secret) {}

  auto play(const std::vector<step>& program, tally& classes) -> const std::vector<bytes>& {
    for (const step& one : program) {
      const std::uint64_t p = place(one.a), q = place(one.b);
      const std::size_t size = length(one.c);
      const view how = static_cast<view>(one.c / 7 % 4);
      const view host_view = one.c % 2 == 0 ? view::c_0 : view::host_key;
      bytes data(size);
      switch (one.what % 12) {
        case 0:
        case 1:  // secrets: bytes of their own, related one to one between runs
          for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<std::uint8_t>(128 + (one.b + i + secret_) % 128);
          must(w_.guest_write(1, view::c_1, p, data));
          classes.add("secret");
          break;
        case 2: must(w_.guest_write(1, how, p, open(data, one.b))); break;
        case 3:  // the guest moves what it has
          must(w_.guest_read(1, view::c_1, p, data));
          must(w_.guest_write(1, view::both, q, data));
          break;
        case 4:
        case 5:
          must(w_.host_read(host_view, p, data));
          seen_.push_back(data);
          classes.add("look");
          break;
        case 6: must(w_.host_write(host_view, p, open(data, one.b))); break;
        case 7:
          must(w_.host_read(host_view, p, data));
          must(w_.host_write(view::c_0, q, data));
          classes.add("move");
          break;
        case 8:
          must(w_.guest_read(2, how, p, data));
          seen_.push_back(data);
          must(w_.guest_write(2, how, q, data));
          break;
        case 9:
          must(w_.guest_read(3, host_view, p, data));
          seen_.push_back(data);
          break;
        case 10:
          RC_ASSERT(w_.memory.probe({p}, data) == memory::memory_status::ok);
          seen_.push_back(data);
          break;
        case 11:
          RC_ASSERT(w_.memory.probe({p}, data) == memory::memory_status::ok);
          RC_ASSERT(w_.memory.inject({q}, data) == memory::memory_status::ok);
          break;
      }
    }
    bytes all(0x400);
    RC_ASSERT(w_.memory.probe({w_.data()}, all) == memory::memory_status::ok);
    seen_.push_back(all);
    return seen_;
  }

 private:
  static void must(const outcome<void>& result) { RC_ASSERT(result.has_value()); }
  auto place(unsigned number) const -> std::uint64_t {
    return w_.data() + (number % 3 == 0 ? number % 0x300 : 16 * (number % 8));
  }
  static auto length(unsigned number) -> std::size_t { return number % 3 == 0 ? 1 + number % 100 : 16; }
  static auto open(bytes& data, unsigned seed) -> const bytes& {
    for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>((seed + i) % 7);
    return data;
  }

  unsigned secret_;
  crypto::ticket_book book_;
  sev_world<symbolic, memory::sparse_dram> w_{symbolic(book_), memory::sparse_dram(0x10000)};
  std::vector<bytes> seen_;
};

}  // namespace

TEST_CASE("two runs that differ in the guest's secrets look the same to everybody else",
          "[memory][ENC-HOST-01][ENC-CT-01][ENC-CT-02][ENC-CT-09][ENC-KEYSEL-07]") {
  tally classes;
  property("programs", 1500, [&] {
    const auto program = *steps();
    const auto other = *rc::gen::inRange(1U, 128U);
    run one(0), two(other);
    const auto& seen = one.play(program, classes);
    RC_ASSERT(seen == two.play(program, classes));
    const std::size_t looks = seen.size();
    classes.add("long", looks > 20);
  });
  check_none_empty("looks", classes, {"secret", "look", "move", "long"});
}

namespace {

/// Somewhere below 1 GiB, a multiple of 16; and often close to another.
auto block_places() -> rc::Gen<std::pair<std::uint64_t, std::uint64_t>> {
  return rc::gen::map(rc::gen::tuple(rc::gen::inRange(0U, 1U << 26), rc::gen::inRange(0U, 26U),
                                     rc::gen::arbitrary<bool>(), rc::gen::inRange(0U, 1U << 26)),
                      [](const auto& t) {
                        const std::uint64_t p = std::uint64_t{std::get<0>(t)} * 16;
                        const std::uint64_t near = p ^ (std::uint64_t{16} << std::get<1>(t));
                        return std::pair{p, std::get<2>(t) ? near : std::uint64_t{std::get<3>(t)} * 16};
                      });
}

template <class Cipher>
auto make(std::uint64_t constants) -> memory::controller<Cipher, memory::sparse_dram> {
  if constexpr (std::is_same_v<Cipher, crypto::aes256_xts>) return {Cipher{}, memory::sparse_dram(0x4000'0000), 4};
  else return {Cipher(crypto::drawn_tweak_constants(constants)), memory::sparse_dram(0x4000'0000), 4};
}

}  // namespace

TEMPLATE_TEST_CASE("equal and moved blocks",
                   "[memory][ENC-CT-01][ENC-CT-02][ENC-CT-06][ENC-CT-07][ENC-CT-08][ENC-CT-09]", crypto::aes128_xex,
                   crypto::aes256_xts) {
  property("blocks", 1000, [&] {
    auto w = make<TestType>(*rc::gen::inRange(1U, 5U));
    for (unsigned id = 0; id < 3; ++id) RC_ASSERT(w.install_key({id}, seed_of<TestType>(id + 1)));
    const memory_key a = memory_key::guest({1}), b = memory_key::guest({2}), raw = memory_key::none();
    const auto [p, q] = *block_places();
    RC_PRE(p != q);
    const auto secret = *rc::gen::arbitrary<std::array<std::uint8_t, 16>>();
    const auto other = *rc::gen::arbitrary<std::array<std::uint8_t, 16>>();
    const auto write = [&](std::uint64_t where, memory_key key, const block& in) {
      RC_ASSERT(w.write({where}, key, in) == memory::memory_status::ok);
    };
    const auto read = [&](std::uint64_t where, memory_key key) {
      block out{};
      RC_ASSERT(w.read({where}, key, out) == memory::memory_status::ok);
      return out;
    };
    write(p, a, secret);
    write(q, a, secret);
    const block at_p = read(p, raw), at_q = read(q, raw);
    RC_ASSERT(at_p != at_q);          // ENC-CT-02
    RC_ASSERT(read(p, b) != secret);  // ENC-CT-09
    RC_ASSERT(read(p, b) == read(p, b));
    write(q, raw, at_p);
    RC_ASSERT(read(q, a) != secret);  // ENC-CT-06, ENC-CT-07
    write(p, a, other);
    RC_ASSERT((read(p, raw) == at_p) == (other == secret));  // ENC-CT-01
    write(p, raw, at_p);
    RC_ASSERT(read(p, a) == secret);  // ENC-CT-08
    write(p, b, secret);
    RC_ASSERT(read(p, raw) != at_p);  // ENC-CT-02
  });
}
