// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_RMP_REFERENCE_HPP
#define SEVSPEC_VERIFY_RMP_REFERENCE_HPP

#include <cstdint>
#include <expected>
#include <optional>

#include <sevspec/base/access.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/base/rule_set.hpp>
#include <sevspec/firmware/page_commands.hpp>
#include <sevspec/memory/ownership.hpp>
#include <sevspec/paging/page_fault_code.hpp>
#include <sevspec/rmp/access_check.hpp>
#include <sevspec/rmp/geometry.hpp>
#include <sevspec/rmp/lazy_table.hpp>
#include <sevspec/rmp/page_state.hpp>
#include <sevspec/rmp/psmash.hpp>
#include <sevspec/rmp/pvalidate.hpp>
#include <sevspec/rmp/rmpadjust.hpp>
#include <sevspec/rmp/rmpquery.hpp>
#include <sevspec/rmp/rmpread.hpp>
#include <sevspec/rmp/rmpupdate.hpp>
#include <sevspec/verify/rmp_step.hpp>

namespace sevspec::inline v0::verify {

/// A machine that answers steps as the architecture does: SNP enabled, the firmware's SNP state INIT, four VMPLs, VmplSSS
/// on, host with NX, no page in use.
/// @tparam Context  with the rules in force; a reference type to share one
template <class Context = context<>>
class rmp_reference {
 public:
  /// @return nothing if RMP_BASE and RMP_END give no table
  [[nodiscard]] static auto make(const rmp_setup& setup, Context ctx = {})
      -> std::expected<rmp_reference, rmp::geometry_error> {
    ctx.choices = setup.choices;
    if (setup.rmp_base == 0 && setup.rmp_end == 0)
      return rmp_reference{ctx, setup.memory / 4096 + (setup.memory % 4096 != 0 ? 1 : 0), {}};
    const auto place = rmp::contiguous_geometry::make(ctx, {setup.rmp_base}, {setup.rmp_end});
    if (!place) return std::unexpected{place.error()};
    return rmp_reference{ctx, place->pages(), *place};
  }

  /// Back to the start.
  void reset() noexcept { table_.reset(); }
  void reset(const implementation_choices& choices) noexcept {
    ctx_.choices = choices;
    table_.reset();
  }
  /// How many pages are covered.
  [[nodiscard]] auto pages() const noexcept -> std::uint64_t { return table_.pages(); }

  [[nodiscard]] auto run(const rmp_step& step) -> rmp_answer {
    switch (step.what) {
      case rmp_operation::rmpupdate:
        return answer(rmp::rmpupdate(ctx_, table_, cpu, host(step), {step.spa},
                                     {.assigned = step.assigned,
                                      .large = step.size != page_size::k4k,
                                      .immutable = step.immutable,
                                      .id = {step.asid},
                                      .guest = {step.gpa}}));
      case rmp_operation::psmash:  return answer(rmp::psmash(ctx_, table_, cpu, host(step), {step.spa}));
      case rmp_operation::rmpread: return read(step);
      case rmp_operation::pvalidate:
        return answer(rmp::pvalidate(ctx_, table_, cpu, guest(step),
                                     {.where = {step.gpa}, .size = size_operand(step), .validated = step.validate},
                                     translation(step)));
      case rmp_operation::rmpadjust:
        return answer(rmp::rmpadjust(ctx_, table_, cpu, guest(step),
                                     {.where = {step.gpa}, .size = size_operand(step), .attributes = step.attributes},
                                     translation(step)));
      case rmp_operation::rmpquery: return query(step);
      case rmp_operation::access:   return access(step);
      case rmp_operation::entry:    return entry(step);
      case rmp_operation::page_reclaim:
        return command(firmware::page_reclaim(ctx_, table_, {step.spa}, step.size, holds_table()));
      case rmp_operation::page_unsmash: return command(firmware::page_unsmash(ctx_, table_, {step.spa}, holds_table()));
      case rmp_operation::page_set_state:
        return command(firmware::page_set_state(ctx_, table_, {step.spa}, step.pages, holds_table()));
      default: break;  // needs a firmware with guests
    }
    return {.ending = rmp_ending::unsupported};
  }

