// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_SNP_PAGE_SWAP_HPP
#define SEVSPEC_FIRMWARE_SNP_PAGE_SWAP_HPP

#include <cstdint>
#include <vector>

#include <sevspec/firmware/guests.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/operands.hpp>
#include <sevspec/firmware/snp_swap.hpp>
#include <sevspec/firmware/vmsa_transform.hpp>
#include <sevspec/layout/page_info.hpp>
#include <sevspec/layout/snp_command.hpp>

/// Pages of SNP guests outside their memory, and what is kept about them.   SNP ABI, SNP_PAGE_MD_INIT, SNP_PAGE_SWAP_*
namespace sevspec::inline v0::firmware {

/// SNP_PAGE_MD_INIT: a page of the firmware's becomes metadata of a guest.   FW-SNP-MDI-01
template <class Context, class Machine>
[[nodiscard]] auto snp_page_md_init(Context& ctx, Machine& m, const layout::cmd_snp_md_init& cmd) -> status {
  using table = typename Machine::table_type;
  if (const status bad = check_page_address(ctx, cmd.gctx_paddr()); bad != status::success) return bad;
  if (const status bad = check_page_address(ctx, cmd.page_paddr()); bad != status::success) return bad;
  const auto guest = find_snp(ctx, m, cmd.gctx_paddr());
  if (!guest) return guest.code;
  const spa where = target_of(m, cmd.page_paddr());
  const rmp::entry old = entry_at(m, where);
  const std::uint64_t size = (old.large ? std::uint64_t{table::sub_pages} : 1) * 4096;
  if (const status bad = check_page(ctx, m, where, size); bad != status::success) return bad;
  if (ctx.denies(rule::FW_SNP_MDI_01, state_at(m, where) != rmp::page_state::firmware))
    return status::invalid_page_state;
  if (const status bad = check_launched(ctx, *guest); bad != status::success) return bad;
  const std::vector<std::uint8_t> zeros(size);
  write_plain(ctx, m, cmd.page_paddr(), zeros);
  put_entry(ctx, m, where, firmware_entry(ctx, old, rmp::firmware_tag::metadata, target_of(m, cmd.gctx_paddr())));
  return status::success;
}

namespace detail {

/// Where an entry about a swapped page is kept.
template <class Context, class Machine>
[[nodiscard]] auto load_entry(Context& ctx, const Machine& m, const snp_guest& guest, bool root, std::uint64_t where)
    -> layout::snp_mdata_entry {
  return root ? guest.root_entry : read_image<layout::snp_mdata_entry>(ctx, m, where);
}
template <class Context, class Machine>
void store_entry(Context& ctx, Machine& m, snp_guest& guest, bool root, std::uint64_t where,
                 const layout::snp_mdata_entry& made) {
  if (root) guest.root_entry = made;
  else write_plain(ctx, m, where, made.bytes());
}

/// The metadata operand of SNP_PAGE_SWAP_OUT and SNP_PAGE_SWAP_IN.   FW-SNP-SWO-01
template <class Context, class Machine>
[[nodiscard]] auto check_mdata(Context& ctx, const Machine& m, spa owner, std::uint64_t mdata, spa from, spa to,
                               std::uint64_t size, rule which) -> status {
  constexpr std::uint64_t entry_bytes = layout::size_of<layout::snp_mdata_entry>;
  const memory_range at{target_of(m, mdata), entry_bytes};
  const bool unfit = at.base.value % entry_bytes != 0 || at.overlaps(from, size) || at.overlaps(to, size);
  if (ctx.denies(which, unfit)) return status::invalid_param;
  if (const status bad = check_page(ctx, m, at.base); bad != status::success) return bad;
  const bool covered = m.rmp.covers(page_of(at.base));
  const rmp::entry holder = covered ? rmp::authoritative_entry(m.rmp, page_of(at.base)) : rmp::entry{};  // maybe 2M
  if (ctx.denies(which, !covered || rmp::state_of(holder) != rmp::page_state::metadata))
    return status::invalid_page_state;
  if (ctx.denies(which, holder.guest.value != owner.value)) return status::invalid_page_owner;
  return status::success;
}

/// What both commands are given.
struct swap_operands {
  bool root;   ///< the entry about the page is the guest context's own
  bool large;  ///< a page of 2M
  std::uint32_t type;
  spa from;
  spa to;
  std::uint64_t size;  ///< of the page, in bytes
};
template <class Machine, class Command>
[[nodiscard]] constexpr auto swap_of(const Machine& m, const Command& cmd) -> swap_operands {
  const bool large = cmd.flags().page_size();
  return {.root = cmd.flags().root_mdata_en(),
          .large = large,
          .type = static_cast<std::uint32_t>(cmd.flags().page_type()),
          .from = target_of(m, cmd.src_paddr()),
          .to = target_of(m, cmd.dst_paddr()),
          .size = (large ? std::uint64_t{Machine::table_type::sub_pages} : 1) * 4096};
}
/// The guest, once all operands have been checked.   FW-SNP-SWO-01
template <class Context, class Machine, class Command>
[[nodiscard]] auto find_swapped(Context& ctx, Machine& m, const Command& cmd, rule which) -> found_guest<snp_guest> {
  const swap_operands asked = swap_of(m, cmd);
  if (const status bad = check_reserved(ctx, cmd); bad != status::success) return {.code = bad};
  for (const std::uint64_t one : {cmd.gctx_paddr(), asked.from.value, asked.to.value})
    if (const status bad = check_page_address(ctx, one); bad != status::success) return {.code = bad};
  const auto guest = find_snp(ctx, m, cmd.gctx_paddr());
  if (!guest) return guest;
  if (!asked.root) {
    const spa owner = target_of(m, cmd.gctx_paddr());
    const status bad = check_mdata(ctx, m, owner, cmd.mdata_paddr(), asked.from, asked.to, asked.size, which);
    if (bad != status::success) return {.code = bad};
  }
  for (const spa one : {asked.from, asked.to})
    if (const status bad = check_page(ctx, m, one, asked.size); bad != status::success) return {.code = bad};
  return guest;
}

inline constexpr std::uint32_t swapped_data = 0;
inline constexpr std::uint32_t swapped_metadata = 1;
inline constexpr std::uint32_t swapped_snp_vmsa = 2;

}  // namespace detail

/// GPA of entries about metadata: all ones.   FW-SNP-SWO-04
inline constexpr std::uint64_t bits_of_gpa_pfn = 0xf'ffff'ffff'ffff;

/// SNP_PAGE_SWAP_OUT: a page of the guest's, enciphered under its offline key.   FW-SNP-SWO-01 to 08
template <class Context, class Machine>
[[nodiscard]] auto snp_page_swap_out(Context& ctx, Machine& m, const layout::cmd_snp_swap_out& cmd) -> status {
  using enum rmp::page_state;
  const auto [root, large, type, from, to, size] = detail::swap_of(m, cmd);
  const auto guest = detail::find_swapped(ctx, m, cmd, rule::FW_SNP_SWO_01);
  if (!guest) return guest.code;
  rmp::entry source = entry_at(m, from);
  const rmp::page_state source_state = state_at(m, from);
  const rmp::page_state target_state = state_at(m, to);
  const bool sizes = source.large == large && (target_state == default_ || entry_at(m, to).large == large);
  if (ctx.denies(rule::FW_SNP_SWO_01, !sizes)) return status::invalid_page_size;
  if (const status bad = check_launched(ctx, *guest); bad != status::success) return bad;
  if (const status bad = check_active(ctx, *guest); bad != status::success) return bad;
  const bool of_metadata = type == detail::swapped_metadata;
  const bool guest_page = source_state == pre_swap || source_state == pre_guest;
  const bool known = type <= detail::swapped_snp_vmsa && (of_metadata ? source_state == metadata : guest_page);
  const bool free = target_state == rmp::page_state::firmware || target_state == default_;
  const bool named = type <= detail::swapped_snp_vmsa || !ctx.choices.unknown_swap_type_is_param;
  if (ctx.denies(rule::FW_SNP_SWO_02, !named)) return status::invalid_param;
  if (ctx.denies(rule::FW_SNP_SWO_02, !known || !free)) return status::invalid_page_state;
  const bool own =
      of_metadata ? source.guest.value == target_of(m, cmd.gctx_paddr()).value : source.id == guest->slot.id;
  if (ctx.denies(rule::FW_SNP_SWO_01, !own)) return status::invalid_page_owner;
  if (ctx.denies(rule::FW_SNP_SWO_01, guest->oek_iv_count == exhausted_counter)) return status::aead_oflow;
  if (ctx.denies(rule::FW_SNP_SWO_01, guest->policy.page_swap_disable())) return status::policy_failure;
  if (const status bad = check_range(ctx, m, to.value, size); bad != status::success) return bad;

  std::vector<std::uint8_t> page(size);
  if (of_metadata) read_plain(ctx, m, cmd.src_paddr(), page);
  else read_guest(m, guest->slot.id, from, page);
  layout::snp_mdata_entry told;
  told.set_software_data(cmd.software_data());
  told.set_iv(guest->oek_iv_count);
  layout::snp_mdata_entry_attributes attributes;
  attributes.set_valid(true).set_page_size(large).set_metadata(of_metadata);
  if (of_metadata) {
    attributes.set_gpa_pfn(bits_of_gpa_pfn);
  } else {
    attributes.set_page_validated(source.validated).set_vmsa(type == detail::swapped_snp_vmsa);
    attributes.set_gpa_pfn(source.guest.value >> 12);
    told.set_vmpl0_perms({source.allowed[0].raw});
    told.set_vmpl1_perms({source.allowed[1].raw});
    told.set_vmpl2_perms({source.allowed[2].raw});
    told.set_vmpl3_perms({source.allowed[3].raw});
  }
  told.set_attributes(attributes);
  told.set_auth_tag(seal_swapped_page(guest->oek, guest->oek_iv_count, page, page));
  ++guest->oek_iv_count;
  write_plain(ctx, m, cmd.dst_paddr(), page);
  detail::store_entry(ctx, m, *guest, root, cmd.mdata_paddr(), told);
  if (of_metadata) {
    put_entry(ctx, m, from, firmware_entry(ctx, source));
  } else {
    source.validated = false;
    put_entry(ctx, m, from, source);
  }
  return status::success;
}

/// SNP_PAGE_SWAP_IN: the way back, once.   FW-SNP-SWI-01, 02
template <class Context, class Machine>
[[nodiscard]] auto snp_page_swap_in(Context& ctx, Machine& m, const layout::cmd_snp_swap_in& cmd) -> status {
  using enum rmp::page_state;
  const bool in_place = cmd.flags().swap_in_place();
  const auto [root, large, type, from, to, size] = detail::swap_of(m, cmd);
  const auto guest = detail::find_swapped(ctx, m, cmd, rule::FW_SNP_SWI_01);
  if (!guest) return guest.code;
  if (const status bad = check_launched(ctx, *guest); bad != status::success) return bad;
  if (const status bad = check_active(ctx, *guest); bad != status::success) return bad;
  layout::snp_mdata_entry told = detail::load_entry(ctx, m, *guest, root, cmd.mdata_paddr());
  const layout::snp_mdata_entry_attributes attributes = told.attributes();
  const std::uint32_t told_type = attributes.metadata() ? detail::swapped_metadata
                                  : attributes.vmsa()   ? detail::swapped_snp_vmsa
                                                        : detail::swapped_data;
  const bool consistent = !(attributes.metadata() && attributes.vmsa()) && told_type == type && attributes.valid();
  if (ctx.denies(rule::FW_SNP_SWI_01, !consistent)) return status::invalid_mdata_entry;
  rmp::entry target = entry_at(m, to);
  const bool sizes = (state_at(m, from) == default_ || entry_at(m, from).large == large) && target.large == large &&
                     attributes.page_size() == large;
  if (ctx.denies(rule::FW_SNP_SWI_01, !sizes)) return status::invalid_page_size;
  if (ctx.denies(rule::FW_SNP_SWI_01, in_place && type != detail::swapped_data)) return status::invalid_param;
  if (ctx.denies(rule::FW_SNP_SWI_01, in_place && from != to)) return status::invalid_address;
  if (ctx.denies(rule::FW_SNP_SWI_01, type == detail::swapped_snp_vmsa && large)) return status::invalid_page_size;
  const bool of_metadata = type == detail::swapped_metadata;
  const bool free = state_at(m, to) == (of_metadata ? rmp::page_state::firmware : pre_guest);
  if (ctx.denies(rule::FW_SNP_SWI_01, !free)) return status::invalid_page_state;
  if (ctx.denies(rule::FW_SNP_SWI_01, !of_metadata && target.id != guest->slot.id)) return status::invalid_page_owner;
  if (ctx.denies(rule::FW_SNP_SWI_01, guest->policy.page_swap_disable())) return status::policy_failure;
  if (const status bad = check_range(ctx, m, from.value, size); bad != status::success) return bad;
  std::vector<std::uint8_t> page(size);
  read_plain(ctx, m, cmd.src_paddr(), page);
  const bool authentic = open_swapped_page(guest->oek, told.iv(), array_of<16>(told.auth_tag()), page, page);
  if (ctx.denies(rule::FW_SNP_SWI_01, !authentic)) return status::bad_measurement;

  told.set_attributes(layout::snp_mdata_entry_attributes{attributes}.set_valid(false));
  detail::store_entry(ctx, m, *guest, root, cmd.mdata_paddr(), told);
  if (of_metadata) {
    write_plain(ctx, m, cmd.dst_paddr(), page);
    put_entry(ctx, m, to, firmware_entry(ctx, target, rmp::firmware_tag::metadata, target_of(m, cmd.gctx_paddr())));
    return status::success;
  }
  target.vmsa = type == detail::swapped_snp_vmsa;
  if (target.vmsa) set_secure_tsc(page, m.hw, *guest, guest->psp_tsc_offset);
  write_guest(m, guest->slot.id, to, page);
  target.guest = {attributes.gpa_pfn() << 12};
  target.allowed = {rmp::permissions{told.vmpl0_perms().raw}, rmp::permissions{told.vmpl1_perms().raw},
                    rmp::permissions{told.vmpl2_perms().raw}, rmp::permissions{told.vmpl3_perms().raw}};
  target.validated = attributes.page_validated();
  put_entry(ctx, m, to, target);
  return status::success;
}

}  // namespace sevspec::inline v0::firmware

#endif
