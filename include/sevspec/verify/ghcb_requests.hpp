// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_GHCB_REQUESTS_HPP
#define SEVSPEC_VERIFY_GHCB_REQUESTS_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <sevspec/base/bits.hpp>
#include <sevspec/ghcb/machine.hpp>
#include <sevspec/ghcb/msr_message.hpp>
#include <sevspec/ghcb/nae_event.hpp>
#include <sevspec/ghcb/page_guest.hpp>
#include <sevspec/layout/page_state_change.hpp>
#include <sevspec/verify/ghcb_step.hpp>

/// Requests that are worth making: for each event good ones, and bad ones with one thing wrong.
namespace sevspec::inline v0::verify {

/// Where things lie in the guest memory of these requests.
struct ghcb_places {
  static constexpr std::uint64_t scratch = 0x20'0000;  ///< outside of GHCBs
  static constexpr std::uint64_t request = 0x30'0000;  ///< page of a guest message
  static constexpr std::uint64_t response = 0x30'1000;
  static constexpr std::uint64_t certificates = 0x31'0000;
  static constexpr std::uint64_t list = 0x32'0000;  ///< of APIC IDs
  static constexpr std::uint64_t doorbell = 0x33'0000;
  static constexpr std::uint64_t vmsa = 0x34'1000;           ///< of the first processor; then one per page
  static constexpr std::uint64_t converted = 0x400'0000;     ///< pages whose state changes: 4 regions of 2M
  static constexpr std::uint64_t hole = converted + 0x7000;  ///< a page that does not exist, in `ghcb_usual_setups`

  [[nodiscard]] static constexpr auto ghcb_of(std::uint32_t vcpu, std::uint8_t vmpl) -> std::uint64_t {
    return 0x1'0000 + (std::uint64_t{vcpu} * 4 + vmpl) * 0x1000;
  }
};

/// Makes requests of one processor at one VMPL.
class ghcb_requests {
 public:
  using event = layout::nae_exit_codes;
  using list = std::vector<ghcb_step>;
  using numbers = std::initializer_list<std::uint64_t>;

  ghcb_requests(const ghcb_setup& setup, std::uint32_t vcpu, std::uint8_t vmpl)
      : setup_(&setup), vcpu_(vcpu), vmpl_(vmpl), ghcb_(ghcb_places::ghcb_of(vcpu, vmpl)) {}

  [[nodiscard]] auto by_msr(std::uint64_t value) const -> ghcb_step {
    return {.what = ghcb_operation::msr, .vcpu = vcpu_, .vmpl = vmpl_, .value = value};
  }
  [[nodiscard]] auto by_msr(const ghcb::msr_message& what) const -> ghcb_step { return by_msr(ghcb::encode_msr(what)); }
  [[nodiscard]] auto registration() const -> ghcb_step { return by_msr(ghcb::message::register_request{ghcb_ >> 12}); }
  [[nodiscard]] auto by_page(event code, std::uint64_t info_1 = 0, std::uint64_t info_2 = 0,
                             const ghcb::event_inputs& inputs = {}) const -> ghcb_step {
    ghcb_step step{.what = ghcb_operation::page, .vcpu = vcpu_, .vmpl = vmpl_, .value = ghcb_};
    ghcb::write_request(step.page, setup_->config.highest_version, code, info_1, info_2, inputs);
    return step;
  }
  [[nodiscard]] static auto signal(std::uint32_t vcpu, ghcb_signal what) -> ghcb_step {
    return {.what = ghcb_operation::signal, .vcpu = vcpu, .signal = what};
  }
  /// A page state change.
  /// @param where  of the list: in the page's shared buffer, or outside of the page
  [[nodiscard]] auto change(std::uint16_t cur, std::uint16_t end, std::initializer_list<std::uint64_t> entries,
                            std::uint64_t where = 0) const -> ghcb_step {
    return change(cur, end, std::span{entries.begin(), entries.size()}, where);
  }
  [[nodiscard]] auto change(std::uint16_t cur, std::uint16_t end, std::span<const std::uint64_t> entries,
                            std::uint64_t where = 0) const -> ghcb_step {
    if (where == 0) where = buffer();
    std::vector<std::uint8_t> bytes(8 + 8 * entries.size());
    layout::write_le(bytes.data(), cur);
    layout::write_le(bytes.data() + 2, end);
    for (std::size_t i = 0; i < entries.size(); ++i) layout::write_le(bytes.data() + 8 + 8 * i, entries[i]);
    ghcb_step step = by_page(event::snp_page_state_change, 0, 0, {.scratch = where});
    place(step, where, bytes);
    return step;
  }
  /// One entry of such a list.
  [[nodiscard]] static constexpr auto entry(unsigned operation, std::uint64_t gpa, bool large = false,
                                            std::uint64_t done = 0) -> std::uint64_t {
    return done | gpa >> 12 << 12 | std::uint64_t{operation} << 52 | std::uint64_t{large ? 1U : 0U} << 56;
  }
  [[nodiscard]] auto buffer() const -> std::uint64_t { return ghcb_ + 0x800; }

