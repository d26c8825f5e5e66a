// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MIGRATION_SEV_TRANSFER_HPP
#define SEVSPEC_MIGRATION_SEV_TRANSFER_HPP

#include <algorithm>
#include <cstdint>
#include <expected>
#include <span>
#include <utility>
#include <vector>

#include <gsl/assert>

#include <sevspec/base/rule.hpp>
#include <sevspec/firmware/asid_commands.hpp>
#include <sevspec/firmware/legacy_transport.hpp>
#include <sevspec/layout/sev_command.hpp>
#include <sevspec/migration/encrypted_vm.hpp>
#include <sevspec/migration/transfer_stream.hpp>

/// Live migration of SEV and SEV-ES guests: two hosts, and the commands that they give to their firmware. SEND_START,
/// rounds of SEND_UPDATE_DATA while the guest runs, SEND_UPDATE_VMSA and the status map when it has stopped, SEND_FINISH;
/// RECEIVE_START, ACTIVATE, RECEIVE_UPDATE_*, RECEIVE_FINISH.   SEV API, chapter 6; MIG-RECV-02; MIG-DIRTY-01 to 03
namespace sevspec::inline v0::migration {

/// Why a transfer stops.
struct transfer_error {
  enum class kind : std::uint8_t {
    firmware,       ///< a command failed: see `code`
    order,          ///< a record before the session, or after the end
    wrong_size,     ///< a record whose body is not as long as its type says
    no_such_page,   ///< the guest has no such page or vCPU
    no_status_map,  ///< the end comes before the status map
    not_ready,      ///< the guest has not said that it tells of its conversions
  };
  kind what{};
  firmware::status code = firmware::status::success;

  friend constexpr auto operator==(const transfer_error&, const transfer_error&) -> bool = default;
};

/// Where the host is with a page that it sends, while the guest runs on.
enum class sending : std::uint8_t {
  status_read,  ///< it knows how to send the page, and has not read it
  bytes_read,   ///< it has read the page, and has not asked whether that changed
};

template <class Value = void>
using transferred = std::expected<Value, transfer_error>;

/// Plain memory of the host that commands write to: a page each, the body on its own.
struct host_buffers {
  spa certificate{};
  spa session{};
  spa header{};
  spa body{};
};

namespace detail {

[[nodiscard]] inline auto refused(firmware::status code) -> std::unexpected<transfer_error> {
  return std::unexpected{transfer_error{transfer_error::kind::firmware, code}};
}
[[nodiscard]] inline auto stopped(transfer_error::kind why) -> std::unexpected<transfer_error> {
  return std::unexpected{transfer_error{why}};
}
/// The operand of SEND_UPDATE_* and RECEIVE_UPDATE_*.
[[nodiscard]] inline auto transport_of(std::uint32_t handle, spa page, const host_buffers& at)
    -> layout::cmd_transport {
  layout::cmd_transport cmd;
  cmd.set_handle(handle);
  cmd.set_hdr_paddr(at.header.value);
  cmd.set_hdr_len(packet_header_size);
  cmd.set_guest_paddr(page.value);
  cmd.set_guest_len(4096);
  cmd.set_trans_paddr(at.body.value);
  cmd.set_trans_len(4096);
  return cmd;
}

}  // namespace detail

/// The source's host.
template <class Context, class Machine>
class sev_sender {
 public:
  /// @param vm  a running guest
  sev_sender(Context& ctx, Machine& m, encrypted_vm& vm, const host_buffers& at)
      : ctx_(&ctx), m_(&m), vm_(&vm), at_(at) {}

  /// SEND_START, if the guest is ready: one that does not tell of its conversions arrives spoilt. All its pages are dirty
  /// then: what was sent in a transfer that was cancelled is nothing to the next target.   MIG-STAT-01
  /// @param target  the target's PDH certificate
  [[nodiscard]] auto start(const layout::sev_cert& target) -> transferred<transfer_record> {
    if (ctx_->denies(rule::MIG_STAT_01, !vm_->ready)) return detail::stopped(transfer_error::kind::not_ready);
    firmware::write_plain(*ctx_, *m_, at_.certificate.value, target.bytes());
    layout::cmd_send_start cmd;
    cmd.set_handle(vm_->handle);
    cmd.set_pdh_cert_paddr(at_.certificate.value);
    cmd.set_pdh_cert_len(firmware::sev_cert_bytes);
    cmd.set_session_paddr(at_.session.value);
    cmd.set_session_len(session_bytes);
    const firmware::status done = firmware::send_start(*ctx_, *m_, cmd);
    if (done != firmware::status::success) return detail::refused(done);
    for (std::uint64_t page = 0; page < vm_->pages.size(); ++page) vm_->dirty.mark(page);
    transfer_record made{record_type::session, 0, std::vector<std::uint8_t>(session_body_bytes)};
    layout::write_le(made.body.data(), cmd.policy().raw);
    std::ranges::copy(m_->sp.identity.pdh.certificate.bytes(), made.body.begin() + 4);
    firmware::read_plain(*ctx_, *m_, at_.session.value, std::span{made.body}.subspan(4 + firmware::sev_cert_bytes));
    return made;
  }

