// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_VSP_PORT_HPP
#define SEVSPEC_NESTED_VSP_PORT_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <sevspec/firmware/dispatch.hpp>
#include <sevspec/nested/events.hpp>
#include <sevspec/nested/vsp_commands.hpp>
#include <sevspec/nested/vsp_pages.hpp>
#include <sevspec/nested/vsp_state.hpp>

/// L0 as a driver of the AMD-SP: pages for buffers, and what the AMD-SP wants of them.
namespace sevspec::inline v0::nested {

/// Pages of L0's that one command uses. They are given back when it is done.   NEST-VSP-10
template <class Context, class Physical>
class sp_port {
 public:
  sp_port(Context& ctx, l0_pages& pages, Physical& p) : ctx_(ctx), pages_(pages), p_(p) {}
  sp_port(const sp_port&) = delete;
  auto operator=(const sp_port&) -> sp_port& = delete;
  ~sp_port() {
    for (const area& one : areas_) {
      for (std::size_t i = 0; i < one.pages; i += one.large ? one.pages : 1)
        static_cast<void>(detail::take_back(ctx_, p_, one.base + i * 4096));
      pages_.release(one.base, one.pages);
    }
  }

  /// Pages with these bytes.
  /// @param offset   of the first byte in its page: as L1's buffer lies
  /// @param written  the AMD-SP writes there, so that they become its own while SNP is initialised
  /// @return the sPA of the first byte; nothing if L0 has no such pages
  [[nodiscard]] auto buffer(std::span<const std::uint8_t> bytes, std::uint64_t offset, bool written)
      -> std::optional<spa> {
    const std::size_t pages = (offset + bytes.size() + 4095) / 4096;
    const auto base = pages_.allocate(pages == 0 ? 1 : pages);
    if (!base) return {};
    areas_.push_back({*base, pages == 0 ? 1 : pages, false});
    static_cast<void>(p_.memory.write(*base + offset, memory_key::none(), bytes));
    if (written && !give(areas_.back())) return {};
    return *base + offset;
  }
  /// What is there now.
  [[nodiscard]] auto bytes_at(spa where, std::size_t size) const -> std::vector<std::uint8_t> {
    std::vector<std::uint8_t> bytes(size);
    static_cast<void>(p_.memory.read(where, memory_key::none(), bytes));
    return bytes;
  }

  /// Posts a command, and copies its buffer back. Observers are told: NES-CNT-01.
  [[nodiscard]] auto post(command_id id, std::span<std::uint8_t> bytes) -> firmware::status {
    const firmware::command_info* const info = firmware::find_command(static_cast<std::uint32_t>(id));
    const auto where = buffer(bytes, 0, info != nullptr && info->writes_back);
    if (!where) return firmware::status::resource_limit;
    ctx_.tell(event{event_kind::psp_forwarded});
    const firmware::status done = firmware::execute(ctx_, p_, id, where->value);
    std::ranges::copy(bytes_at(*where, bytes.size()), bytes.begin());
    return done;
  }
  /// The same for a command whose buffer is one qword.
  [[nodiscard]] auto post_word(command_id id, std::uint64_t word) -> firmware::status {
    firmware::byte_array<8> bytes{};
    layout::write_le(bytes.data(), word);
    return post(id, bytes);
  }

 private:
  struct area {
    spa base{};
    std::size_t pages = 0;
    bool large = false;
  };
  [[nodiscard]] auto give(area& one) -> bool {
    if (!firmware::is_snp_init(p_)) return true;
    constexpr std::size_t all = Physical::table_type::sub_pages;
    one.large = one.pages == all && rmp::is_large_page_base<typename Physical::table_type>(page_of(one.base));
    bool done = true;
    for (std::size_t i = 0; i < one.pages && done; i += one.large ? all : 1)
      done = detail::set_page(ctx_, p_, one.base + i * 4096, {.assigned = true, .large = one.large, .immutable = true});
    return done;
  }

  Context& ctx_;
  l0_pages& pages_;
  Physical& p_;
  std::vector<area> areas_{};
};

/// A page of L0's for good, given to the AMD-SP: a guest context, or metadata.
template <class Context, class Physical>
[[nodiscard]] auto lend_page(Context& ctx, vsp_host& l0, Physical& p) -> std::optional<spa> {
  const auto page = l0.pages.allocate(1);
  if (!page) return {};
  if (detail::set_page(ctx, p, *page, {.assigned = true, .immutable = true})) return page;
  l0.pages.release(*page, 1);
  return {};
}
/// Takes such a page back.
template <class Context, class Physical>
void return_page(Context& ctx, vsp_host& l0, Physical& p, spa page) {
  if (detail::take_back(ctx, p, page)) l0.pages.release(page, 1);
}

}  // namespace sevspec::inline v0::nested

#endif