  /// Requests by MSR: every message, and values that are none.
  [[nodiscard]] auto msr_variants() const -> list {
    namespace m = ghcb::message;
    list all{by_msr(m::version_request{}),
             by_msr(0xabcd'ef01'2345'6002),
             by_msr(m::preferred_request{}),
             by_msr(m::features_request{}),
             registration(),
             by_msr(m::register_request{0}),
             by_msr(m::register_request{0x7fe5}),
             by_msr(m::register_request{ghcb::no_frame - 1})};
    for (const std::uint32_t function : {0U, 1U, 0xdU, 0x8000'0000U, 0x8000'001fU})
      for (std::uint8_t which = 0; which < 4; ++which) all.push_back(by_msr(m::cpuid_request{function, which}));
    const std::uint64_t frame = ghcb_places::converted >> 12;
    for (unsigned operation = 0; operation < 16; ++operation)
      all.push_back(by_msr(m::page_state_request{static_cast<layout::ghcb_psc_ops>(operation), frame}));
    all.push_back(by_msr(m::page_state_request{layout::ghcb_psc_ops::private_, ghcb_places::hole >> 12}));
    all.push_back(by_msr(m::page_state_request{layout::ghcb_psc_ops::shared, setup_->memory >> 12}));
    for (const std::uint8_t level : std::initializer_list<std::uint8_t>{0, 1, 2, 3, 4, 255})
      all.push_back(by_msr(m::run_vmpl_request{level}));
    all.push_back(by_msr(m::termination_request{{0, 0}}));
    all.push_back(by_msr(m::termination_request{{1, 2}}));
    all.push_back(by_msr(m::termination_request{{15, 255}}));
    all.push_back(by_msr(m::reset_hold_request{}));
    for (std::uint64_t code = 1; code < 0x20; ++code)  // answers, and what is no message
      if (rule_of_code(code)) all.push_back(by_msr(0x1'2345'6000 | code));
    for (const std::uint64_t code : numbers{0x81, 0x82, 0xaa, 0x101, 0x800, 0xeff})
      all.push_back(by_msr(0x1'2345'6000 | code));
    return all;
  }

  /// Requests that are right for a hypervisor with all features.
  [[nodiscard]] auto good(event code) const -> list {
    using places = ghcb_places;
    const std::uint64_t self = vcpu_;
    const std::uint64_t other = setup_->processors > 1 ? (vcpu_ + 1) % setup_->processors : 0;
    switch (code) {
      case event::dr7_write: return {by_page(code, 0, 0, {.rax = 0x400})};
      case event::rdpmc:     return {by_page(code, 0, 0, {.rcx = 0}), by_page(code, 0, 0, {.rcx = 9})};
      case event::cpuid:
        return {by_page(code, 0, 0, {.rax = 1, .rcx = 0}), by_page(code, 0, 0, {.rax = 0x8000'001f, .rcx = 5}),
                by_page(code, 0, 0, {.rax = 0xd, .rcx = 0, .xcr0 = 7}),
                by_page(code, 0, 0, {.rax = 0xd, .rcx = 1, .xcr0 = 0xe7, .xss = 0x1800})};
      case event::ioio: {
        list all;
        constexpr std::uint64_t port = std::uint64_t{0x3f8} << 16;
        for (const std::uint64_t width : numbers{1, 2, 4}) {
          const std::uint64_t out = port | width << 4 | 1U << 8;
          all.push_back(by_page(code, out, 0, {.rax = 0x1122'3344'5566'7788}));
          all.push_back(by_page(code, out | 1, 0));
          all.push_back(with_bytes(by_page(code, out | 0xc, 3, {.scratch = buffer()}), buffer(), 3 * width));
          all.push_back(by_page(code, out | 0xd, 3, {.scratch = buffer()}));
          all.push_back(with_bytes(by_page(code, out | 0xc, 5, {.scratch = places::scratch + 0xffd}),
                                   places::scratch + 0xffd, 5 * width));
          all.push_back(by_page(code, out | 0xd, 5, {.scratch = places::scratch + 0xffd}));
        }
        return all;
      }
      case event::msr:
        return {by_page(code, 0, 0, {.rcx = 0x1b}),
                by_page(code, 0, 0, {.rcx = 0x277}),
                by_page(code, 0, 0, {.rcx = 0x8b}),
                by_page(code, 0, 0, {.rcx = 0xc001'0117}),
                by_page(code, 1, 0, {.rax = 0xfee0'0800, .rcx = 0x1b, .rdx = 0x12}),
                by_page(code, 1, 0, {.rax = 1, .rcx = 0x8b, .rdx = 0}),
                by_page(code, 1, 0, {.rax = 1, .rcx = 0x999, .rdx = 0})};
      case event::vmmcall:
        return {by_page(code, 0, 0, {.rax = 5, .cpl = std::uint8_t{0}}),
                by_page(code, 0, 0,
                        {.rax = ~std::uint64_t{}, .rbx = 1, .rcx = 2, .rdx = 3, .rsi = 4, .cpl = std::uint8_t{3}})};
      case event::monitor:    return {by_page(code, 0, 0, {.rax = 0x1000, .rcx = 0, .rdx = 0})};
      case event::mwait:      return {by_page(code, 0, 0, {.rax = 0, .rcx = 0})};
      case event::mmio_read:
      case event::mmio_write: {
        list all;
        for (const std::uint64_t bytes : numbers{1, 2, 4, 8})
          for (const std::uint64_t where : {buffer(), buffer() + 0x7f0 - bytes, places::scratch + 0xffe})
            all.push_back(with_bytes(by_page(code, 0xfed0'0000, bytes, {.scratch = where}), where, bytes));
        return all;
      }
      case event::ap_jump_table:         return {by_page(code, 0, 0x9f000), by_page(code, 1)};
      case event::snp_page_state_change: {
        list all;
        const std::uint64_t page = places::converted;
        for (const unsigned operation : {1U, 2U, 3U, 4U}) {
          all.push_back(change(0, 0, {entry(operation, page)}));
          all.push_back(change(0, 0, {entry(operation, page + 0x20'0000, true)}));
          all.push_back(change(0, 0, {entry(operation, page + 0x1000)}, places::scratch));
        }
        for (std::uint16_t cur = 0; cur < 5; ++cur)  // goes on at each index, and behind the end
          all.push_back(change(
              cur, 3, {entry(1, page), entry(1, page + 0x1000), entry(2, page + 0x2000), entry(1, page + 0x3000)}));
        for (const std::uint64_t done : numbers{0, 1, 100, 511, 512})  // and in the middle of an entry
          all.push_back(change(0, 0, {entry(1, page + 0x20'0000, true, done)}));
        all.push_back(change(0, 1, {entry(1, page, false, 1), entry(1, page + 0x20'0000, true, 512)}));
        std::vector<std::uint64_t> full;
        for (std::uint64_t i = 0; i < 253; ++i) full.push_back(entry(1, page + 0x40'0000 + 0x1000 * i));
        all.push_back(change(0, 252, full, places::scratch));
        full.resize(252);  // the shared buffer has room for a header and 253 entries, and ends at 0xff0
        all.push_back(change(250, 251, full));
        return all;
      }
      case event::snp_guest_request:     return {by_page(code, places::request, places::response)};
      case event::snp_ext_guest_request: {
        list all;
        for (const std::uint8_t type : std::initializer_list<std::uint8_t>{1, 5})
          for (const std::uint64_t pages : numbers{0, 1, 2, 16}) {
            ghcb_step step =
                by_page(code, places::request, places::response, {.rax = places::certificates, .rbx = pages});
            place(step, places::request + 0x34, std::array{type});
            all.push_back(step);
          }
        return all;
      }
      case event::snp_ap_creation: {
        list all;
        const std::uint64_t vmsa = places::vmsa + (other * 4 + vmpl_) * 0x1000;
        const std::uint64_t features = setup_->config.sev_features;
        for (const std::uint64_t who : {other, self})
          for (const std::uint64_t level : numbers{0, 2})
            for (const std::uint64_t what : numbers{0, 1, 2}) {
              if (who == self && level == vmpl_ && what == 2) continue;  // a processor that takes its own VMSA away
              const std::uint64_t where = vmsa + level * 0x1000 + (who == self ? 0x10'0000 : 0);
              all.push_back(by_page(code, who << 32 | level << 16 | what, what == 2 ? 0 : where,
                                    what == 2 ? ghcb::event_inputs{} : ghcb::event_inputs{.rax = features}));
            }
        return all;
      }
      case event::hv_doorbell_page_:
        return {by_page(code, 0), by_page(code, 1, places::doorbell), by_page(code, 2), by_page(code, 3)};
      case event::hv_ipi: return {by_page(code, std::uint64_t{1} << 32 | 0x40)};
      case event::apic_id_list:
        return {by_page(code, places::list, 0, {.rax = 1}), by_page(code, 0, 0, {.rax = 0}),
                by_page(code, places::list, 0, {.rax = 7})};
      case event::snp_run_vmpl: return {by_page(code, vmpl_), by_page(code, 0), by_page(code, 2)};
      case event::secure_avic:  {
        list all;
        for (const std::uint64_t who : {~std::uint64_t{}, other}) {
          all.push_back(by_page(code, 0, 0, {.rax = who, .rbx = places::doorbell + 0x1000}));
          all.push_back(by_page(code, 1, 0, {.rax = who}));
        }
        return all;
      }
      case event::configure_interrupt_injection: return {by_page(code, 0x40)};
      case event::disable_alternate_injection:   return {by_page(code, 2U << 16 | 1)};
      case event::specific_eoi:                  return {by_page(code, 2U << 16 | 0x40)};
      case event::termination_request:           return {by_page(code, 0x021), by_page(code, 0)};
      case event::unsupported_event:             return {by_page(code, 0x81)};
      default:                                   return {by_page(code)};
    }
  }

  /// OUTS out of an area outside of the GHCB, and out of one that runs into it (GHCB-SCR-02): who refuses the second serves
  /// the first.
  [[nodiscard]] auto areas_outside() const -> list {
    constexpr std::uint64_t outs = std::uint64_t{0x3f8} << 16 | 1U << 8 | 0xc | 1U << 4;
    list both;
    for (const std::uint64_t where : {ghcb_places::scratch, ghcb_ - 2})
      both.push_back(by_page(event::ioio, outs, 4, {.scratch = where}));
    return both;
  }

  /// Requests with one thing wrong that this event knows.
  [[nodiscard]] auto bad(event code) const -> list {
    using places = ghcb_places;
    list all;
    switch (code) {
      case event::ioio: {
        constexpr std::uint64_t outs = std::uint64_t{0x3f8} << 16 | 1U << 8 | 0xc | 1U << 4;
        // More elements than 64 bits can count bytes of: the product is 0.
        all.push_back(by_page(code, outs ^ 0x50, std::uint64_t{1} << 62, {.scratch = buffer()}));
        for (const std::uint64_t in : numbers{0, 1})
          bad_scratch(all, [&](std::uint64_t where, std::uint64_t bytes) {
            return by_page(code, outs | in, bytes, {.scratch = where});
          });
        break;
      }
      case event::mmio_read:
      case event::mmio_write:
        bad_scratch(all, [&](std::uint64_t where, std::uint64_t bytes) {
          return by_page(code, 0xfed0'0000, bytes, {.scratch = where});
        });
        break;
      case event::ap_jump_table:         all.push_back(by_page(code, 2)); break;
      case event::snp_page_state_change: bad_changes(all); break;
      case event::snp_guest_request:
      case event::snp_ext_guest_request:
        for (const auto& [from, to] :
             std::initializer_list<std::pair<std::uint64_t, std::uint64_t>>{{places::request, places::request},
                                                                            {places::request + 8, places::response},
                                                                            {places::request, places::response + 8}})
          all.push_back(by_page(code, from, to, {.rax = places::certificates, .rbx = 1}));
        if (code == event::snp_ext_guest_request)
          for (const ghcb::event_inputs& inputs :
               {ghcb::event_inputs{}, ghcb::event_inputs{.rax = places::certificates}, ghcb::event_inputs{.rbx = 1},
                ghcb::event_inputs{.rax = places::certificates + 8, .rbx = 16}}) {
            ghcb_step step = by_page(code, places::request, places::response, inputs);
            place(step, places::request + 0x34, std::array{std::uint8_t{5}});
            all.push_back(step);
          }
        break;
      case event::snp_ap_creation: {
        const std::uint64_t features = setup_->config.sev_features;
        const std::uint64_t other = std::uint64_t{(vcpu_ + 1) % setup_->processors} << 32;
        const auto create = [&](std::uint64_t info_1, std::uint64_t vmsa, std::uint64_t rax) {
          all.push_back(by_page(code, info_1, vmsa, {.rax = rax}));
        };
        create(std::uint64_t{setup_->processors} << 32 | 1, places::vmsa, features);
        create(other | 3, places::vmsa, features);
        create(other | 4U << 16 | 1, places::vmsa, features);
        create(other | 1, places::vmsa, features ^ 0x20);
        create(other | 1, places::vmsa, features ^ 0x8);
        create(other | 1, places::vmsa + 8, features);
        create(other | 1, 0x20'0000, features);
        create(other | 1, places::hole, features);
        create(other | 1, setup_->memory + 0x1000, features);
        create(other | 0, setup_->memory + 0x1000, features);
        break;
      }
      case event::hv_doorbell_page_:
        for (const std::uint64_t where : {places::doorbell + 8, places::hole, setup_->memory})
          all.push_back(by_page(code, 1, where));
        all.push_back(by_page(code, 4, places::doorbell));
        break;
      case event::apic_id_list:
        for (const std::uint64_t where : {places::list + 8, places::hole, setup_->memory})
          all.push_back(by_page(code, where, 0, {.rax = 1}));
        break;
      case event::snp_run_vmpl:
        for (const std::uint64_t level : {std::uint64_t{3}, std::uint64_t{4}, std::uint64_t{1} << 32})
          all.push_back(by_page(code, level));
        break;
      case event::secure_avic:
        all.push_back(by_page(code, 0, 0, {.rax = ~std::uint64_t{}, .rbx = places::doorbell + 8}));
        all.push_back(by_page(code, 0, 0, {.rax = ~std::uint64_t{}, .rbx = places::hole}));
        all.push_back(by_page(code, 2, 0, {.rax = ~std::uint64_t{}, .rbx = places::doorbell}));
        all.push_back(by_page(code, 0, 0, {.rax = setup_->processors, .rbx = places::doorbell}));
        break;
      case event::configure_interrupt_injection: all.push_back(by_page(code, 0x100)); break;
      case event::disable_alternate_injection:
      case event::specific_eoi:
        all.push_back(by_page(code, 0x40));
        all.push_back(by_page(code, 4U << 16));
        break;
      default: break;
    }
    return all;
  }

  /// What is wrong with any request: a field that is not marked, a page of another format, one that is not registered;
  /// and what is not wrong, but changed by another processor meanwhile.
  /// @param all_of_it  false: only fields that are not marked
  [[nodiscard]] auto broken(const ghcb_step& step, bool all_of_it = true) const -> list {
    list all;
    for (unsigned bit = 0; bit < 128; ++bit) {
      if (layout::field_of_valid_bit(bit) == nullptr) continue;
      const auto field = static_cast<ghcb::ghcb_field>(bit);
      if (!layout::is_valid(step.page, field)) continue;
      ghcb_step one = step;
      one.page.valid_bitmap()[bit / 8] = static_cast<std::uint8_t>(one.page.valid_bitmap()[bit / 8] & ~(1U << bit % 8));
      all.push_back(one);
      if (!all_of_it) continue;
      one = step;
      one.race = ghcb_bytes{step.value + layout::offset_of(field),
                            std::vector<std::uint8_t>(field == ghcb::ghcb_field::cpl ? 1 : 8, 0x5a)};
      all.push_back(one);
    }
    if (!all_of_it) return all;
    for (const std::uint32_t usage : {1U, 2U, 0xffff'ffffU}) {
      all.push_back(step);
      all.back().page.set_ghcb_usage(usage);
    }
    for (const std::uint16_t version : std::initializer_list<std::uint16_t>{0, 1, 0xffff}) {
      all.push_back(step);
      all.back().page.set_protocol_version(version);
    }
    return all;
  }
  /// The same request in a page that nobody registered.
  [[nodiscard]] auto elsewhere(const ghcb_step& step, std::uint64_t where) const -> ghcb_step {
    ghcb_step moved = step;
    moved.value = where;
    return moved;
  }
  [[nodiscard]] auto unknown() const -> list {
    list all;
    for (const std::uint64_t code : {0x0ULL, 0x28ULL, 0x73ULL, 0x400ULL, 0x403ULL, 0x8000'0000ULL, 0x8000'0005ULL,
                                     0x8000'abcdULL, 0x1'8000'0010ULL, ~0ULL})
      all.push_back(by_page(static_cast<event>(code)));
    return all;
  }

  [[nodiscard]] auto ghcb_page() const -> std::uint64_t { return ghcb_; }

 private:
  /// Whether a code is worth a request although it is none.
  [[nodiscard]] static auto rule_of_code(std::uint64_t code) -> bool {
    using enum layout::ghcb_msr_codes;
    const auto known = static_cast<layout::ghcb_msr_codes>(code);
    return known != sev_info_req && known != cpuid_req && known != ap_reset_hold_req && known != pref_gpa_req &&
           known != reg_gpa_req && known != psc_req && known != vmpl_req;
  }
  static void place(ghcb_step& step, std::uint64_t where, std::span<const std::uint8_t> bytes) {
    std::vector<std::uint8_t> outside;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if ((where + i) >> 12 == step.value >> 12) step.page.data()[(where + i) & 0xfff] = bytes[i];
      else outside.push_back(bytes[i]);
    }
    if (!outside.empty()) step.memory.push_back({where + bytes.size() - outside.size(), outside});
  }
  [[nodiscard]] static auto with_bytes(ghcb_step step, std::uint64_t where, std::uint64_t count) -> ghcb_step {
    std::vector<std::uint8_t> bytes;
    for (std::uint64_t i = 0; i < count; ++i) bytes.push_back(static_cast<std::uint8_t>(0x41 + i));
    place(step, where, bytes);
    return step;
  }
  /// Scratch areas that are none: GHCB-SCR-01 to -04, -06, and the places next to them.
  template <class Make>
  void bad_scratch(list& all, const Make& make) const {
    using places = ghcb_places;
    for (const std::uint64_t offset : numbers{0x0, 0x3f0, 0x700, 0x7ff}) all.push_back(make(ghcb_ + offset, 4));
    for (const std::uint64_t offset : numbers{0xfed, 0xfee, 0xff0, 0xffa, 0xffe})
      all.push_back(make(ghcb_ + offset, 4));
    all.push_back(make(buffer(), 0x7f1));
    all.push_back(make(ghcb_ - 2, 4));  // begins before the page
    all.push_back(make(0, 4));
    all.push_back(make(~std::uint64_t{} - 1, 4));
    all.push_back(make(places::scratch, 0x1'0001));
    all.push_back(make(places::scratch, 0x1'0000));
    all.push_back(make(places::hole, 4));
    all.push_back(make(setup_->memory - 2, 4));
    all.push_back(make(setup_->memory, 4));
  }
  void bad_changes(list& all) const {
    const std::uint64_t page = ghcb_places::converted;
    const auto scratch = [&](std::uint64_t where) {
      ghcb_step step = change(0, 0, {entry(1, page)});
      layout::pass(step.page, ghcb::ghcb_field::sw_scratch, where);
      all.push_back(step);
    };
    for (const std::uint64_t where :
         {std::uint64_t{0}, ghcb_ + 0x700, ghcb_ + 0xff0, ~std::uint64_t{} - 3, ghcb_places::hole, setup_->memory})
      scratch(where);
    // The header fits, what it announces does not.
    all.push_back(change(0, 0, {entry(1, page)}, ghcb_ + 0xfe8));
    all.push_back(change(0, 252, {entry(1, page)}));
    all.push_back(change(0, 253, {entry(1, page)}));
    all.push_back(change(0, 0xffff, {entry(1, page)}));
    all.push_back(change(0xffff, 0xffff, {entry(1, page)}));
    // An entry that is none, at every place of a list; before it, progress.
    for (std::uint16_t wrong = 0; wrong < 4; ++wrong)
      for (const std::uint64_t what :
           {entry(1, ghcb_places::hole), entry(1, setup_->memory), entry(0, page), entry(5, page), entry(15, page),
            entry(1, page + 0x1000, true), entry(1, page, true, 513), entry(1, page, false, 2)}) {
        std::array<std::uint64_t, 4> entries{entry(1, page), entry(2, page + 0x1000), entry(1, page + 0x2000),
                                             entry(1, page + 0x3000)};
        entries[wrong] = what;
        all.push_back(change(0, 3, entries));
        if (wrong == 3) all.push_back(change(2, 3, entries));
        if (wrong == 0) all.push_back(change(1, 3, entries));  // is not looked at
      }
    // The list changes while it is worked off.
    ghcb_step grows = change(0, 0, {entry(1, page), entry(1, page + 0x1000)}, ghcb_places::scratch);
    grows.race = ghcb_bytes{ghcb_places::scratch + 2, {1, 0}};
    all.push_back(grows);
  }

  const ghcb_setup* setup_;
  std::uint32_t vcpu_;
  std::uint8_t vmpl_;
  std::uint64_t ghcb_;
};

}  // namespace sevspec::inline v0::verify

#endif
