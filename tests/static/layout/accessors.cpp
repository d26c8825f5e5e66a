// SPDX-License-Identifier: MIT
// Owners, views and words in constant expressions; what is no constant expression is a broken contract.
#include <array>
#include <cstdint>
#include <span>
#include <type_traits>

#include <sevspec/layout/cpuid_page.hpp>
#include <sevspec/layout/exit_info.hpp>
#include <sevspec/layout/reflect.hpp>
#include <sevspec/layout/rmp.hpp>
#include <sevspec/layout/vmsa.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::layout;

// Three shapes and words
static_assert(image<vmsa> && image<vmsa_view> && image<vmsa_const_view> && !word<vmsa>);
static_assert(word<exitinfo1_npf> && !image<exitinfo1_npf>);
static_assert(sizeof(vmsa) == 0x1000 && alignof(vmsa) == 1 && std::is_trivially_copyable_v<vmsa>);
static_assert(sizeof(exitinfo1_npf) == 8 && std::is_trivially_copyable_v<exitinfo1_npf>);
static_assert(std::is_same_v<decltype(std::declval<const vmsa&>().bytes()), std::span<const std::uint8_t, 4096>>);
static_assert(std::is_same_v<decltype(std::declval<vmsa&>().cs()), segment_view>);
static_assert(std::is_same_v<decltype(std::declval<const vmsa&>().cs()), segment_const_view>);
static_assert(std::is_same_v<decltype(std::declval<vmsa_view&>().cs()), segment_view>);
static_assert(std::is_same_v<decltype(std::declval<const vmsa_view&>().cs()), segment_const_view>);

// Who reads may look at everything; who writes has to be asked for; copies are copies, views are not.
static_assert(std::is_convertible_v<vmsa&, vmsa_const_view> && std::is_convertible_v<vmsa_view&, vmsa_const_view>);
static_assert(!std::is_convertible_v<vmsa&, vmsa_view> && std::is_constructible_v<vmsa_view, vmsa&>);
static_assert(!std::is_convertible_v<vmsa_view, vmsa> && std::is_constructible_v<vmsa, vmsa_const_view>);
static_assert([] {
  segment state;
  segment_view same(state);
  const segment copy(same);
  same.set_base(7);
  return state.base() == 7 && copy.base() == 0 && same == state && copy != same && segment_const_view(state) == same;
}());

// Reading: constant bytes at an odd address
alignas(8) constexpr std::array<std::uint8_t, 17> bytes{0xEE, 0x10, 0x32, 0x9B, 0x0A, 0x67, 0x45, 0x23, 0x81,
                                                        0xEF, 0xCD, 0xAB, 0x89, 0x67, 0x45, 0x23, 0xF1};
