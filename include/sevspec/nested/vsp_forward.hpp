// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_VSP_FORWARD_HPP
#define SEVSPEC_NESTED_VSP_FORWARD_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <sevspec/base/rule.hpp>
#include <sevspec/layout/image.hpp>
#include <sevspec/nested/vsp_commands.hpp>
#include <sevspec/nested/vsp_port.hpp>
#include <sevspec/nested/vsp_state.hpp>

/// How a command of L1's that has been checked becomes one or several commands to the AMD-SP.   NES-SP-03
namespace sevspec::inline v0::nested {

namespace detail {

/// Where one piece of the guest's memory is.
struct backed_piece {
  std::uint64_t offset = 0;  ///< from the beginning of the range
  std::uint64_t bytes = 0;
  spa where{};
};

/// A range of L1's gPAs as ranges of sPAs that follow each other.   NEST-VSP-09
/// @return nothing if a part has no memory that L0 reads
template <class Virtual>
[[nodiscard]] auto pieces_of(const Virtual& v, std::uint64_t first, std::uint64_t bytes)
    -> std::optional<std::vector<backed_piece>> {
  std::vector<backed_piece> made;
  for (std::uint64_t done = 0; done < bytes;) {
    const std::uint64_t at = first + done;
    const std::uint64_t part = std::min(bytes - done, 4096 - at % 4096);
    const auto where = real_address(v.map, at);
    if (!where) return {};
    if (!made.empty() && made.back().where + made.back().bytes == *where) made.back().bytes += part;
    else made.push_back({done, part, *where});
    done += part;
  }
  return made;
}

/// One command of L1's on its way to the AMD-SP.
template <class Context, class Physical, class Virtual>
class translation {
 public:
  using status = firmware::status;
  using view = l1_view<typename Physical::memory_type>;

  translation(Context& ctx, vsp_host& l0, Physical& p, Virtual& v, view& seen, const forwarding& row,
              std::span<const std::uint8_t> asked, const Virtual& before)
      : ctx_(ctx), l0_(l0), p_(p), v_(v), seen_(seen), row_(row), before_(before), port_(ctx, l0.pages, p),
        bytes_(asked.begin(), asked.end()), asked_(asked.begin(), asked.end()) {}

  /// Translates and posts; what the AMD-SP wrote stands in for what the virtual one would have written.
  /// @param fresh  the handle that the virtual AMD-SP has given a new guest
  [[nodiscard]] auto run(std::uint32_t fresh) -> status {
    for (const operand& one : row_.operands)
      if (const status bad = translate(one); bad != status::success) return bad;
    status done = status::success;
    const bool chooses = row_.id == command_id::activate_ex || row_.id == command_id::snp_activate_ex;
    if (ctx_.applies(rule::NEST_VSP_08, chooses)) return activate_everywhere();
    switch (row_.id) {
      case command_id::launch_start:
      case command_id::receive_start: return start(fresh);
      case command_id::snp_page_move:
        if (moves_metadata_) return status::success;  // the virtual AMD-SP has moved it, and keeps it
        break;
      default: break;
    }
    if (!lend_guest_pages()) done = status::hwerror_platform;
    else done = guests_.empty() ? port_.post(row_.id, bytes_) : post_pieces();
    if (!take_guest_pages()) done = status::hwerror_unsafe;
    if (done == status::success) take_results();
    return done;
  }

  /// Context pages and metadata that came into being, to be undone if the command fails after all.
  void forget_new() {
    if (fresh_context_) {
      l0_.contexts.unbind(v_.who, *fresh_context_);
      return_page(ctx_, l0_, p_, fresh_page_);
    }
    if (fresh_metadata_) {
      l0_.metadata.unbind(v_.who, *fresh_metadata_);
      return_page(ctx_, l0_, p_, fresh_page_);
    }
    fresh_context_.reset();
    fresh_metadata_.reset();
  }

 private:
  struct guest_range {
    std::uint8_t at;
    std::uint64_t first;
    std::uint64_t bytes;
    std::vector<backed_piece> pieces;
    bool flagged;  ///< its size is bit 0 of the flags
    std::uint16_t length;
  };
  struct result_range {
    std::uint64_t first;
    std::uint64_t bytes;
    spa copy;
  };

