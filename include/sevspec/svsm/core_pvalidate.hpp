// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_CORE_PVALIDATE_HPP
#define SEVSPEC_SVSM_CORE_PVALIDATE_HPP

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include <sevspec/base/context.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/layout/svsm.hpp>
#include <sevspec/svsm/call.hpp>
#include <sevspec/svsm/guest_memory.hpp>
#include <sevspec/svsm/machine.hpp>
#include <sevspec/svsm/monitor.hpp>
#include <sevspec/svsm/page_rights.hpp>
#include <sevspec/svsm/region.hpp>

/// SVSM_CORE_PVALIDATE: the guest accepts memory, and gives it up.   SVSM 6.2
///
///   63:12  guest frame number
///   11:4   reserved
///   3      ignore CF: "no change" is no failure
///   2      1 validates, 0 rescinds
///   1:0    size: 0 for 4K, 1 for 2M
namespace sevspec::inline v0::svsm {

using pvalidate_entry = layout::svsm_pvalidate_entry;

/// What an entry asks for, once it is found good.
struct page_request {
  gpa first{};
  page_size size = page_size::k4k;
  bool validate = false;
  bool ignore_unchanged = false;
  bool keeps_nothing = false;  ///< zero wherever it lies: no call's, but the boot's (`keeps_bytes`)

