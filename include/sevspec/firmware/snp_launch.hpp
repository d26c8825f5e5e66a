// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_SNP_LAUNCH_HPP
#define SEVSPEC_FIRMWARE_SNP_LAUNCH_HPP

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>

#include <sevspec/firmware/asid_commands.hpp>
#include <sevspec/firmware/cpuid_check.hpp>
#include <sevspec/firmware/guests.hpp>
#include <sevspec/firmware/id_block_signature.hpp>
#include <sevspec/firmware/launch_digest.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/operands.hpp>
#include <sevspec/firmware/vmsa_transform.hpp>
#include <sevspec/layout/id_block.hpp>
#include <sevspec/layout/secrets_page.hpp>
#include <sevspec/layout/snp_command.hpp>

/// What an SNP guest is launched with: its pages, and its identity.   SNP ABI, SNP_LAUNCH_UPDATE, SNP_LAUNCH_FINISH
namespace sevspec::inline v0::firmware {

/// The secrets page of a guest.   FW-SNP-LUP-12
[[nodiscard]] inline auto secrets_of(const hardware& hw, const snp_guest& guest) -> layout::secrets_page {
  layout::secrets_page made;
  made.set_version(hw.secrets_version);
  made.set_flags(layout::secrets_page_flags{}.set_imi_en(guest.imi_en));
  made.set_fms(hw.family_model_stepping);
  made.set_gosvw(guest.gosvw);
  made.set_vmpck0(guest.vmpck[0]);
  made.set_vmpck1(guest.vmpck[1]);
  made.set_vmpck2(guest.vmpck[2]);
  made.set_vmpck3(guest.vmpck[3]);
  made.set_vmsa_tweak_bitmap(hw.vmsa_tweak_bitmap);
  made.set_tsc_factor(hw.tsc_factor);
  if (hw.secrets_version >= 4) made.set_launch_mit_vector(guest.launch_mitigation);
  return made;
}

/// SNP_LAUNCH_UPDATE: a page becomes the guest's, and is measured.   FW-SNP-LUP-01 to 16
template <class Context, class Machine>
[[nodiscard]] auto snp_launch_update(Context& ctx, Machine& m, const layout::cmd_snp_launch_update& cmd) -> status {
  using enum snp_page_type;
  using table = typename Machine::table_type;
  if (const status bad = check_reserved(ctx, cmd); bad != status::success) return bad;
  if (const status bad = check_page_address(ctx, cmd.gctx_paddr()); bad != status::success) return bad;
  const spa where = target_of(m, cmd.page_paddr());
  if (const status bad = check_page_address(ctx, where.value); bad != status::success) return bad;
  const auto guest = find_snp(ctx, m, cmd.gctx_paddr());
  if (!guest) return guest.code;
  const bool large = cmd.flags().page_size();
  const snp_page_type type = cmd.flags().page_type();
  const std::uint64_t size = (large ? std::uint64_t{table::sub_pages} : 1) * 4096;
  if (const status bad = check_page(ctx, m, where, size); bad != status::success) return bad;
  rmp::entry page = entry_at(m, where);
  if (ctx.denies(rule::FW_SNP_LUP_02, state_at(m, where) != rmp::page_state::pre_guest))
    return status::invalid_page_state;
  if (ctx.denies(rule::FW_SNP_LUP_03, page.large != large)) return status::invalid_page_size;
  if (ctx.denies(rule::FW_SNP_LUP_04, large && !rmp::is_large_page_base<table>(page_of(where))))
    return status::invalid_address;
  if (ctx.denies(rule::FW_SNP_LUP_05, type < normal || type > cpuid)) return status::invalid_param;
  const bool small_only = type == vmsa_ || type == secrets || type == cpuid;
  if (ctx.denies(rule::FW_SNP_LUP_05, small_only && large)) return status::invalid_page_size;
  if (ctx.denies(rule::FW_SNP_LUP_06, guest->state != context_state::launch)) return status::invalid_guest_state;
  if (ctx.denies(rule::FW_SNP_LUP_07, guest->slot.id == host_asid)) return status::inactive;
  if (ctx.denies(rule::FW_SNP_LUP_08, page.id != guest->slot.id)) return status::invalid_page_owner;
  if (ctx.denies(rule::FW_SNP_LUP_09, guest->imi_en && !cmd.flags().imi_page())) return status::invalid_param;

  byte_array<4096> bytes{};
  if (type == cpuid) {
    read_plain(ctx, m, cmd.page_paddr(), bytes);
    const cpuid_verdict verdict = check_cpuid(m.hw.cpuid_policy, bytes.data(), bytes.size());
    if (ctx.denies(rule::FW_SNP_LUP_13, verdict.malformed)) return status::invalid_param;
    if (ctx.denies(rule::FW_SNP_LUP_13, verdict.corrected)) {
      write_plain(ctx, m, cmd.page_paddr(), bytes);  // what the hypervisor may ask for next
      return status::invalid_param;
    }
  }
  const layout::cmd_snp_launch_update_perms perms = cmd.perms();
  const auto permissions_of = [](std::uint32_t raw) { return static_cast<std::uint8_t>(raw & 0xff); };
  const std::array<std::uint8_t, 3> given{permissions_of(perms.vmpl1_perms()), permissions_of(perms.vmpl2_perms()),
                                          permissions_of(perms.vmpl3_perms())};
  launch_digests digests{.ld = guest->launch_digest, .imd = guest->imd};
  launch_page step{.type = type, .where = page.guest, .imi = cmd.flags().imi_page()};
  for (std::size_t i = 0; i < 3; ++i) step.allowed[i].raw = given[i];
  const std::uint64_t pieces = large ? std::uint64_t{table::sub_pages} : 1;
  for (std::uint64_t i = 0; i < pieces; ++i) {
    read_plain(ctx, m, cmd.page_paddr() + i * 4096, bytes);
    step.where = page.guest + i * 4096;
    digests.add(step, contents_digest(type, bytes));
    if (type == zero) bytes.fill(0);
    if (type == secrets) std::ranges::copy(secrets_of(m.hw, *guest).bytes(), bytes.begin());
    if (type == vmsa_) prepare_vmsa(bytes, m.hw, *guest, m.random);
    write_guest(m, guest->slot.id, where + i * 4096, bytes);
  }
  guest->launch_digest = digests.ld;
  guest->imd = digests.imd;
  for (std::size_t i = 0; i < 3; ++i) page.allowed[i + 1].raw = given[i];
  if (type == vmsa_) page.vmsa = true;
  page.validated = true;
  page.immutable = false;
  put_entry(ctx, m, where, page);
  return status::success;
}

namespace detail {

/// What SNP_LAUNCH_FINISH keeps of an ID block.
struct guest_identity {
  bool id_block_en = false;
  layout::id_block block{};
  id_key_digests digests{};
};

/// The ID block of SNP_LAUNCH_FINISH.   FW-SNP-LFIN-04 to 10, 12
template <class Context, class Machine>
[[nodiscard]] auto check_identity(Context& ctx, const Machine& m, const snp_guest& guest,
                                  const layout::cmd_snp_launch_finish& cmd, guest_identity& made) -> status {
  constexpr std::uint64_t block_bytes = layout::size_of<layout::id_block>;
  constexpr std::uint64_t auth_bytes = layout::size_of<layout::id_auth>;
  const bool with_author = cmd.flags().auth_key_en();
  if (const status bad = check_range(ctx, m, cmd.id_block_paddr(), block_bytes); bad != status::success) return bad;
  if (const status bad = check_range(ctx, m, cmd.id_auth_paddr(), auth_bytes); bad != status::success) return bad;
  made.id_block_en = true;
  made.block = read_image<layout::id_block>(ctx, m, cmd.id_block_paddr());
  const auto auth = read_image<layout::id_auth>(ctx, m, cmd.id_auth_paddr());
  const bool known = made.block.version() == 1 || !ctx.choices.id_block_version_checked;
  if (ctx.denies(rule::FW_SNP_LFIN_12, !known)) return status::invalid_param;
  if (ctx.denies(rule::FW_SNP_LFIN_04, !is_same(made.block.ld(), guest.launch_digest))) return status::bad_measurement;
  if (ctx.denies(rule::FW_SNP_LFIN_05, made.block.policy().raw != guest.policy.raw)) return status::policy_failure;
  const auto verified = verify_id_block(made.block, auth, with_author);
  using enum id_block_error;
  const auto failed = [&](id_block_error one, id_block_error other) {
    return !verified && (verified.error() == one || verified.error() == other);
  };
  if (ctx.denies(rule::FW_SNP_LFIN_06, failed(id_key_algorithm, author_key_algorithm))) return status::invalid_param;
  if (ctx.denies(rule::FW_SNP_LFIN_07, failed(id_key, id_block_signature))) return status::bad_signature;
  if (ctx.denies(rule::FW_SNP_LFIN_09, failed(author_key, id_key_signature))) return status::bad_signature;
  if (verified) made.digests = *verified;
  return status::success;
}

}  // namespace detail

/// SNP_LAUNCH_FINISH: the guest may run.   FW-SNP-LFIN-01 to 12
template <class Context, class Machine>
[[nodiscard]] auto snp_launch_finish(Context& ctx, Machine& m, const layout::cmd_snp_launch_finish& cmd) -> status {
  if (const status bad = check_reserved(ctx, cmd); bad != status::success) return bad;
  if (const status bad = check_page_address(ctx, cmd.gctx_paddr()); bad != status::success) return bad;
  const auto guest = find_snp(ctx, m, cmd.gctx_paddr());
  if (!guest) return guest.code;
  const bool ready = guest->state == context_state::launch && !guest->imi_en;
  if (ctx.denies(rule::FW_SNP_LFIN_02, !ready)) return status::invalid_guest_state;
  if (ctx.denies(rule::FW_SNP_LFIN_03, guest->slot.id == host_asid)) return status::inactive;
  const bool with_block = cmd.flags().id_block_en();
  const bool with_author = cmd.flags().auth_key_en();
  const bool lonely_author = with_author && !with_block && ctx.choices.strict_id_block;
  if (ctx.denies(rule::FW_SNP_LFIN_06, lonely_author)) return status::invalid_param;
  detail::guest_identity identity;
  if (with_block)
    if (const status bad = detail::check_identity(ctx, m, *guest, cmd, identity); bad != status::success) return bad;
  if (const status bad = make_runnable(m, *guest); bad != status::success) return bad;
  guest->id_block_en = identity.id_block_en;
  guest->id_block = identity.block;
  guest->id_key_digest = identity.digests.id_key;
  guest->author_key_en = with_author;
  guest->author_key_digest = identity.digests.author_key;
  guest->vcek_dis = cmd.flags().vcek_dis();
  guest->host_data = array_of<32>(cmd.host_data());
  guest->state = context_state::running;
  return status::success;
}

}  // namespace sevspec::inline v0::firmware

#endif