  [[nodiscard]] auto field(std::size_t at) const -> std::uint32_t {
    return layout::read_le<std::uint32_t>(asked_.data() + at);
  }
  /// An address operand, without L1's C-bit.   NEST-VSP-09
  [[nodiscard]] auto address(std::size_t at) const -> std::uint64_t {
    return layout::read_le<std::uint64_t>(asked_.data() + at) & ~(std::uint64_t{1} << v_.hw.c_bit);
  }
  /// Puts the machine's name in place of L1's.   NES-SP-03
  template <class Word>
  void put(std::size_t at, Word real) {
    const Word named = layout::read_le<Word>(asked_.data() + at);
    if (ctx_.applies(rule::NES_SP_03, named != real)) layout::write_le(bytes_.data() + at, real);
  }
  [[nodiscard]] auto size_of(const operand& one) const -> std::uint64_t {
    switch (one.size) {
      case operand_size::none:    return 0;
      case operand_size::field:   return field(one.length);
      case operand_size::fixed:   return one.length;
      case operand_size::flagged: return (field(one.length) & 1) != 0 ? Physical::table_type::sub_pages * 4096 : 4096;
      case operand_size::rest:    return 4096 - address(one.at) % 4096;
    }
    return 0;
  }

  [[nodiscard]] auto translate(const operand& one) -> status {
    switch (one.kind) {
      case operand_kind::none:   return status::success;
      case operand_kind::handle:
      case operand_kind::shared: {
        if (one.kind == operand_kind::shared && field(one.at) == 0) return status::success;
        const auto real = l0_.handles.real_of(v_.who, {field(one.at)});
        if (!real) return status::invalid_guest;
        put(one.at, real->value);
        return status::success;
      }
      case operand_kind::asid: {
        const auto real = physical_asid_of(ctx_, l0_.asids, v_.who, asid{field(one.at)});
        if (!real) return status::invalid_asid;
        put(one.at, real->value);
        return status::success;
      }
      case operand_kind::context:  return translate_context(one);
      case operand_kind::agent:    return translate_agent(one);
      case operand_kind::metadata: return translate_metadata(one.at);
      case operand_kind::input:    return copy_in(one);
      case operand_kind::output:   return copy_out(one);
      case operand_kind::guest:    return translate_guest(one);
    }
    return status::success;
  }

  [[nodiscard]] auto translate_context(const operand& one) -> status {
    const gpa named{address(one.at)};
    if (row_.id == command_id::snp_gctx_create) {
      if (l0_.contexts.full()) return status::resource_limit;
      const auto page = lend_page(ctx_, l0_, p_);
      if (!page) return status::resource_limit;
      l0_.contexts.force(v_.who, named, *page);
      fresh_context_ = named;
      fresh_page_ = *page;
    }
    const auto real = l0_.contexts.real_of(v_.who, named);
    if (!real) return status::invalid_guest;
    put(one.at, real->value);
    return status::success;
  }
  /// SNP_LAUNCH_START: bit 0 of FLAGS says that there is an agent.   NEST-VSP-30
  [[nodiscard]] auto translate_agent(const operand& one) -> status {
    if ((field(24) & 1) == 0) return status::success;
    if (ctx_.denies(rule::NEST_VSP_30, !v_.expose_pgctx)) return status::policy_failure;
    const auto real = l0_.contexts.real_of(v_.who, gpa{address(one.at)});
    if (!real) return status::invalid_guest;
    put(one.at, real->value);
    return status::success;
  }
  /// A page that becomes metadata gets a page of L0's; L1's own is never the AMD-SP's.   NEST-VSP-21
  [[nodiscard]] auto new_metadata(gpa page) -> status {
    if (l0_.metadata.full()) return status::resource_limit;
    const auto real = lend_page(ctx_, l0_, p_);
    if (!real) return status::resource_limit;
    l0_.metadata.force(v_.who, page, *real);
    fresh_metadata_ = page;
    fresh_page_ = *real;
    return status::success;
  }
  [[nodiscard]] auto translate_metadata(std::uint8_t at) -> status {
    const std::uint64_t where = address(at);
    const gpa page{where & ~std::uint64_t{4095}};
    if (row_.id == command_id::snp_page_md_init)
      if (const status bad = new_metadata(page); bad != status::success) return bad;
    const auto real = l0_.metadata.real_of(v_.who, page);
    if (!real) return is_swap() && root_entry() ? status::success : status::invalid_page_state;
    put(at, real->value + where % 4096);
    return status::success;
  }
  [[nodiscard]] auto is_swap() const -> bool {
    return row_.id == command_id::snp_page_swap_out || row_.id == command_id::snp_page_swap_in;
  }
  [[nodiscard]] auto root_entry() const -> bool {
    const std::uint64_t flags = layout::read_le<std::uint64_t>(asked_.data() + 40);
    return row_.id == command_id::snp_page_swap_out ? layout::cmd_snp_swap_out_flags{flags}.root_mdata_en()
                                                    : layout::cmd_snp_swap_in_flags{flags}.root_mdata_en();
  }