  [[nodiscard]] auto table() const noexcept -> const rmp::lazy_table& { return table_; }
  [[nodiscard]] auto table() noexcept -> rmp::lazy_table& { return table_; }

 private:
  static constexpr rmp::processor cpu{};

  rmp_reference(Context ctx, std::uint64_t pages, std::optional<rmp::contiguous_geometry> place)
      : ctx_(ctx), table_(pages), place_(place) {}

  [[nodiscard]] static auto host(const rmp_step& step) noexcept -> rmp::execution {
    return {.level = {step.cpl}, .id = {step.caller_asid}};
  }
  [[nodiscard]] static auto guest(const rmp_step& step) noexcept -> rmp::execution {
    return {.level = {step.cpl}, .id = {step.asid}, .snp_active = step.asid != 0, .privilege = {step.vmpl}};
  }
  [[nodiscard]] static auto size_operand(const rmp_step& step) noexcept -> std::uint32_t {
    return step.size == page_size::k4k ? 0 : 1;
  }
  /// The step says where the guest's address leads.
  [[nodiscard]] static auto translation(const rmp_step& step) noexcept {
    return [&step](gva where) -> outcome<rmp::guest_page> {
      return rmp::guest_page{
          .linear = where, .guest = {step.gpa}, .where = {step.spa}, .leaf = step.leaf, .guest_leaf = step.leaf};
    };
  }
  [[nodiscard]] auto holds_table() const noexcept {
    return [this](spa where) { return place_ && place_->holds(where); };
  }

  [[nodiscard]] static auto failed(const fault& raised) noexcept -> rmp_answer {
    rmp_answer made{.error = raised.code, .address = raised.address, .decided_by = raised.decided_by};
    switch (raised.kind) {
      case fault_kind::ud:  made.ending = rmp_ending::ud; break;
      case fault_kind::gp:  made.ending = rmp_ending::gp; break;
      case fault_kind::pf:  made.ending = rmp_ending::pf; break;
      case fault_kind::npf: made.ending = rmp_ending::npf; break;
      case fault_kind::vc:  made.ending = rmp_ending::vc; break;
      default:              made.ending = rmp_ending::unsupported; break;  // no step raises another
    }
    return made;
  }
  [[nodiscard]] static auto answer(const outcome<rmp::result>& done) noexcept -> rmp_answer {
    if (!done) return failed(done.error());
    return {.ending = rmp_ending::result,
            .eax = static_cast<std::uint32_t>(done->eax),
            .zf = done->succeeded(),
            .cf = done->succeeded() && done->unchanged,
            .decided_by = done->decided_by};
  }
  [[nodiscard]] static auto command(firmware::status status) noexcept -> rmp_answer {
    return {
        .ending = rmp_ending::status, .eax = static_cast<std::uint32_t>(status), .state = firmware::name_of(status)};
  }

  [[nodiscard]] auto read(const rmp_step& step) -> rmp_answer {
    rmp::read_state found;
    rmp_answer made = answer(rmp::rmpread(ctx_, table_, cpu, host(step), {step.spa}, found));
    made.assigned = found.assigned;
    made.immutable = found.immutable;
    made.size_byte = static_cast<std::uint8_t>((found.large ? 1U : 0U) | (found.region_assigned ? 2U : 0U));
    made.asid = found.id.value;
    made.gpa = found.guest.value;
    return made;
  }
  [[nodiscard]] auto query(const rmp_step& step) -> rmp_answer {
    rmp::queried_state found;
    rmp_answer made =
        answer(rmp::rmpquery(ctx_, table_, cpu, guest(step), {step.gpa}, step.target_vmpl, translation(step), found));
    made.size_byte = found.large ? 1 : 0;
    made.attributes = found.attributes;
    return made;
  }
  [[nodiscard]] auto entry(const rmp_step& step) const -> rmp_answer {
    const rmp::spfn page = page_of(spa{step.spa});
    const rmp::raw_entry raw = table_.covers(page) ? table_.raw_of(page) : rmp::raw_entry{};
    return {
        .ending = rmp_ending::entry, .lo = raw.lo, .hi = raw.hi, .state = rmp::name_of(rmp::state_of(table_, page))};
  }

