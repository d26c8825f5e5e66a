// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MIGRATION_SNP_TRANSFER_HPP
#define SEVSPEC_MIGRATION_SNP_TRANSFER_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <utility>
#include <vector>

#include <gsl/assert>

#include <sevspec/base/address.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/crypto/aes_gcm.hpp>
#include <sevspec/firmware/guest_message.hpp>
#include <sevspec/firmware/guest_migration.hpp>
#include <sevspec/firmware/guest_request.hpp>
#include <sevspec/firmware/snp_page_swap.hpp>
#include <sevspec/firmware/snp_pages.hpp>
#include <sevspec/layout/guest_message.hpp>
#include <sevspec/layout/snp_command.hpp>
#include <sevspec/rmp/rmpupdate.hpp>

/// How a SNP guest moves: its pages are swapped out under its offline key, the metadata about them, too, until one entry
/// in the guest's context is left; the migration agent has the context exported, carries it to the agent of the other
/// machine, which has it imported; there everything is swapped in again. Hosts carry ciphertext; what makes it fresh is the
/// context, and that there is one.   MIG-SNP-01; FW-MSG-26 to 30
namespace sevspec::inline v0::migration {

/// A page of the guest's.
struct snp_vm_page {
  spa where{};
  bool vmsa = false;

  friend constexpr auto operator==(const snp_vm_page&, const snp_vm_page&) -> bool = default;
};

/// Pages of 4K that the host has for the transfer. `buffer` is the hypervisor's; the others are taken from
/// `metadata` on, one after another, and must be the hypervisor's, too.
struct snp_buffers {
  spa buffer{};
  spa metadata{};
};

/// What a page is to the hosts.
enum class carried_as : std::uint8_t {
  data,    ///< swapped out
  vmsa,    ///< swapped out as a VMSA
  shared,  ///< copied as it is: the hypervisor's
};

/// What hosts carry: pages as they were swapped out or copied, and pages of metadata about the former, level by level, the
/// last of one page, to which the root entry in the guest's context belongs.
struct swapped_guest {
  std::vector<carried_as> kinds{};                 ///< by page
  std::vector<std::vector<std::uint8_t>> pages{};  ///< bytes, by page
  std::vector<std::vector<std::vector<std::uint8_t>>> metadata{};