  friend constexpr auto operator==(const page_request&, const page_request&) -> bool = default;
};

/// The checks of one entry: nothing is changed (SVSM-CORE-14, SVSM-CORE-19). The region counts, not its first address.
template <class Context>
[[nodiscard]] constexpr auto check_entry(Context& ctx, const monitor& self, pvalidate_entry entry)
    -> checked<page_request> {
  const bool coconut = ctx.choices.svsm_address_codes == address_codes::coconut;
  const result_code bad_page = coconut ? result_code::invalid_parameter : result_code::invalid_address;
  const bool reserved = bits<11, 4>::get(entry.raw) != 0;
  if (ctx.denies(rule::SVSM_CORE_14, reserved && ctx.choices.svsm_entry_reserved_checked))
    return refuse(result_code::invalid_parameter, rule::SVSM_CORE_14);
  const std::uint64_t size = bits<1, 0>::get(entry.raw);
  if (ctx.denies(rule::SVSM_CORE_14, size > 1)) return refuse(bad_page, rule::SVSM_CORE_14);
  const page_request wanted{.first = gpa{entry.raw & ~std::uint64_t{0xfff}},
                            .size = size == 0 ? page_size::k4k : page_size::k2m,
                            .validate = bits<2, 2>::get(entry.raw) != 0,
                            .ignore_unchanged = bits<3, 3>::get(entry.raw) != 0};
  if (ctx.denies(rule::SVSM_CORE_14, !is_aligned(wanted.first, wanted.size)))
    return refuse(bad_page, rule::SVSM_CORE_14);
  const std::uint64_t bytes = bytes_in(wanted.size);
  if (ctx.denies(rule::SVSM_CORE_14, !in_guest_memory(self, wanted.first, bytes)))
    return refuse(result_code::invalid_address, rule::SVSM_CORE_14);
  const auto which = ctx.choices.svsm_caa_protected ? registered_pages::vmsas_and_caas : registered_pages::vmsas;
  if (ctx.denies(rule::SVSM_CORE_19, overlaps_registered(ctx, self, wanted.first, bytes, which)))
    return refuse(result_code::invalid_address, rule::SVSM_CORE_19);
  return wanted;
}

/// Whether a page keeps its bytes when it is validated: firmware that the hypervisor has put there
/// (`implementation_choices::svsm_zero_exemption`).
/// @param entry  the first byte of the entry's region
/// @param page   one page of it
template <class Context>
[[nodiscard]] constexpr auto keeps_bytes(const Context& ctx, gpa entry, gpa page) -> bool {
  if (ctx.choices.svsm_zero_exemption == zero_exemption::from_a0000)
    return entry >= gpa{0xa'0000} && entry < gpa{0x10'0000};
  return page >= gpa{0xc'0000} && page < gpa{0x10'0000};
}

/// Whether another processor's call is at work on a page of these (SVSM-CORE-80). Lists run beside each other, and each
/// entry of one comes before or after an entry of another that names the same page: an SVSM that grants while another
/// processor rescinds would leave rights on a page that is not validated.
template <class Context>
[[nodiscard]] constexpr auto is_converting(Context& ctx, const monitor& self, const page_request& wanted) -> bool {
  const bool busy = std::any_of(self.converting.begin(), self.converting.end(),
                                [&](const region& one) { return one.overlaps(wanted.first, bytes_in(wanted.size)); });
  return ctx.denies(rule::SVSM_CORE_80, busy);
}

/// Validates and grants, or revokes and rescinds, one page (SVSM-CORE-15, SVSM-CORE-16).
///
/// A page is granted when it is validated and zero: what the hypervisor may have put there, an own page of the SVSM's
/// among it, is gone before the guest can look. It is rescinded when nobody else can use it.
///
/// PVALIDATE cannot know that a gPA was validated before with another page behind it (RMP-PVL-07). The SVSM does: such a
/// page is no longer validated when the guest hears of it, so that the hypervisor has no second page to put in place of
/// the first; and a page that seems to be rescinded already keeps its note, for the one behind it before may still be validated.
/// @param flush  set if translations may be left
template <class Context, machine_for<Context> Machine>
[[nodiscard]] constexpr auto convert_page(Context& ctx, Machine& machine, monitor& self, const page_request& wanted,
                                          bool& flush) -> call_result {
  if (!wanted.validate) {
    flush = true;
    if (const auto done = revoke(ctx, machine, self, wanted.first, wanted.size); !done) return done.error();
  }
  const auto done = machine.pvalidate(ctx, wanted.first, wanted.size, wanted.validate);
  if (!done) return after_fault(done.error(), result_code::invalid_address);
  if (ctx.denies(rule::SVSM_CORE_16, !done->succeeded()))
    return ends(protocol_result(std::to_underlying(done->eax)), rule::SVSM_CORE_16);
  const bool noted = self.validated.overlaps(wanted.first, bytes_in(wanted.size));
  const bool another = done->succeeded() && noted && done->unchanged != wanted.validate;
  if (ctx.denies(rule::SVSM_CORE_16, another && ctx.choices.svsm_double_validation_refused)) {
    if (!wanted.validate) return ends(result_code::pvalidate_fail_nochange, rule::SVSM_CORE_16);
    const auto undone = machine.pvalidate(ctx, wanted.first, wanted.size, false);
    if (!undone) return after_fault(undone.error(), result_code::invalid_address);
    return ends(result_code::pvalidate_fail_nochange, rule::SVSM_CORE_16);
  }
  if (ctx.denies(rule::SVSM_CORE_16, done->succeeded() && done->unchanged && !wanted.ignore_unchanged))
    return ends(result_code::pvalidate_fail_nochange, rule::SVSM_CORE_16);

  const std::uint64_t pages = bytes_in(wanted.size) / 0x1000;
  if (!wanted.validate) {
    self.validated.erase(wanted.first, pages);
    return {};
  }
  self.validated.insert(wanted.first, pages);
  for (std::uint64_t i = 0; i < pages; ++i) {
    const gpa page = wanted.first + i * 0x1000;
    if (!ctx.applies(rule::SVSM_CORE_15, wanted.keeps_nothing || !keeps_bytes(ctx, wanted.first, page))) continue;
    const std::array<std::uint8_t, 0x1000> zeros{};
    if (const auto zeroed = write_guest(ctx, machine, page, zeros); !zeroed) return zeroed.error();
  }
  if (const auto granted = grant(ctx, machine, self, wanted.first, wanted.size); !granted) return granted.error();
  return {};
}

/// SVSM_CORE_PVALIDATE: a list of pages, from entry `next` on. `next` counts what is done, and after a failure is the
/// index of the entry that failed; a failed entry has changed nothing. A list that rescinds its own page cannot be told
/// of its progress; what it has done is done.
/// @param registers  RCX: gPA of the list, whose header is {u16 entries; u16 next; u32 reserved}
/// @return SUCCESS; INVALID_PARAMETER, INVALID_ADDRESS; 8000_1000h + EAX of PVALIDATE or RMPADJUST; 8000_1010h for a
/// page
///         that had the state
template <class Context, machine_for<Context> Machine>
[[nodiscard]] constexpr auto pvalidate_pages(Context& ctx, Machine& machine, monitor& self,
                                             const call_registers& registers) -> call_result {
  const gpa list{registers.rcx};
  if (ctx.denies(rule::SVSM_CORE_11, list.value % 8 != 0))
    return ends(result_code::invalid_parameter, rule::SVSM_CORE_11);
  if (ctx.denies(rule::SVSM_CORE_12, !is_valid(ctx, self, list, 8))) return ends(bad_address(ctx), rule::SVSM_CORE_12);
  layout::svsm_pvalidate_header header;
  if (const auto read = read_guest(ctx, machine, list, header.bytes(), bad_address(ctx)); !read) return read.error();
  const std::uint64_t most = (0x1000 - page_offset(list, page_size::k4k) - 8) / 8;
  const bool malformed = header.entries() == 0 || header.entries() > most || header.entries() <= header.next();
  if (ctx.denies(rule::SVSM_CORE_13, malformed)) return ends(result_code::invalid_parameter, rule::SVSM_CORE_13);

  const std::uint16_t first = ctx.applies(rule::SVSM_CORE_18, header.next() != 0) ? header.next() : std::uint16_t{0};
  std::uint16_t done = header.next();
  bool flush = false;
  call_result result;
  for (std::uint16_t index = first; done < header.entries(); ++index) {
    std::array<std::uint8_t, 8> entry{};
    const gpa where = list + 8 + std::uint64_t{index} * 8;
    if (const auto read = read_guest(ctx, machine, where, entry); !read) {
      result = read.error();
      break;
    }
    const auto wanted = check_entry(ctx, self, {layout::read_le<std::uint64_t>(entry.data())});
    if (!wanted) {
      result = wanted.error();
      break;
    }
    if (is_converting(ctx, self, *wanted)) {  // and the call goes on from here
      result = {.code = result_code::busy, .waits = true};
      break;
    }
    self.converting.push_back({wanted->first, bytes_in(wanted->size)});
    result = convert_page(ctx, machine, self, *wanted, flush);
    std::erase(self.converting, region{wanted->first, bytes_in(wanted->size)});
    if (result != call_result{}) break;
    ++done;
  }
  if (flush) machine.flush();
  if (ctx.applies(rule::SVSM_CORE_17, done != header.next())) {
    std::array<std::uint8_t, 2> next{};
    layout::write_le<std::uint16_t>(next.data(), done);
    const auto told = write_guest(ctx, machine, list + 2, next);
    if (!told && told.error().blocked && result == call_result{}) return told.error();
  }
  return result;
}

}  // namespace sevspec::inline v0::svsm

#endif
