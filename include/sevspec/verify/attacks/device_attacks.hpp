// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_ATTACKS_DEVICE_ATTACKS_HPP
#define SEVSPEC_VERIFY_ATTACKS_DEVICE_ATTACKS_HPP

#include <array>
#include <cstdint>

#include <sevspec/memory/cache.hpp>
#include <sevspec/memory/cached_memory.hpp>
#include <sevspec/verify/attacks/attack.hpp>
#include <sevspec/verify/attacks/memory_stage.hpp>
#include <sevspec/verify/attacks/remap_attacks.hpp>

/// Attacks past the processor's checks: by devices, and by what lies between memory and processor.
namespace sevspec::inline v0::verify::attacks {

namespace detail {

/// A device puts old ciphertext back.
inline auto replay_by_device(memory_stage& m, const memory::dma_path& path) -> verdict {
  constexpr gpa page{0x5000};
  const spa place = m.give(m.a, page);
  if (const auto done = m.guest_write(m.a, page, secret_block); !done) return stopped_by(done.error());
  const block old = m.raw(place);  // however it was learned
  if (const auto done = m.guest_write(m.a, page, other_block); !done) return stopped_by(done.error());
  if (const auto done = m.device_write(place, old, path); !done) return stopped_by(done.error());
  block seen{};
  if (const auto done = m.guest_read(m.a, page, seen); !done) return stopped_by(done.error());
  return success_if(seen == secret_block);
}

inline auto device_corruption(const setting& at) -> verdict {
  memory_stage m(at);
  return replay_by_device(m, m.dma_path());
}

/// Turin was not affected: AMD-SB-3003 names the third and fourth generation.
inline auto unchecked_device_entry(const setting& at) -> verdict {
  memory_stage m(at);
  memory::dma_path path = m.dma_path();
  path.iommu_rmp_bypass = !at.fixed && (at.where == column::milan || at.where == column::genoa);
  return replay_by_device(m, path);
}

/// Firmware was led to turn the IOMMU's checks off. Shown on the fourth and fifth generation.
inline auto iommu_turned_off(const setting& at) -> verdict {
  if (!at.snp()) return {};
  memory_stage m(at);
  memory::dma_path path = m.dma_path();
  path.snp = at.fixed || at.where == column::milan;
  return replay_by_device(m, path);
}

/// A second address reaches the page of the guest, and belongs to nobody.
inline auto replay_by_alias(const setting& at) -> verdict {
  memory_stage m(at);
  constexpr gpa page{0x5000};
  constexpr std::uint64_t ignored = memory_stage::dram_bytes;
  const spa place = m.give(m.a, page);
  m.alias(ignored);
  if (const auto done = m.guest_write(m.a, page, secret_block); !done) return stopped_by(done.error());
  const block old = m.host_block(place + ignored);
  if (const auto done = m.guest_write(m.a, page, other_block); !done) return stopped_by(done.error());
  if (const auto done = m.host_write(place + ignored, old); !done) return stopped_by(done.error());
  block seen{};
  if (const auto done = m.guest_read(m.a, page, seen); !done) return stopped_by(done.error());
  return success_if(seen == secret_block);
}

/// The interposer is for DDR4: nobody has shown one for the fourth and fifth generation.
inline auto battering_ram(const setting& at) -> verdict {
  if (at.where == column::genoa || at.where == column::turin) return {};
  return replay_by_alias(at);
}

/// Between two steps of the guest the hypervisor has a core throw its cache away.
inline auto cache_warp(const setting& at) -> verdict {
  memory_stage m(at);
  constexpr gpa page{0x5000};
  const spa place = m.give(m.a, page);
  memory::tagged_cache<8> lines{m.part.hw_coherent};
  const memory::cached_memory core(m.memory, lines);
  const memory_key key = memory_key::guest(m.a.id);
  const auto put = [&](const block& what) { return core.write(place, key, what) == memory::memory_status::ok; };
  if (!put(secret_block)) return {.how = ending::stopped};
  lines.wbinvd(m.memory, {});
  if (!put(other_block)) return {.how = ending::stopped};
  m.watch.wrote(m.a.id, page, other_block);
  // Third generation: before its microcode INVD threw lines away; later parts write them back while SNP is on.
  const bool writes_back = at.snp() && (at.fixed || at.where != column::milan);
  memory::invd(m.ctx, lines, m.memory, {}, writes_back ? memory::hwcr_invd_wbinvd : 0);
  const rule why = m.ctx.listener.last_effect;
  block seen{};
  if (core.read(place, key, seen) != memory::memory_status::ok) return {.how = ending::stopped};
  m.watch.read(m.a.id, page, seen, page_of(place));
  if (seen == secret_block) return {.how = ending::success};
  return {.how = ending::stopped, .decided_by = why};
}

}  // namespace detail

inline constexpr std::array device_attacks{
    attack{"ATK-17", "Battering RAM: addresses that change at run time", "2025", "an interposer on the memory module",
           "After boot, let a second address reach a page; replay through it.", "the guest reads the old value", "",
           detail::battering_ram},
    attack{"ATK-22", "BreakFAST: firmware turns the IOMMU's checks off", "S&P 2026 (CVE-2025-61971, 61972)", "a device",
           "Have the firmware write the fabric's registers; write to a guest's page by DMA.",
           "the guest reads the old value", "firmware that refuses", detail::iommu_turned_off},
    attack{"ATK-23", "DMA without a device-table entry", "CVE-2023-20584", "a device",
           "Write old ciphertext to a guest's page by DMA that no valid device-table entry translates.",
           "the guest reads the old value", "firmware of AMD-SB-3003", detail::unchecked_device_entry},
    attack{"ATK-24", "DMA to a private page", "derived", "a device", "Write old ciphertext to a guest's page by DMA.",
           "the guest reads the old value", "", detail::device_corruption},
    attack{"ATK-56", "CacheWarp: INVD drops writes", "Zhang et al., USENIX Security 2024 (CVE-2023-20592)",
           "single steps by the APIC timer", "INVD between the guest's write and the line's way to memory.",
           "the guest reads the value before", "microcode: INVD writes back", detail::cache_warp},
};

}  // namespace sevspec::inline v0::verify::attacks

#endif
