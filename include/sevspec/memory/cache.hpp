// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MEMORY_CACHE_HPP
#define SEVSPEC_MEMORY_CACHE_HPP

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>

#include <gsl/assert>

#include <sevspec/base/address.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/memory/byte_memory.hpp>

/// What lies in caches between agents and the memory controller: plaintext, tagged with the key it was read with.
/// Whoever wants no caches uses the controller itself; `cached_memory.hpp` has the views that agents use.
namespace sevspec::inline v0::memory {

/// A core complex: the cores that share one L3 cache.
struct ccx {
  std::uint32_t value{};
  friend constexpr auto operator<=>(ccx, ccx) = default;
};

inline constexpr std::size_t line_bytes = 64;

/// The first byte of the line that holds an sPA.
[[nodiscard]] constexpr auto line_base(spa where) noexcept -> spa { return {where.value & ~std::uint64_t{63}}; }

/// One line. Its tag is sPA *and* context: which key its bytes were deciphered with (PAG-COH-02).
struct cache_line {
  spa where{};  ///< a multiple of 64
  memory_key key = memory_key::none();
  ccx holder{};
  bool dirty{};  ///< newer than memory
  std::array<std::uint8_t, line_bytes> data{};

  friend constexpr auto operator==(const cache_line&, const cache_line&) -> bool = default;
};

/// A cache that is not there: references go to memory at once, and there is nothing to flush. It has the operations of
/// `tagged_cache`, so that code which takes one works without (ENC-COH-07).
struct no_cache {
  template <byte_memory M>
  [[nodiscard]] static constexpr auto read(M& memory, ccx, spa where, memory_key key, std::span<std::uint8_t> out)
      -> memory_status {
    return memory.read(where, key, out);
  }
  template <byte_memory M>
  [[nodiscard]] static constexpr auto write(M& memory, ccx, spa where, memory_key key, std::span<const std::uint8_t> in)
      -> memory_status {
    return memory.write(where, key, in);
  }
  template <byte_memory M>
  static constexpr void wbinvd(M&, ccx) noexcept {}
  template <byte_memory M>
  static constexpr void wbnoinvd(M&, ccx) noexcept {}
  static constexpr void discard(ccx) noexcept {}
  template <byte_memory M>
  static constexpr void clflush(M&, spa, memory_key) noexcept {}
  template <byte_memory M>
  static constexpr void flush_page(M&, page_number<system_physical>, memory_key) noexcept {}
  template <byte_memory M>
  static constexpr void snoop(M&, spa, std::size_t, memory_key, bool) noexcept {}

  friend constexpr auto operator==(const no_cache&, const no_cache&) -> bool = default;
};

/// The caches of all core complexes, taken as one: at most one line for each sPA and context, held by the complex that
/// used it last. Every line is found by looking at all, so keep the capacity small.
///
/// What hardware leaves open is a step of its own: `evict` may happen to any line at any time. Beyond the capacity the
/// line that came first goes first. A regular value: equal caches hold the same lines in the same order.
/// @tparam Capacity  lines of all core complexes together, at least 1
template <std::size_t Capacity>
class tagged_cache {
  static_assert(Capacity >= 1);

 public:
  /// @param coherent  CPUID Fn8000_001F EAX[10]: hardware keeps different contexts of one sPA coherent (ENC-COH-01, 02)
  constexpr explicit tagged_cache(bool coherent) noexcept : coherent_(coherent) {}

  [[nodiscard]] constexpr auto coherent() const noexcept -> bool { return coherent_; }
  /// In the order of their arrival.
  [[nodiscard]] constexpr auto lines() const noexcept -> std::span<const cache_line> {
    return std::span{lines_}.first(size_);
  }
  /// The line of an sPA in a context; null if there is none.
  [[nodiscard]] constexpr auto find(spa where, memory_key key) const noexcept -> const cache_line* {
    const std::size_t index = index_of(line_base(where), key);
    return index == size_ ? nullptr : &lines_[index];
  }

  // --- references of processors