  friend auto operator==(const swapped_guest&, const swapped_guest&) -> bool = default;
};

template <class Value = void>
using snp_transferred = std::expected<Value, firmware::status>;

inline constexpr std::size_t entries_per_page = 64;

namespace detail {

inline constexpr std::uint32_t type_data = 0;
inline constexpr std::uint32_t type_metadata = 1;
inline constexpr std::uint32_t type_vmsa = 2;

/// RMPUPDATE by the host.
template <class Context, class Machine>
[[nodiscard]] auto set_page(Context& ctx, Machine& m, spa where, const rmp::new_state& wanted) -> bool {
  const auto done = rmp::rmpupdate(ctx, m.rmp, {}, {}, where, wanted);
  return done && done->succeeded();
}
/// Where the entry about page `number` of a level lies.
[[nodiscard]] constexpr auto entry_place(spa metadata, std::size_t number) noexcept -> spa {
  return metadata + number / entries_per_page * 4096 + number % entries_per_page * 64;
}
/// The page that a swapped page goes to must be the firmware's while the command writes it; afterwards it is the host's
/// again.
template <class Context, class Machine>
[[nodiscard]] auto swap_out_to(Context& ctx, Machine& m, spa context, spa from, const snp_buffers& at, spa entry,
                               bool root, std::uint32_t type) -> snp_transferred<std::vector<std::uint8_t>> {
  const bool covered = m.rmp.covers(page_of(at.buffer));
  if (covered && !set_page(ctx, m, at.buffer, {.assigned = true, .immutable = true}))
    return std::unexpected{firmware::status::invalid_page_state};
  layout::cmd_snp_swap_out cmd;
  cmd.set_gctx_paddr(context.value);
  cmd.set_src_paddr(from.value);
  cmd.set_dst_paddr(at.buffer.value);
  cmd.set_mdata_paddr(root ? 0 : entry.value);
  cmd.set_flags(layout::cmd_snp_swap_out_flags{}.set_page_type(type).set_root_mdata_en(root));
  const firmware::status done = firmware::snp_page_swap_out(ctx, m, cmd);
  if (covered) {
    const firmware::status back = firmware::snp_page_reclaim(ctx, m, at.buffer.value);
    if (back != firmware::status::success || !set_page(ctx, m, at.buffer, {}))
      return std::unexpected{firmware::status::invalid_page_state};
  }
  if (done != firmware::status::success) return std::unexpected{done};
  std::vector<std::uint8_t> bytes(4096);
  firmware::read_plain(ctx, m, at.buffer.value, bytes);
  return bytes;
}
template <class Context, class Machine>
[[nodiscard]] auto swap_in_from(Context& ctx, Machine& m, spa context, spa to, const snp_buffers& at, spa entry,
                                bool root, std::uint32_t type, std::span<const std::uint8_t> bytes)
    -> snp_transferred<> {
  firmware::write_plain(ctx, m, at.buffer.value, bytes);
  layout::cmd_snp_swap_in cmd;
  cmd.set_gctx_paddr(context.value);
  cmd.set_src_paddr(at.buffer.value);
  cmd.set_dst_paddr(to.value);
  cmd.set_mdata_paddr(root ? 0 : entry.value);
  cmd.set_flags(layout::cmd_snp_swap_in_flags{}.set_page_type(type).set_root_mdata_en(root));
  const firmware::status done = firmware::snp_page_swap_in(ctx, m, cmd);
  if (done != firmware::status::success) return std::unexpected{done};
  return {};
}
/// Pages of the firmware's, for metadata.
template <class Context, class Machine>
[[nodiscard]] auto give_pages(Context& ctx, Machine& m, spa first, std::size_t count) -> bool {
  for (std::size_t i = 0; i < count; ++i)
    if (!set_page(ctx, m, first + i * 4096, {.assigned = true, .immutable = true})) return false;
  return true;
}

}  // namespace detail

/// Swaps a guest out; copies what is shared. Its vCPUs have stopped.
/// @param context  its context page
/// @param pages    one of them at least is private
/// @return the status of the command that fails; INVALID_PAGE_STATE if RMPUPDATE does
template <class Context, class Machine>
[[nodiscard]] auto swap_guest_out(Context& ctx, Machine& m, spa context, std::span<const snp_vm_page> pages,
                                  const snp_buffers& at) -> snp_transferred<swapped_guest> {
  using firmware::status;
  swapped_guest made;
  made.pages.resize(pages.size());
  std::vector<spa> level;             // what is swapped out next
  std::vector<std::size_t> of_guest;  // which page of the guest's it is, on the first level
  for (std::size_t i = 0; i < pages.size(); ++i) {
    const rmp::entry entry = m.rmp.entry_of(page_of(pages[i].where));
    made.kinds.push_back(!entry.assigned ? carried_as::shared : pages[i].vmsa ? carried_as::vmsa : carried_as::data);
    if (!entry.assigned) {
      made.pages[i].resize(4096);
      firmware::read_plain(ctx, m, pages[i].where.value, made.pages[i]);
      continue;
    }
    const rmp::new_state kept{.assigned = true, .immutable = true, .id = entry.id, .guest = entry.guest};
    if (!entry.immutable && !detail::set_page(ctx, m, pages[i].where, kept))
      return std::unexpected{status::invalid_page_state};
    level.push_back(pages[i].where);
    of_guest.push_back(i);
  }
  Expects(!level.empty());

  spa free = at.metadata;
  bool first = true;
  while (true) {
    const bool root = !first && level.size() == 1;
    const std::size_t parents = root ? 0 : (level.size() + entries_per_page - 1) / entries_per_page;
    if (!detail::give_pages(ctx, m, free, parents)) return std::unexpected{status::invalid_page_state};
    for (std::size_t i = 0; i < parents; ++i) {
      layout::cmd_snp_md_init cmd;
      cmd.set_gctx_paddr(context.value);
      cmd.set_page_paddr(free.value + i * 4096);
      if (const auto done = firmware::snp_page_md_init(ctx, m, cmd); done != status::success)
        return std::unexpected{done};
    }
    std::vector<std::vector<std::uint8_t>> swapped;
    for (std::size_t i = 0; i < level.size(); ++i) {
      const std::uint32_t type = !first                                        ? detail::type_metadata
                                 : made.kinds[of_guest[i]] == carried_as::vmsa ? detail::type_vmsa
                                                                               : detail::type_data;
      auto bytes = detail::swap_out_to(ctx, m, context, level[i], at, detail::entry_place(free, i), root, type);
      if (!bytes) return std::unexpected{bytes.error()};
      if (first) made.pages[of_guest[i]] = std::move(*bytes);
      else swapped.push_back(std::move(*bytes));
    }
    if (!first) made.metadata.push_back(std::move(swapped));
    if (root) return made;
    level.clear();
    for (std::size_t i = 0; i < parents; ++i) level.push_back(free + i * 4096);
    free = free + parents * 4096;
    first = false;
  }
}

/// Swaps a guest in: the root entry in its context tells of one page of metadata, that page of others.
/// @param context  of a guest that was imported and has an ASID
/// @param pages    where its pages shall lie: the hypervisor's
template <class Context, class Machine>
[[nodiscard]] auto swap_guest_in(Context& ctx, Machine& m, spa context, std::span<const spa> pages,
                                 const swapped_guest& from, const snp_buffers& at) -> snp_transferred<> {
  using firmware::status;
  Expects(pages.size() == from.pages.size() && from.kinds.size() == from.pages.size() && !from.metadata.empty());
  const asid id = m.sp.contexts.at(context.value).slot.id;
  spa free = at.metadata;
  spa above{};  // the level that tells of the one that is swapped in
  for (std::size_t i = from.metadata.size(); i-- > 0;) {
    const auto& level = from.metadata[i];
    const bool root = i + 1 == from.metadata.size();
    if (!detail::give_pages(ctx, m, free, level.size())) return std::unexpected{status::invalid_page_state};
    for (std::size_t page = 0; page < level.size(); ++page) {
      const auto done = detail::swap_in_from(ctx, m, context, free + page * 4096, at, detail::entry_place(above, page),
                                             root, detail::type_metadata, level[page]);
      if (!done) return done;
    }
    above = free;
    free = free + level.size() * 4096;
  }
  std::size_t number = 0;  // among those that were swapped out
  for (std::size_t page = 0; page < pages.size(); ++page) {
    if (from.kinds[page] == carried_as::shared) {
      firmware::write_plain(ctx, m, pages[page].value, from.pages[page]);
      continue;
    }
    if (!detail::set_page(ctx, m, pages[page], {.assigned = true, .immutable = true, .id = id, .guest = {}}))
      return std::unexpected{status::invalid_page_state};
    const std::uint32_t type = from.kinds[page] == carried_as::vmsa ? detail::type_vmsa : detail::type_data;
    const auto done = detail::swap_in_from(ctx, m, context, pages[page], at, detail::entry_place(above, number++),
                                           false, type, from.pages[page]);
    if (!done) return done;
    if (const auto code = firmware::snp_page_reclaim(ctx, m, pages[page].value); code != status::success)
      return std::unexpected{code};
  }
  return {};
}

// --- the agents

/// A migration agent: a guest of its own on each machine, which talks to the firmware under its VMPCK 0.
struct migration_agent {
  spa context{};   ///< its context page
  spa request{};   ///< a page of the hypervisor's
  spa response{};  ///< a page of the firmware's
};

/// Sends a guest message as the agent.
/// @return the payload of the answer
template <class Context, class Machine>
[[nodiscard]] auto ask_firmware(Context& ctx, Machine& m, const migration_agent& agent, layout::snp_message_types type,
                                std::span<const std::uint8_t> payload) -> snp_transferred<std::vector<std::uint8_t>> {
  const auto found = m.sp.contexts.find(agent.context.value);
  if (found == m.sp.contexts.end()) return std::unexpected{firmware::status::invalid_guest};
  const firmware::message_key key = found->second.vmpck[0];  // the agent has it from its secrets page
  std::vector<std::uint8_t> message(firmware::message_header_bytes + payload.size());
  firmware::seal_message(
      key,
      {.type = type, .version = 1, .vmpck = 0, .sequence = firmware::request_sequence(found->second.message_count[0])},
      payload, message);
  firmware::write_plain(ctx, m, agent.request.value, message);
  layout::cmd_snp_guest_request cmd;
  cmd.set_gctx_paddr(agent.context.value);
  cmd.set_request_paddr(agent.request.value);
  cmd.set_response_paddr(agent.response.value);
  if (const auto done = firmware::snp_guest_request(ctx, m, cmd); done != firmware::status::success)
    return std::unexpected{done};
  std::vector<std::uint8_t> bytes(4096);
  firmware::read_plain(ctx, m, agent.response.value, bytes);
  const auto parsed = firmware::parse_message(bytes);
  if (!parsed) return std::unexpected{firmware::status::bad_measurement};
  std::vector<std::uint8_t> answer(parsed->payload.size());
  if (!firmware::open_message(key, *parsed, answer)) return std::unexpected{firmware::status::bad_measurement};
  const auto status = static_cast<firmware::status>(layout::read_le<std::uint32_t>(answer.data()));
  if (status != firmware::status::success) return std::unexpected{status};
  return answer;
}

/// A guest's context between two agents, sealed. The number is the agents' defence against parcels of yesterday.
struct context_parcel {
  std::uint64_t number = 0;
  crypto::gcm_tag tag{};
  std::vector<std::uint8_t> body{};