  /// One page. What happens meanwhile is not lost: a page that is written or converted while it is sent is dirty again.
  /// So is one that could not be sent.   MIG-DIRTY-02; MIG-RECV-02
  /// @param meanwhile  `meanwhile(page, sending)`: the guest, at both points
  template <class Meanwhile>
  [[nodiscard]] auto send_page(std::uint64_t page, Meanwhile&& meanwhile) -> transferred<transfer_record> {
    if (page >= vm_->pages.size()) return detail::stopped(transfer_error::kind::no_such_page);
    vm_->dirty.clear(page);
    const bool encrypted = vm_->status.is_encrypted(page);
    meanwhile(page, sending::status_read);
    transfer_record made{record_type::shared_page, page, {}};
    if (ctx_->applies(rule::MIG_RECV_02, encrypted)) {
      const auto packet = send_update(vm_->pages[page], false);
      if (!packet) {
        vm_->dirty.mark(page);
        return std::unexpected{packet.error()};
      }
      made = {record_type::private_page, page, *packet};
    } else {
      made.body.resize(4096);
      firmware::read_plain(*ctx_, *m_, vm_->pages[page].value, made.body);
    }
    meanwhile(page, sending::bytes_read);
    const bool changed = vm_->dirty.is_dirty(page) || vm_->status.is_encrypted(page) != encrypted;
    if (ctx_->applies(rule::MIG_DIRTY_02, changed)) vm_->dirty.mark(page);
    else vm_->dirty.clear(page);
    return made;
  }
  [[nodiscard]] auto send_page(std::uint64_t page) -> transferred<transfer_record> {
    return send_page(page, [](std::uint64_t, sending) {});
  }

  /// All pages that are dirty at the beginning. If one cannot be sent no record leaves, and all stay dirty.   MIG-DIRTY-02
  template <class Meanwhile>
  [[nodiscard]] auto round(Meanwhile&& meanwhile) -> transferred<std::vector<transfer_record>> {
    std::vector<transfer_record> made;
    for (const std::uint64_t page : vm_->dirty.all()) {
      auto one = send_page(page, meanwhile);
      if (!one) return thrown_away(made, one.error());
      made.push_back(std::move(*one));
    }
    return made;
  }

  /// The guest has stopped: what is left, VMSAs, status map, SEND_FINISH, end. If a command fails no record leaves, and what
  /// was left still is. A guest that does not tell of its conversions any more stays.   MIG-DIRTY-02; MIG-STAT-01
  [[nodiscard]] auto finish() -> transferred<std::vector<transfer_record>> {
    if (ctx_->denies(rule::MIG_STAT_01, !vm_->ready)) return detail::stopped(transfer_error::kind::not_ready);
    auto made = round([](std::uint64_t, sending) {});
    if (!made) return made;
    for (std::uint64_t vcpu = 0; vcpu < vm_->vmsas.size(); ++vcpu) {
      auto packet = send_update(vm_->vmsas[vcpu], true);
      if (!packet) return thrown_away(*made, packet.error());
      made->push_back({record_type::vmsa, vcpu, std::move(*packet)});
    }
    made->push_back({record_type::status_map, vm_->status.pages(), vm_->status.bitmap(0, vm_->status.pages())});
    layout::cmd_handle cmd;
    cmd.set_handle(vm_->handle);
    const firmware::status done = firmware::send_finish(*ctx_, *m_, cmd);
    if (done != firmware::status::success) return thrown_away(*made, detail::refused(done).error());
    made->push_back({record_type::end, 0, {}});
    return made;
  }

  /// SEND_CANCEL: the guest stays, as if nothing had been sent.
  [[nodiscard]] auto cancel() -> transferred<> {
    layout::cmd_handle cmd;
    cmd.set_handle(vm_->handle);
    const firmware::status done = firmware::send_cancel(*ctx_, *m_, cmd);
    if (done != firmware::status::success) return detail::refused(done);
    return {};
  }

  static constexpr std::uint32_t session_bytes = 128;

 private:
  /// What was made and does not leave has not been sent.
  [[nodiscard]] auto thrown_away(const std::vector<transfer_record>& records, const transfer_error& why)
      -> std::unexpected<transfer_error> {
    for (const transfer_record& one : records)
      if (one.type == record_type::private_page || one.type == record_type::shared_page) vm_->dirty.mark(one.page);
    return std::unexpected{why};
  }
  /// Header and transport data of one packet.
  [[nodiscard]] auto send_update(spa page, bool vmsa) -> transferred<std::vector<std::uint8_t>> {
    layout::cmd_transport cmd = detail::transport_of(vm_->handle, page, at_);
    const firmware::status done =
        vmsa ? firmware::send_update_vmsa(*ctx_, *m_, cmd) : firmware::send_update_data(*ctx_, *m_, cmd);
    if (done != firmware::status::success) return detail::refused(done);
    std::vector<std::uint8_t> packet(packet_header_size + 4096);
    firmware::read_plain(*ctx_, *m_, at_.header.value, std::span{packet}.first(packet_header_size));
    firmware::read_plain(*ctx_, *m_, at_.body.value, std::span{packet}.subspan(packet_header_size));
    return packet;
  }