  /// @param by  the core complex of the processor
  /// @return what memory says of lines that are not here; memory answers for whole lines
  template <byte_memory M>
  [[nodiscard]] constexpr auto read(M& memory, ccx by, spa where, memory_key key, std::span<std::uint8_t> out)
      -> memory_status {
    if (const auto status = status_of(memory, where, key, out.size()); status != memory_status::ok) return status;
    for (std::size_t done = 0; done < out.size();) {
      const spa from = where + done;
      const std::size_t inside = from.value % line_bytes;
      const std::size_t size = std::min(line_bytes - inside, out.size() - done);
      const cache_line& line = bring(memory, by, line_base(from), key);
      std::ranges::copy(std::span{line.data}.subspan(inside, size), out.subspan(done).begin());
      done += size;
    }
    return memory_status::ok;
  }

  /// Writes stay here until their line is written back.
  template <byte_memory M>
  [[nodiscard]] constexpr auto write(M& memory, ccx by, spa where, memory_key key, std::span<const std::uint8_t> in)
      -> memory_status {
    if (const auto status = status_of(memory, where, key, in.size()); status != memory_status::ok) return status;
    for (std::size_t done = 0; done < in.size();) {
      const spa to = where + done;
      const std::size_t inside = to.value % line_bytes;
      const std::size_t size = std::min(line_bytes - inside, in.size() - done);
      cache_line& line = bring(memory, by, line_base(to), key);
      std::ranges::copy(in.subspan(done, size), std::span{line.data}.subspan(inside).begin());
      line.dirty = true;
      done += size;
    }
    return memory_status::ok;
  }

  /// Whether a reference can be answered.
  template <byte_memory M>
  [[nodiscard]] constexpr auto status_of(M& memory, spa where, memory_key key, std::size_t bytes) const
      -> memory_status {
    if (bytes == 0) return memory_status::ok;
    if ((where + (bytes - 1)).value < where.value) return memory_status::no_memory;
    const std::uint64_t lines = (where.value % line_bytes + bytes + line_bytes - 1) / line_bytes;
    for (std::uint64_t i = 0; i < lines; ++i) {
      const spa line = line_base(where) + i * line_bytes;
      if (index_of(line, key) != size_) continue;
      if (const auto status = status_in(memory, line, key); status != memory_status::ok) return status;
    }
    return memory_status::ok;
  }

  // --- instructions   APM vol. 3; ENC-COH-03, ENC-COH-04

  /// WBINVD by a core of a complex: its dirty lines, whatever their context, go to memory; none stays.
  template <byte_memory M>
  constexpr void wbinvd(M& memory, ccx by) {
    write_back_and_drop(memory, [&](const cache_line& line) { return line.holder == by; });
  }
  /// WBNOINVD: as WBINVD, but the lines stay.
  template <byte_memory M>
  constexpr void wbnoinvd(M& memory, ccx by) {
    for (std::size_t i = 0; i < size_; ++i)
      if (lines_[i].holder == by) write_back(memory, lines_[i]);
  }
  /// The lines of a complex disappear, and with them what was written: INVD, if HWCR lets it; see `invd`.
  constexpr void discard(ccx by) noexcept {
    drop_if([&](const cache_line& line) { return line.holder == by; });
  }
  /// CLFLUSH, CLFLUSHOPT: the line of an sPA in all caches. It reaches the context of the mapping that it is made
  /// through, and other contexts only where hardware keeps them coherent (ENC-COH-03, ENC-VPF-04).
  template <byte_memory M>
  constexpr void clflush(M& memory, spa where, memory_key key) {
    write_back_and_drop(memory, [&](const cache_line& line) {
      return line.where == line_base(where) && (coherent_ || line.key == key);
    });
  }
  /// What VM_PAGE_FLUSH does: the lines of a 4K page in one context, in all caches (ENC-VPF-02); see
  /// `vm_page_flush.hpp`.
  template <byte_memory M>
  constexpr void flush_page(M& memory, page_number<system_physical> page, memory_key key) {
    write_back_and_drop(memory, [&](const cache_line& line) { return page_of(line.where) == page && line.key == key; });
  }

  // --- steps that hardware may take

  /// A line leaves, written back if it is dirty.
  /// @param index  position in `lines()`
  template <byte_memory M>
  constexpr void evict(M& memory, std::size_t index) {
    Expects(index < size_);
    write_back(memory, lines_[index]);
    erase(index);
  }

