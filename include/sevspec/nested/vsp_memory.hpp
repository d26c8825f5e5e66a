// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_VSP_MEMORY_HPP
#define SEVSPEC_NESTED_VSP_MEMORY_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <sevspec/base/address.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/firmware/bytes.hpp>
#include <sevspec/memory/byte_memory.hpp>
#include <sevspec/nested/identity_map.hpp>
#include <sevspec/rmp/store.hpp>

/// L1's memory, as a virtual AMD-SP sees it.
namespace sevspec::inline v0::nested {

/// What lies behind a page of L1's.
struct page_backing {
  rmp::spfn page{};
  bool is_private = false;  ///< L1 is confidential and has the page encrypted under its own key: L0 cannot read it

  friend constexpr auto operator==(const page_backing&, const page_backing&) -> bool = default;
};
/// L0's map from gPAs of L1 to sPAs, by page.
using page_backings = std::map<std::uint64_t, page_backing>;

using page_bytes = firmware::byte_array<4096>;

/// Pages that L1 has given away and does not read: the virtual AMD-SP keeps their contents.   NEST-VSP-21
using hidden_pages = std::map<std::uint64_t, page_bytes>;

/// Where a byte of L1's is; nothing if there is no memory.
[[nodiscard]] inline auto real_address(const page_backings& map, std::uint64_t where) -> std::optional<spa> {
  const auto found = map.find(where >> 12);
  if (found == map.end()) return {};
  return address_of(found->second.page) + where % 4096;
}

/// L1's memory during one command. Every page is read from L1 at most once, however often a command looks at it, and
/// nothing is written to L1 before the command is decided (NES-SP-02, NEST-VSP-10).
///
/// Addresses are of type `spa`, since the firmware's functions call them so; they are gPAs of L1.
template <class Memory>
class l1_view {
 public:
  using seed = typename Memory::seed;
  /// One write of plaintext.
  struct written {
    std::uint64_t where = 0;
    std::vector<std::uint8_t> bytes{};
  };

  /// @param keys  the virtual AMD-SP has the guests' keys: what it reads and writes with them reaches memory. Without,
  ///              it reads zeros, and writes nothing.
  l1_view(Memory& below, const page_backings& map, const hidden_pages& hidden, const asid_map& asids, l1_id who,
          bool keys)
      : below_(below), map_(map), hidden_(hidden), asids_(asids), who_(who), keys_(keys) {}

  auto read(spa where, memory_key key, std::span<std::uint8_t> out) -> memory::memory_status {
    using enum memory::memory_status;
    if (!answers(where.value, out.size())) return no_memory;
    if (!is_guest(key)) {
      for_pieces(where.value, out.size(), [&](std::uint64_t at, std::size_t done, std::size_t size) {
        std::ranges::copy(std::span{current_page(at >> 12)}.subspan(at % 4096, size), out.begin() + offset(done));
      });
      return ok;
    }
    if (!keys_) {
      std::ranges::fill(out, std::uint8_t{0});
      return ok;
    }
    const auto real = asids_.real_of(who_, {key.slot});
    if (!real) return no_key;
    auto result = ok;
    for_pieces(where.value, out.size(), [&](std::uint64_t at, std::size_t done, std::size_t size) {
      const auto status = below_.read(*real_address(map_, at), memory_key::guest(*real), out.subspan(done, size));
      if (status != ok) result = status;
    });
    return result;
  }

  auto write(spa where, memory_key key, std::span<const std::uint8_t> in) -> memory::memory_status {
    using enum memory::memory_status;
    if (!answers(where.value, in.size())) return no_memory;
    if (!is_guest(key)) {
      put(where.value, in);
      log_.push_back({where.value, {in.begin(), in.end()}});
      return ok;
    }
    if (!keys_) return ok;
    const auto real = asids_.real_of(who_, {key.slot});
    if (!real) return no_key;
    auto result = ok;
    for_pieces(where.value, in.size(), [&](std::uint64_t at, std::size_t done, std::size_t size) {
      const auto status = below_.write(*real_address(map_, at), memory_key::guest(*real), in.subspan(done, size));
      if (status != ok) result = status;
    });
    return result;
  }

  /// The key of a guest that is being activated waits until its ASID stands for one of the machine's (NEST-VSP-04).
  auto install_key(asid id, seed bytes) -> bool {
    waiting_ = {id, {bytes.begin(), bytes.end()}};
    return true;
  }
  /// The key that waits, and on which of L1's ASIDs.
  [[nodiscard]] auto waiting_key() const -> const std::optional<std::pair<asid, std::vector<std::uint8_t>>>& {
    return waiting_;
  }