  Context* ctx_;
  Machine* m_;
  encrypted_vm* vm_;
  host_buffers at_;
};

/// The target's host.
template <class Context, class Machine>
class sev_receiver {
 public:
  /// @param vm  where the pages shall lie; the handle is set when the session arrives
  /// @param id  the ASID that the guest gets
  sev_receiver(Context& ctx, Machine& m, encrypted_vm& vm, asid id, const host_buffers& at)
      : ctx_(&ctx), m_(&m), vm_(&vm), id_(id), at_(at) {}

  /// Takes the next record. What the other host says is not trusted: records may be of any size.
  [[nodiscard]] auto take(const transfer_record& one) -> transferred<> {
    if ((one.type == record_type::session) == started_ || ended_) return detail::stopped(transfer_error::kind::order);
    if (one.body.size() != body_bytes_of(one.type, one.page)) return detail::stopped(transfer_error::kind::wrong_size);
    switch (one.type) {
      case record_type::session:      return start(one);
      case record_type::private_page: return update(one, vm_->pages, false);
      case record_type::vmsa:         return update(one, vm_->vmsas, true);
      case record_type::shared_page:
        if (one.page >= vm_->pages.size()) return detail::stopped(transfer_error::kind::no_such_page);
        firmware::write_plain(*ctx_, *m_, vm_->pages[one.page].value, one.body);
        return {};
      case record_type::status_map:
        if (one.page != vm_->pages.size() || !vm_->status.set_bitmap(0, one.page, one.body))
          return detail::stopped(transfer_error::kind::no_such_page);
        has_status_ = true;
        return {};
      case record_type::helper_page: return detail::stopped(transfer_error::kind::order);  // the helper's, not ours
      case record_type::end:         return finish();
    }
    return detail::stopped(transfer_error::kind::order);
  }
  template <class Records>
  [[nodiscard]] auto take_all(const Records& records) -> transferred<> {
    for (const transfer_record& one : records)
      if (auto done = take(one); !done) return done;
    return {};
  }

  /// Whether the guest runs here.
  [[nodiscard]] auto has_arrived() const noexcept -> bool { return ended_; }

 private:
  [[nodiscard]] auto start(const transfer_record& one) -> transferred<> {
    const std::span<const std::uint8_t> body{one.body};
    firmware::write_plain(*ctx_, *m_, at_.certificate.value, body.subspan(4, firmware::sev_cert_bytes));
    firmware::write_plain(*ctx_, *m_, at_.session.value, body.subspan(4 + firmware::sev_cert_bytes));
    layout::cmd_receive_start cmd;
    cmd.set_policy({layout::read_le<std::uint32_t>(body.data())});
    cmd.set_pdh_cert_paddr(at_.certificate.value);
    cmd.set_pdh_cert_len(firmware::sev_cert_bytes);
    cmd.set_session_paddr(at_.session.value);
    cmd.set_session_len(static_cast<std::uint32_t>(body.size() - 4 - firmware::sev_cert_bytes));
    if (const auto done = firmware::receive_start(*ctx_, *m_, cmd); done != firmware::status::success)
      return detail::refused(done);
    vm_->handle = cmd.handle();
    started_ = true;
    layout::cmd_activate activate;
    activate.set_handle(vm_->handle);
    activate.set_asid(id_.value);
    if (const auto done = firmware::activate(*ctx_, *m_, activate); done != firmware::status::success)
      return detail::refused(done);
    return {};
  }
  [[nodiscard]] auto update(const transfer_record& one, const std::vector<spa>& places, bool vmsa) -> transferred<> {
    if (one.page >= places.size()) return detail::stopped(transfer_error::kind::no_such_page);
    const std::span<const std::uint8_t> packet{one.body};
    firmware::write_plain(*ctx_, *m_, at_.header.value, packet.first(packet_header_size));
    firmware::write_plain(*ctx_, *m_, at_.body.value, packet.subspan(packet_header_size));
    const layout::cmd_transport cmd = detail::transport_of(vm_->handle, places[one.page], at_);
    const auto done =
        vmsa ? firmware::receive_update_vmsa(*ctx_, *m_, cmd) : firmware::receive_update_data(*ctx_, *m_, cmd);
    if (done != firmware::status::success) return detail::refused(done);
    return {};
  }
  [[nodiscard]] auto finish() -> transferred<> {
    if (ctx_->denies(rule::MIG_DIRTY_03, !has_status_)) return detail::stopped(transfer_error::kind::no_status_map);
    layout::cmd_handle cmd;
    cmd.set_handle(vm_->handle);
    if (const auto done = firmware::receive_finish(*ctx_, *m_, cmd); done != firmware::status::success)
      return detail::refused(done);
    vm_->ready = true;  // or it would not have been sent (MIG-STAT-01)
    ended_ = true;
    return {};
  }

  Context* ctx_;
  Machine* m_;
  encrypted_vm* vm_;
  asid id_;
  host_buffers at_;
  bool started_ = false;
  bool has_status_ = false;
  bool ended_ = false;
};

}  // namespace sevspec::inline v0::migration

#endif