  [[nodiscard]] auto access(const rmp_step& step) -> rmp_answer {
    const bool table = step.kind == rmp_access::walk_read || step.kind == rmp_access::walk_write;
    const access_kind kind = kind_of(step.kind);
    const bool snp_guest = step.by == rmp_agent::guest && step.snp;
    const bool c = snp_guest ? step.c || table || kind == access_kind::execute : step.c;  // RMP-CHK-07
    memory::ownership_query query{.where = {step.spa},
                                  .guest = {step.gpa},
                                  .leaf = step.leaf,
                                  .kind = kind,
                                  .table = table,
                                  .user = step.cpl == 3,
                                  .c = c,
                                  .id = {step.asid},
                                  .level = {step.vmpl},
                                  .vmpl_sss = true};
    if (step.by == rmp_agent::guest)
      query.who = step.snp ? memory::owner_context::snp_guest : memory::owner_context::guest;
    if (step.by == rmp_agent::device) {  // reads are not checked, writes as the host's (RMP-CHK-17)
      if (!writes(kind)) return {.ending = rmp_ending::done};
    }
    const memory::ownership_verdict verdict = rmp::check_access(ctx_, table_, query);
    if (verdict.what == memory::ownership_verdict::kind::allowed) return {.ending = rmp_ending::done};
    if (step.by == rmp_agent::device) return {.ending = rmp_ending::abort, .decided_by = verdict.decided_by};
    if (step.by == rmp_agent::host) return host_fault(step, verdict, query);
    return guest_fault(step, verdict, query);
  }

  [[nodiscard]] static auto kind_of(rmp_access kind) noexcept -> access_kind {
    switch (kind) {
      case rmp_access::read:         return access_kind::read;
      case rmp_access::write:        return access_kind::write;
      case rmp_access::execute:      return access_kind::execute;
      case rmp_access::shadow_stack: return access_kind::shadow_stack_write;
      case rmp_access::walk_read:    return access_kind::read;
      case rmp_access::walk_write:   return access_kind::write;
    }
    return access_kind::read;
  }

  using error = paging::page_fault_code;

  /// A walker's reference is reported as a supervisor's write.
  [[nodiscard]] static auto host_fault(const rmp_step& step, const memory::ownership_verdict& verdict,
                                       const memory::ownership_query& query) noexcept -> rmp_answer {
    const bool reserved = verdict.what == memory::ownership_verdict::kind::reserved;
    std::uint64_t code = error::p::mask | (reserved ? error::rsvd::mask : error::rmp::mask);
    if (query.table || writes(query.kind)) code |= error::w::mask;
    if (!query.table && query.user) code |= error::u::mask;
    if (is_shadow_stack(query.kind)) code |= error::ss::mask;
    return {.ending = rmp_ending::pf, .error = code, .address = step.gpa, .decided_by = verdict.decided_by};
  }

  [[nodiscard]] auto guest_fault(const rmp_step& step, const memory::ownership_verdict& verdict,
                                 const memory::ownership_query& query) const noexcept -> rmp_answer {
    using enum memory::ownership_verdict::kind;
    if (verdict.what == not_validated)
      return {.ending = rmp_ending::vc,
              .error = paging::vmexit_page_not_validated,
              .address = step.gpa,
              .decided_by = verdict.decided_by};
    std::uint64_t code = error::p::mask | error::u::mask;
    code |= verdict.what == reserved ? error::rsvd::mask : error::rmp::mask;
    code |= query.table ? error::guest_table::mask : error::final_gpa::mask;
    if (writes(query.kind) || (query.table && ctx_.choices.rmp_gpt_error_w)) code |= error::w::mask;
    if (query.kind == access_kind::execute) code |= error::id::mask;
    if (is_shadow_stack(query.kind)) code |= error::ss::mask;
    if (query.c && ctx_.choices.report_enc_bit != enc_bit::never) code |= error::enc::mask;
    if (verdict.what == vmpl_denied) code |= error::vmpl::mask;
    if (verdict.sss) code |= error::sss::mask;
    return {.ending = rmp_ending::npf, .error = code, .address = step.gpa, .decided_by = verdict.decided_by};
  }

  Context ctx_;
  rmp::lazy_table table_;
  std::optional<rmp::contiguous_geometry> place_;
};

}  // namespace sevspec::inline v0::verify

#endif