  /// A plaintext buffer that is read: what L1 had there when the command first looked.   NEST-VSP-10
  [[nodiscard]] auto copy_in(const operand& one) -> status {
    constexpr std::uint64_t most = 0x8000;  // no buffer is longer, pages of 2M apart; longer ones are not looked at
    const std::uint64_t where = address(one.at);
    const std::uint64_t size = size_of(one);
    if (is_start() && one.at == 8 && where == 0) return status::success;  // no session
    const bool bounded = one.size == operand_size::flagged || size <= most;
    if (!bounded || !seen_.answers(where, size)) {
      if (is_start()) return bounded ? status::invalid_address : status::invalid_length;
      put(one.at, std::uint64_t{0});  // the command does not use it, or its check of the length is next
      return status::success;
    }
    const auto copy = port_.buffer(seen_.original(where, size), where % 4096, false);
    if (!copy) return status::resource_limit;
    put(one.at, copy->value);
    return status::success;
  }
  [[nodiscard]] auto copy_out(const operand& one) -> status {
    const std::uint64_t where = address(one.at);
    const std::uint64_t size = size_of(one);
    if (size == 0) return status::success;
    if (!seen_.answers(where, size)) return status::invalid_address;
    const auto copy = port_.buffer(seen_.original(where, size), where % 4096, true);
    if (!copy) return status::resource_limit;
    put(one.at, copy->value);
    results_.push_back({where, size, *copy});
    return status::success;
  }
  [[nodiscard]] auto is_start() const -> bool {
    return row_.id == command_id::launch_start || row_.id == command_id::receive_start;
  }

  [[nodiscard]] auto translate_guest(const operand& one) -> status {
    const std::uint64_t where = address(one.at);
    const std::uint64_t size = size_of(one);
    // Pages of metadata take the guest's place in SNP_PAGE_MOVE and in swapping.
    const rmp::page_state was = virtual_state(before_, where >> 12);
    if (was == rmp::page_state::metadata) {
      if (row_.id == command_id::snp_page_move) moves_metadata_ = true;
      return row_.id == command_id::snp_page_move ? move_metadata() : translate_metadata(one.at);
    }
    if (was == rmp::page_state::firmware && row_.id == command_id::snp_page_move) return status::success;
    if (was == rmp::page_state::firmware && row_.id == command_id::snp_page_swap_in) {
      if (const status bad = new_metadata(gpa{where}); bad != status::success) return bad;
      return translate_metadata(one.at);
    }
    auto pieces = pieces_of(v_, where, size);
    if (!pieces) return status::invalid_address;
    if (ctx_.denies(rule::NEST_VSP_09, pieces->size() > 1 && !row_.splits)) return status::invalid_address;
    if (pieces->empty()) return status::success;
    put(one.at, pieces->front().where.value);
    guests_.push_back({one.at, where, size, *pieces, one.size == operand_size::flagged, one.length});
    return status::success;
  }
  [[nodiscard]] auto move_metadata() -> status {
    const gpa from{address(16)};
    const gpa to{address(24)};
    const auto real = l0_.metadata.real_of(v_.who, from);
    if (!real) return status::invalid_page_state;
    l0_.metadata.unbind(v_.who, from);
    l0_.metadata.force(v_.who, to, *real);
    return status::success;
  }

  [[nodiscard]] auto start(std::uint32_t fresh) -> status {
    if (l0_.handles.full()) return status::resource_limit;
    const status done = port_.post(row_.id, bytes_);
    if (done == status::success) l0_.handles.force(v_.who, {fresh}, {layout::read_le<std::uint32_t>(bytes_.data())});
    return done;
  }
  /// L1's core complexes are not the machine's: the guest may run on all of these.   NEST-VSP-08
  [[nodiscard]] auto activate_everywhere() -> status {
    if (had_asid_) return status::success;  // it runs on all of them already
    if (row_.id == command_id::activate_ex) {
      layout::cmd_activate plain;
      plain.set_handle(layout::read_le<std::uint32_t>(bytes_.data() + 4));
      plain.set_asid(layout::read_le<std::uint32_t>(bytes_.data() + 8));
      return port_.post(command_id::activate, plain.bytes());
    }
    layout::cmd_snp_activate plain;
    plain.set_gctx_paddr(layout::read_le<std::uint64_t>(bytes_.data() + 8));
    plain.set_asid(layout::read_le<std::uint32_t>(bytes_.data() + 16));
    return port_.post(command_id::snp_activate, plain.bytes());
  }

  /// While SNP is initialised the AMD-SP writes to its own pages alone: memory of guests without SEV-SNP is its own
  /// during a command, whatever L1 knows of SEV-SNP.   NES-SP-04
  [[nodiscard]] auto lend_guest_pages() -> bool {
    const bool legacy = static_cast<std::uint32_t>(row_.id) < 0x80;
    if (!ctx_.applies(rule::NES_SP_04, legacy && !guests_.empty() && firmware::is_snp_init(p_))) return true;
    for (const guest_range& range : guests_)
      for (const backed_piece& piece : range.pieces)
        for (std::uint64_t page = piece.where.value >> 12; page <= (piece.where.value + (piece.bytes - 1)) >> 12;
             ++page) {
          const spa where{page << 12};
          if (firmware::entry_at(p_, where).assigned) continue;  // somebody else's: the AMD-SP will say so
          if (!set_page(ctx_, p_, where, {.assigned = true, .immutable = true})) return false;
          lent_.push_back(where);
        }
    return true;
  }
  [[nodiscard]] auto take_guest_pages() -> bool {
    bool done = true;
    for (const spa where : lent_) done = take_back(ctx_, p_, where) && done;
    return done;
  }