constexpr segment_const_view code{std::span(bytes).last<16>()};
static_assert(code.selector() == 0x3210);
static_assert(code.attrib().raw == 0x0A9B && code.attrib().type() == 0xB && code.attrib().l() && !code.attrib().db());
static_assert(code.limit() == 0x8123'4567);
static_assert(code.base() == 0xF123'4567'89AB'CDEF);
static_assert(value_of(*find_field(description_of<segment>, "base"), code.bytes()) == code.base());
static_assert(!first_reserved_bit(code).has_value());

/// Sets one of everything: integer, code, word, one bit of a byte, bytes, nested structure.
template <class Vmsa>
constexpr void set_all(Vmsa& state) {
  state.set_rip(0x1122'3344'5566'7788);
  state.set_vmpl(3);
  state.set_guest_exit_code(svm_exit_codes::npf);
  state.set_sev_features(sev_features{}.set_snp_active(true).set_debug_swap(true));
  state.set_cs(code);
  state.cs().set_selector(0xF000);
  state.fpreg_x87()[1] = 0x55;
}
template <class Vmsa>
constexpr auto has_all(const Vmsa& state) -> bool {
  return state.rip() == 0x1122'3344'5566'7788 && state.vmpl() == 3 && state.guest_exit_code() == svm_exit_codes::npf &&
         state.sev_features() == layout::sev_features{0x21} && state.cs().selector() == 0xF000 &&
         state.cs().base() == code.base() && state.fpreg_x87()[1] == 0x55;
}
template <class Bytes>
constexpr auto only_those(const Bytes& all) -> bool {
  std::size_t set = 0;
  for (const auto byte : all) set += byte != 0;
  return all[0x178] == 0x88 && all[0x17F] == 0x11 && all[0xCA] == 3 && all[0x3C0] == 0x00 && all[0x3C1] == 0x04 &&
         all[0x3B0] == 0x21 && all[0x11] == 0xF0 && all[0x12] == 0x9B && all[0x421] == 0x55 &&
         set == 8 + 1 + 1 + 1 + 15 + 1;  // the selector's low byte is 0
}
static_assert([] {
  vmsa state;
  set_all(state);
  const vmsa copy = state;
  return has_all(state) && only_those(state.bytes()) && copy == state && vmsa{} != state && vmsa(copy.bytes()) == state;
}());
static_assert([] {
  alignas(8) std::array<std::uint8_t, 0x1000 + 2> room{};
  const auto inside = std::span(room).subspan<1, 0x1000>();
  vmsa_view state(inside);
  set_all(state);
  return has_all(state) && has_all(vmsa_const_view(inside)) && only_those(inside) && room[0] == 0 && room[0x1001] == 0;
}());

// One bit of a byte: the others stay
static_assert([] {
  rmpupdate_source state;
  state.bytes()[8] = 0xFE;
  state.set_assigned(true);
  const bool set = state.bytes()[8] == 0xFF && state.assigned();
  state.set_assigned(false);
  return set && state.bytes()[8] == 0xFE && !state.assigned();
}());

// Replacing bytes by bytes of the same image that overlap them
static_assert([] {
  vmsa state;
  for (std::size_t i = 0; i < 16; ++i) state.bytes()[i] = static_cast<std::uint8_t>(i);
  const auto low = std::span<const std::uint8_t, 0x1000>(state.bytes()).subspan<0, 16>();
  store_bytes<4>(state, low);
  for (std::size_t i = 0; i < 16; ++i)
    if (state.bytes()[4 + i] != i) return false;
  return state.bytes()[3] == 3 && state.bytes()[20] == 0;
}());

// Elements of an array
static_assert([] {
  cpuid_page page;
  for (std::size_t i = 0; i < 64; ++i) page.entry(i).set_ebx(static_cast<std::uint32_t>(i + 1));
  for (std::size_t i = 0; i < 64; ++i)
    if (page.bytes()[0x10 + 0x30 * i + 0x1C] != i + 1 || std::as_const(page).entry(i).ebx() != i + 1) return false;
  return true;
}());

// Words as integers
static_assert(to_integer(exitinfo1_npf{}.set_rmp(true).set_enc(true)) == 0x4'8000'0000);
static_assert(from_integer<exitinfo1_npf>(0x4'8000'0000).enc());
static_assert(exitinfo1_npf{~std::uint64_t{}}.set_final(false).raw == 0xFFFF'FFFE'FFFF'FFFF);
static_assert(first_reserved_bit(exitinfo1_npf{0x20})->bit == 5 && !first_reserved_bit(exitinfo1_npf{0x1F}));
static_assert(first_reserved_bit(pf_error_code{0x80})->bit == 7);

// Contracts: what breaks one is no constant expression.
template <auto Call>
concept permitted = requires { typename std::bool_constant<(static_cast<void>(Call()), true)>; };
constexpr auto some = std::span(bytes).first<16>();  // what lies behind it could be read, were it not forbidden
static_assert(permitted<[] { return integer_at(some, 15, 1); }> && !permitted<[] { return integer_at(some, 16, 1); }>);
static_assert(permitted<[] { return integer_at(some, 8, 8); }> && !permitted<[] { return integer_at(some, 9, 8); }>);
static_assert(!permitted<[] { return integer_at(some, ~std::size_t{0}, 2); }>);
static_assert(!permitted<[] { return integer_at(some, 0, 0); }> && !permitted<[] { return integer_at(some, 0, 9); }>);
static_assert(permitted<[] { return first_reserved_bit(descriptions::segment, some); }>);
static_assert(!permitted<[] { return first_reserved_bit(descriptions::segment, some.first<15>()); }>);
static_assert(permitted<[] { return rmp_entry_hw_qw0{}.set_asid(0x3FF); }>);
static_assert(!permitted<[] { return rmp_entry_hw_qw0{}.set_asid(0x400); }>);
static_assert(permitted<[] { return cpuid_page{}.entry(63).eax(); }>);
static_assert(!permitted<[] { return cpuid_page{}.entry(64).eax(); }>);
static_assert(!permitted<[] { return from_integer<pf_error_code>(0x1'0000'0000); }>);

}  // namespace