  friend auto operator==(const context_parcel&, const context_parcel&) -> bool = default;
};

/// Which end of a channel an agent is: the two must differ.
enum class channel_end : std::uint8_t { initiator, responder };

/// What two agents share after they have attested each other, and how they seal what they send. Each end has its own
/// numbers under the one key, and does not take back what it has sealed itself.
class agent_channel {
 public:
  agent_channel(const std::array<std::uint8_t, 32>& key, channel_end end) : key_(key), end_(end) {}

  [[nodiscard]] auto seal(std::span<const std::uint8_t> bytes) -> context_parcel {
    context_parcel made{.number = next_++, .body = std::vector<std::uint8_t>(bytes.size())};
    made.tag = crypto::aes256_gcm_seal(key_, iv_of(end_, made.number), {}, bytes, made.body);
    return made;
  }
  /// @return nothing if the parcel is not the other agent's, or not newer than the last
  [[nodiscard]] auto open(const context_parcel& parcel) -> std::expected<std::vector<std::uint8_t>, bool> {
    if (parcel.number < expected_) return std::unexpected{false};
    std::vector<std::uint8_t> bytes(parcel.body.size());
    const channel_end other = end_ == channel_end::initiator ? channel_end::responder : channel_end::initiator;
    if (!crypto::aes256_gcm_open(key_, iv_of(other, parcel.number), {}, parcel.tag, parcel.body, bytes))
      return std::unexpected{false};
    expected_ = parcel.number + 1;
    return bytes;
  }