  /// One command per piece of the guest's memory, in ascending order.   NEST-VSP-09, NEST-VSP-26
  [[nodiscard]] auto post_pieces() -> status {
    std::vector<std::uint64_t> cuts{0};
    for (const guest_range& one : guests_) {
      for (const backed_piece& piece : one.pieces) {
        for (std::uint64_t i = 0; i < piece.bytes; i += 4096 - (one.first + piece.offset + i) % 4096)
          if (i == 0 || (one.flagged && one.bytes > 4096 && !one_large(one))) cuts.push_back(piece.offset + i);
      }
    }
    std::ranges::sort(cuts);
    cuts.erase(std::ranges::unique(cuts).begin(), cuts.end());
    const std::uint64_t all = guests_.front().bytes;
    if (cuts.size() == 1) return port_.post(row_.id, bytes_);
    if (ctx_.denies(rule::NEST_VSP_09, !row_.splits)) return status::invalid_address;
    const std::vector<std::uint8_t> whole = bytes_;
    for (std::size_t i = 0; i < cuts.size(); ++i) {
      const std::uint64_t part = (i + 1 < cuts.size() ? cuts[i + 1] : all) - cuts[i];
      std::vector<std::uint8_t> one = whole;
      for (const guest_range& range : guests_) {
        const auto where = real_address(v_.map, range.first + cuts[i]);
        layout::write_le(one.data() + range.at, where ? where->value : 0);
        set_length(one, range, part);
      }
      for (const operand& other : row_.operands) {  // buffers that go with the memory, as in DBG_DECRYPT
        const bool beside = other.kind == operand_kind::input || other.kind == operand_kind::output;
        if (!beside || other.size != operand_size::field) continue;
        const auto base = layout::read_le<std::uint64_t>(whole.data() + other.at);
        layout::write_le(one.data() + other.at, base + cuts[i]);
      }
      const status done = port_.post(row_.id, one);
      if (done != status::success) return i == 0 ? done : status::hwerror_unsafe;  // NEST-VSP-03: half done
    }
    return status::success;
  }
  /// Whether the machine has the page of 2M as one.
  [[nodiscard]] auto one_large(const guest_range& one) const -> bool {
    return one.pieces.size() == 1 && firmware::entry_at(p_, one.pieces.front().where).large;
  }
  static void set_length(std::vector<std::uint8_t>& bytes, const guest_range& range, std::uint64_t part) {
    if (!range.flagged) {
      layout::write_le(bytes.data() + range.length, static_cast<std::uint32_t>(part));
      return;
    }
    const auto flags = layout::read_le<std::uint32_t>(bytes.data() + range.length);
    layout::write_le(bytes.data() + range.length, flags & ~std::uint32_t{1});
  }

  /// Where the virtual AMD-SP would have written, there is what the AMD-SP wrote.   NEST-VSP-10
  void take_results() {
    for (const result_range& one : results_) {
      bool written = false;
      for (auto& entry : seen_.log()) {
        if (entry.where < one.first || entry.where + entry.bytes.size() > one.first + one.bytes) continue;
        entry.bytes = port_.bytes_at(one.copy + (entry.where - one.first), entry.bytes.size());
        written = true;
      }
      if (!written && row_.keyed) {
        const auto bytes = port_.bytes_at(one.copy, one.bytes);
        static_cast<void>(seen_.write(spa{one.first}, memory_key::none(), bytes));
      }
    }
  }

  Context& ctx_;
  vsp_host& l0_;
  Physical& p_;
  Virtual& v_;
  view& seen_;
  const forwarding& row_;
  const Virtual& before_;
  sp_port<Context, Physical> port_;
  std::vector<std::uint8_t> bytes_;
  std::vector<std::uint8_t> asked_;
  std::vector<guest_range> guests_{};
  std::vector<result_range> results_{};
  std::vector<spa> lent_{};
  std::optional<gpa> fresh_context_{};
  std::optional<gpa> fresh_metadata_{};
  spa fresh_page_{};
  bool moves_metadata_ = false;

 public:
  bool had_asid_ = false;  ///< the guest ran on some of L1's core complexes before
};

}  // namespace detail

}  // namespace sevspec::inline v0::nested

#endif