  /// Before a device's reference to memory: the lines it touches, in its own context alone (ENC-COH-02), are written
  /// back, and dropped if it writes.
  template <byte_memory M>
  constexpr void snoop(M& memory, spa where, std::size_t bytes, memory_key key, bool writes) {
    if (bytes == 0) return;
    const auto touched = [&](const cache_line& line) {
      return line.key == key && line.where >= line_base(where) && line.where <= line_base(where + (bytes - 1));
    };
    for (std::size_t i = 0; i < size_; ++i)
      if (touched(lines_[i])) write_back(memory, lines_[i]);
    if (writes) drop_if(touched);
  }

  friend constexpr auto operator==(const tagged_cache&, const tagged_cache&) -> bool = default;

 private:
  [[nodiscard]] constexpr auto index_of(spa line, memory_key key) const noexcept -> std::size_t {
    for (std::size_t i = 0; i < size_; ++i)
      if (lines_[i].where == line && lines_[i].key == key) return i;
    return size_;
  }

  template <byte_memory M>
  [[nodiscard]] static constexpr auto status_in(M& memory, spa line, memory_key key) -> memory_status {
    if constexpr (requires { memory.status_of(line, key, line_bytes); }) {
      return memory.status_of(line, key, line_bytes);
    } else {
      std::array<std::uint8_t, line_bytes> ignored{};
      return memory.read(line, key, ignored);
    }
  }

  /// The line, which memory is known to answer for, held by a complex from now on.
  template <byte_memory M>
  constexpr auto bring(M& memory, ccx by, spa line, memory_key key) -> cache_line& {
    std::size_t index = index_of(line, key);
    if (index == size_) {
      if (coherent_) write_back_and_drop(memory, [&](const cache_line& other) { return other.where == line; });
      if (size_ == Capacity) evict(memory, 0);
      index = size_;
      lines_[index] = {.where = line, .key = key};
      const auto status = memory.read(line, key, lines_[index].data);
      Expects(status == memory_status::ok);
      ++size_;
    }
    lines_[index].holder = by;
    return lines_[index];
  }

  /// Under the key that the slot holds now.
  template <byte_memory M>
  static constexpr void write_back(M& memory, cache_line& line) {
    if (!line.dirty) return;
    const auto status = memory.write(line.where, line.key, line.data);
    Expects(status == memory_status::ok);  // memory gave the line, so it takes it
    line.dirty = false;
  }

  template <byte_memory M, class Which>
  constexpr void write_back_and_drop(M& memory, const Which& which) {
    for (std::size_t i = 0; i < size_; ++i)
      if (which(lines_[i])) write_back(memory, lines_[i]);
    drop_if(which);
  }

  template <class Which>
  constexpr void drop_if(const Which& which) noexcept {
    for (std::size_t i = size_; i-- > 0;)
      if (which(lines_[i])) erase(i);
  }

  constexpr void erase(std::size_t index) noexcept {
    for (; index + 1 < size_; ++index) lines_[index] = lines_[index + 1];
    lines_[--size_] = {};
  }

  bool coherent_;
  std::size_t size_{};
  std::array<cache_line, Capacity> lines_{};  ///< those from `size_` on are all alike, so that equal caches are equal
};

/// HWCR.INVDWBINVD, bit 4 of MSR C001_0015: INVD does what WBINVD does.
inline constexpr std::uint64_t hwcr_invd_wbinvd = 1U << 4;

/// INVD by a core: the lines of its whole core complex disappear (CacheWarp, CVE-2023-20592) unless HWCR says that they
/// are written back.   APM vol. 3, INVD
/// @param hwcr  MSR C001_0015
template <class Context, class Cache, byte_memory M>
constexpr void invd(Context& ctx, Cache& cache, M& memory, ccx by, std::uint64_t hwcr) {
  if (ctx.applies(rule::ENC_COH_05, (hwcr & hwcr_invd_wbinvd) != 0)) cache.wbinvd(memory, by);
  else cache.discard(by);
}

}  // namespace sevspec::inline v0::memory

#endif