 private:
  [[nodiscard]] static auto iv_of(channel_end sender, std::uint64_t number) -> std::array<std::uint8_t, 12> {
    std::array<std::uint8_t, 12> made{};
    layout::write_le(made.data(), number);
    made[8] = static_cast<std::uint8_t>(sender);
    return made;
  }

  std::array<std::uint8_t, 32> key_;
  channel_end end_;
  std::uint64_t next_ = 1;
  std::uint64_t expected_ = 1;
};

/// The agent has a guest's context exported, which ends the guest here.   FW-MSG-26
template <class Context, class Machine>
[[nodiscard]] auto export_guest(Context& ctx, Machine& m, const migration_agent& agent, spa guest,
                                agent_channel& channel) -> snp_transferred<context_parcel> {
  layout::msg_export_req asked;
  asked.set_gctx_paddr(guest.value);
  const auto answer = ask_firmware(ctx, m, agent, layout::snp_message_types::export_req, asked.bytes());
  if (!answer) return std::unexpected{answer.error()};
  return channel.seal(std::span{*answer}.subspan(0x20, firmware::exported_bytes));
}

/// The agent has it imported into an empty context.   FW-MSG-28
/// @param guest  a context page in state INIT
template <class Context, class Machine>
[[nodiscard]] auto import_guest(Context& ctx, Machine& m, const migration_agent& agent, spa guest,
                                agent_channel& channel, const context_parcel& parcel) -> snp_transferred<> {
  const auto context = channel.open(parcel);
  if (!context || context->size() != firmware::exported_bytes)
    return std::unexpected{firmware::status::bad_measurement};
  layout::msg_import_req asked;
  asked.set_gctx_paddr(guest.value);
  asked.set_in_gctx_size(firmware::exported_bytes);
  asked.set_in_gctx_version(firmware::exported_version);
  std::ranges::copy(*context, asked.bytes().begin() + 0x20);
  const auto answer = ask_firmware(ctx, m, agent, layout::snp_message_types::import_req, asked.bytes());
  if (!answer) return std::unexpected{answer.error()};
  return {};
}

// --- predicates

/// What must be equal of a SNP guest on both sides.
enum class snp_predicate : std::uint8_t {
  page_count,
  status,     ///< private here, shared there
  plaintext,  ///< of private pages; of shared ones the bytes
  validated,
  guest_address,
  permissions,
  vmsa,
  owner,  ///< the target's guest, and nobody else
};

/// "plaintext", ...
[[nodiscard]] constexpr auto name_of(snp_predicate what) noexcept -> const char* {
  switch (what) {
    case snp_predicate::page_count:    return "page count";
    case snp_predicate::status:        return "status";
    case snp_predicate::plaintext:     return "plaintext";
    case snp_predicate::validated:     return "validated";
    case snp_predicate::guest_address: return "guest address";
    case snp_predicate::permissions:   return "permissions";
    case snp_predicate::vmsa:          return "VMSA";
    case snp_predicate::owner:         return "owner";
  }
  return "?";
}
struct snp_difference {
  snp_predicate what{};
  std::uint64_t page = 0;