  /// What L1 had there when the command first looked; zeros where there is no memory that L0 reads.
  [[nodiscard]] auto original(std::uint64_t where, std::size_t size) -> std::vector<std::uint8_t> {
    std::vector<std::uint8_t> bytes(size);
    if (!answers(where, size)) return bytes;
    for_pieces(where, size, [&](std::uint64_t at, std::size_t done, std::size_t part) {
      static_cast<void>(current_page(at >> 12));
      std::ranges::copy(std::span{original_[at >> 12]}.subspan(at % 4096, part), bytes.begin() + offset(done));
    });
    return bytes;
  }
  /// Whether L0 reads all these bytes.
  [[nodiscard]] auto answers(std::uint64_t where, std::size_t size) const -> bool {
    if (size != 0 && where + (size - 1) < where) return false;
    for (std::uint64_t page = where >> 12; size != 0 && page <= (where + (size - 1)) >> 12; ++page) {
      const auto found = map_.find(page);
      if (found == map_.end() || found->second.is_private) return false;
    }
    return true;
  }

  /// Lets the command see other bytes than L1 wrote, which stay as they are.
  void pretend(std::uint64_t where, std::span<const std::uint8_t> bytes) {
    if (!answers(where, bytes.size())) return;
    put(where, bytes);
    pretended_.push_back({where, {bytes.begin(), bytes.end()}});
  }

  /// What the command has written, in order.
  [[nodiscard]] auto log() -> std::vector<written>& { return log_; }
  /// A page as the command has left it.
  [[nodiscard]] auto now(std::uint64_t page) -> const page_bytes& { return current_page(page); }

  /// Writes to L1 what the command has written, but for hidden pages and for what it was made to believe.
  /// @param is_hidden  `is_hidden(page) -> bool`
  template <class IsHidden>
  void commit(IsHidden&& is_hidden) {
    for (written& one : log_) {
      for (const written& lie : pretended_) {
        const std::uint64_t first = std::max(one.where, lie.where);
        const std::uint64_t last = std::min(one.where + one.bytes.size(), lie.where + lie.bytes.size());
        if (first >= last) continue;
        const auto truth = original(first, last - first);
        std::ranges::copy(truth, one.bytes.begin() + offset(first - one.where));
      }
      for_pieces(one.where, one.bytes.size(), [&](std::uint64_t at, std::size_t done, std::size_t size) {
        if (is_hidden(at >> 12)) return;
        const auto part = std::span<const std::uint8_t>{one.bytes}.subspan(done, size);
        static_cast<void>(below_.write(*real_address(map_, at), memory_key::none(), part));
      });
    }
    log_.clear();
  }

 private:
  [[nodiscard]] static auto is_guest(memory_key key) -> bool {
    return key != memory_key::none() && key != memory_key::host();
  }
  [[nodiscard]] static auto offset(std::uint64_t bytes) -> std::ptrdiff_t { return static_cast<std::ptrdiff_t>(bytes); }

  /// A range, page by page: address, bytes before it, bytes.
  template <class Step>
  static void for_pieces(std::uint64_t where, std::size_t size, Step&& step) {
    for (std::size_t done = 0; done < size;) {
      const std::uint64_t at = where + done;
      const std::size_t part = std::min<std::size_t>(size - done, 4096 - at % 4096);
      step(at, done, part);
      done += part;
    }
  }
  auto current_page(std::uint64_t page) -> page_bytes& {
    const auto [found, fresh] = current_.try_emplace(page);
    if (fresh) {
      const auto hidden = hidden_.find(page);
      if (hidden != hidden_.end()) found->second = hidden->second;
      else static_cast<void>(below_.read(*real_address(map_, page << 12), memory_key::none(), found->second));
      original_[page] = found->second;
    }
    return found->second;
  }
  void put(std::uint64_t where, std::span<const std::uint8_t> in) {
    for_pieces(where, in.size(), [&](std::uint64_t at, std::size_t done, std::size_t size) {
      std::ranges::copy(in.subspan(done, size), current_page(at >> 12).begin() + offset(at % 4096));
    });
  }

  Memory& below_;
  const page_backings& map_;
  const hidden_pages& hidden_;
  const asid_map& asids_;
  l1_id who_;
  bool keys_;
  std::map<std::uint64_t, page_bytes> original_{};
  std::map<std::uint64_t, page_bytes> current_{};
  std::vector<written> log_{};
  std::vector<written> pretended_{};
  std::optional<std::pair<asid, std::vector<std::uint8_t>>> waiting_{};
};

}  // namespace sevspec::inline v0::nested

#endif