  friend constexpr auto operator==(const snp_difference&, const snp_difference&) -> bool = default;
};

/// All differences.
/// @param source  as it was when the guest stopped, before it was swapped out
/// @param here, there  the guest's ASIDs
template <class Machine>
[[nodiscard]] auto compare_snp_guests(const Machine& source, asid here, std::span<const snp_vm_page> from,
                                      const Machine& target, asid there, std::span<const spa> to)
    -> std::vector<snp_difference> {
  using enum snp_predicate;
  if (from.size() != to.size()) return {{page_count, 0}};
  std::vector<snp_difference> found;
  std::array<std::uint8_t, 4096> a{};
  std::array<std::uint8_t, 4096> b{};
  for (std::uint64_t i = 0; i < from.size(); ++i) {
    const rmp::entry x = source.rmp.entry_of(page_of(from[i].where));
    const rmp::entry y = target.rmp.entry_of(page_of(to[i]));
    const auto read = [](const Machine& m, const rmp::entry& entry, asid id, spa where, std::span<std::uint8_t> out) {
      const auto key = entry.assigned ? memory_key::guest(id) : memory_key::none();
      const auto done = m.memory.read(where, key, out);
      Ensures(done == memory::memory_status::ok);
    };
    read(source, x, here, from[i].where, a);
    read(target, y, there, to[i], b);
    if (x.assigned != y.assigned) found.push_back({status, i});
    if (a != b) found.push_back({plaintext, i});
    if (x.validated != y.validated) found.push_back({validated, i});
    if (x.guest != y.guest) found.push_back({guest_address, i});
    if (x.allowed != y.allowed) found.push_back({permissions, i});
    if (x.vmsa != y.vmsa) found.push_back({vmsa, i});
    if (y.immutable || y.id != (y.assigned ? there : host_asid)) found.push_back({owner, i});
  }
  return found;
}

}  // namespace sevspec::inline v0::migration

#endif
