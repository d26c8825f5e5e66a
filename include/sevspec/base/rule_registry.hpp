// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_BASE_RULE_REGISTRY_HPP
#define SEVSPEC_BASE_RULE_REGISTRY_HPP

#include <cstdint>
#include <gsl/assert>

#include <sevspec/base/confidence.hpp>
#include <sevspec/base/rule.hpp>

namespace sevspec::inline v0 {

/// How a rule shows in the code, and so what a test must show of it.
enum class rule_kind : std::uint8_t {
  guard,       ///< can deny: a test makes it deny, and makes it let pass. Can be switched off.
  effect,      ///< acts under a condition: a test sees it act, and not act. Can be switched off.
  definition,  ///< holds always (a layout, an order, a formula): a test asserts it. Cannot be switched off.
};

struct rule_info {
  rule id;
  const char* name;  ///< "PAG-MODE-01"
  rule_kind kind;
  confidence trust;
  const char* text;    ///< the statement, in one sentence
  const char* source;  ///< where it is written
};

// clang-format off
/// One row per rule, in the order of the enumerators.
inline constexpr rule_info rule_registry[] = {
    // Single-stage paging: modes
    {rule::PAG_MODE_01, "PAG-MODE-01", rule_kind::effect, confidence::high,
     "With CR0.PG=0 nothing is translated: the linear address is the sPA in the host and the gPA in a guest.", "APM vol. 2, 5.1; 15.25.5"},
    {rule::PAG_MODE_04, "PAG-MODE-04", rule_kind::definition, confidence::high,
     "EFER.LMA=1 selects four-level paging, and five-level when CR4.LA57=1; LA57 is ignored while LMA=0.", "APM vol. 2, 5.3"},
    {rule::PAG_MODE_05, "PAG-MODE-05", rule_kind::definition, confidence::high,
     "A level-1 leaf maps 4K; PDE.PS=1 maps 2M; PDPE.PS=1 maps 1G in long mode where CPUID Fn8000_0001 EDX[26] allows.", "APM vol. 2, 5.4.1"},
    {rule::PAG_MODE_06, "PAG-MODE-06", rule_kind::definition, confidence::high,
     "A SEV guest controls the C-bit only in long mode and PAE mode; in every other mode all its accesses are private.", "APM vol. 2, 15.34.4"},
    {rule::PAG_MODE_07, "PAG-MODE-07", rule_kind::definition, confidence::high,
     "The entry of level L is chosen by VA[12+9L-1 : 12+9(L-1)]; its address is table base + index * 8.", "APM vol. 2, 5.3.3"},
    // Single-stage paging: canonical addresses
    {rule::PAG_CAN_01, "PAG-CAN-01", rule_kind::guard, confidence::high,
     "In 64-bit mode VA[63:47] (four levels) or VA[63:56] (five levels) are all equal, else #GP(0), or #SS(0) through SS, before any table is read.", "APM vol. 2, 5.3.1"},
    {rule::PAG_CAN_02, "PAG-CAN-02", rule_kind::effect, confidence::high,
     "Outside 64-bit mode (here: with paging off) the linear address is truncated to 32 bits, and there is no canonical check.", "APM vol. 2, 5.3.1"},
    {rule::PAG_CAN_04, "PAG-CAN-04", rule_kind::guard, confidence::high,
     "Every byte of the reference is canonical; one that reaches into the hole faults.", "APM vol. 2, 5.3.1"},
    // Single-stage paging: CR3
    {rule::PAG_CR3_01, "PAG-CR3-01", rule_kind::guard, confidence::high,
     "In long mode CR3[63:52] must be zero, the table base is CR3[51:12], and bits 11:0 do not take part in the walk.", "APM vol. 2, 5.3.2; 5.5.1"},
    {rule::PAG_CR3_02, "PAG-CR3-02", rule_kind::definition, confidence::high,
     "A guest CR3 with bits 63:52 set in long mode is refused at VMRUN (VMEXIT_INVALID); bits 11:5 and 2:0 are accepted and ignored.", "kvm-unit-tests x86/svm_tests.c"},
    {rule::PAG_CR3_03, "PAG-CR3-03", rule_kind::guard, confidence::medium,
     "A CR3 bit in [MAXPHYADDR..51] other than a legal C-bit is refused.", "APM vol. 2, 5.3.2"},
    // Single-stage paging: entries
    {rule::PAG_ENT_01, "PAG-ENT-01", rule_kind::definition, confidence::high,
     "Layout of 64-bit entries: P, R/W, U/S, PWT, PCD, A, D, PS/PAT, G, base, MPK, NX.", "APM vol. 2, 5.3.3 to 5.3.5"},
    {rule::PAG_ENT_02, "PAG-ENT-02", rule_kind::guard, confidence::high,
     "An entry with P=0 ends the walk: all its other bits are ignored, it raises no reserved-bit fault and no A or D is set.", "APM vol. 2, 5.4.1"},
    {rule::PAG_ENT_03, "PAG-ENT-03", rule_kind::guard, confidence::high,
     "Bit 8 of a PML4E or PML5E must be zero (AMD); bit 8 of other non-leaf entries is ignored.", "APM vol. 2, 5.3.3; kvm-unit-tests x86/svm_npt.c"},
    // Single-stage paging: reserved bits
    {rule::PAG_RSV_01, "PAG-RSV-01", rule_kind::guard, confidence::high,
     "Must-be-zero bits of the layout: bit 7 of PML4E and PML5E, low address bits of large pages, PDPE.PS without 1G support.", "APM vol. 2, 5.3.3 to 5.3.5"},
    {rule::PAG_RSV_02, "PAG-RSV-02", rule_kind::guard, confidence::high,
     "Address bits [51:W] of an entry must be zero, W being the width of its domain, except the C-bit where it is legal.", "APM vol. 2, 5.4.1"},
    {rule::PAG_RSV_03, "PAG-RSV-03", rule_kind::definition, confidence::high,
     "Host and nested tables without memory encryption: W is the physical-address width; the C position is an ordinary bit.", "APM vol. 2, 15.34.1"},
    {rule::PAG_RSV_04, "PAG-RSV-04", rule_kind::definition, confidence::high,
     "Host and nested tables with memory encryption: W is the physical-address width less the reduction; the C-bit is legal above it.", "APM vol. 2, 15.34.1"},
    {rule::PAG_RSV_05, "PAG-RSV-05", rule_kind::definition, confidence::high,
     "Tables of a SEV-active guest: W is the full width, as the reduction does not apply to gPAs; the C-bit is legal.", "APM vol. 2, 15.34.6"},
    {rule::PAG_RSV_06, "PAG-RSV-06", rule_kind::definition, confidence::high,
     "Tables of a guest that is not SEV-active: W is the full width; the C position is an address bit below W and reserved above.", "APM vol. 2, 15.34.3"},
    {rule::PAG_RSV_08, "PAG-RSV-08", rule_kind::guard, confidence::high,
     "NX is reserved while EFER.NXE=0 of the domain that owns the table, at every level.", "APM vol. 2, 5.4.1"},
    {rule::PAG_RSV_09, "PAG-RSV-09", rule_kind::definition, confidence::medium,
     "The guest's own CPUID width does not narrow the hardware's check of guest tables.", "Linux arch/x86/kvm"},
    {rule::PAG_RSV_11, "PAG-RSV-11", rule_kind::definition, confidence::high,
     "A nested entry marked with a reserved address bit faults with RSVD=1; hypervisors mark MMIO so.", "APM vol. 2, 15.35.4"},
    // Single-stage paging: permissions
    {rule::PAG_PERM_01, "PAG-PERM-01", rule_kind::guard, confidence::high,
     "A user access needs U/S=1 at every level.", "APM vol. 2, 5.6.1"},
    {rule::PAG_PERM_02, "PAG-PERM-02", rule_kind::guard, confidence::high,
     "A user write needs R/W=1 at every level; a supervisor write too, unless CR0.WP=0.", "APM vol. 2, 5.6.2; 5.6.4"},
    {rule::PAG_PERM_03, "PAG-PERM-03", rule_kind::guard, confidence::high,
     "A fetch needs NX=0 at every level.", "APM vol. 2, 5.6.3"},
    {rule::PAG_PERM_04, "PAG-PERM-04", rule_kind::guard, confidence::high,
     "With CR4.SMEP=1 a supervisor fetch needs a supervisor page.", "APM vol. 2, 5.6.5"},
    {rule::PAG_PERM_05, "PAG-PERM-05", rule_kind::guard, confidence::high,
     "With CR4.SMAP=1 a supervisor data access to a user page faults if it is implicit or RFLAGS.AC=0.", "APM vol. 2, 5.6.6"},
    {rule::PAG_PERM_06, "PAG-PERM-06", rule_kind::guard, confidence::high,
     "With CR4.PKE=1 data accesses to user pages obey PKRU for the leaf's key: AD denies all, WD denies user writes and, with CR0.WP=1, supervisor writes.", "APM vol. 2, 5.6.7"},
    {rule::PAG_PERM_08, "PAG-PERM-08", rule_kind::definition, confidence::high,
     "R/W, U/S and NX combine over all levels; a restrictive upper entry never ends the walk early.", "APM vol. 2, 5.8"},
    {rule::PAG_PERM_09, "PAG-PERM-09", rule_kind::guard, confidence::medium,
     "There are no supervisor protection keys: CR4.PKS cannot be set.", "APM vol. 2, 3.1.3"},
    // Single-stage paging: page-fault error code
    {rule::PAG_PF_01, "PAG-PF-01", rule_kind::definition, confidence::high,
     "The #PF error code: P, W, U, RSVD, ID, PK, SS, RMP.", "APM vol. 2, 8.4.2"},
    {rule::PAG_PF_02, "PAG-PF-02", rule_kind::definition, confidence::high,
     "A reserved-bit fault reports P=1 together with RSVD=1.", "APM vol. 2, 8.4.2; kvm-unit-tests x86/access.c"},
    {rule::PAG_PF_03, "PAG-PF-03", rule_kind::definition, confidence::high,
     "CR2 is the full faulting linear address.", "APM vol. 2, 8.2.15"},
    {rule::PAG_PF_04, "PAG-PF-04", rule_kind::effect, confidence::high,
     "ID is reported for fetches only if EFER.NXE=1 (with PAE) or CR4.SMEP=1.", "APM vol. 2, 8.4.2; kvm-unit-tests x86/access.c"},
    // Single-stage paging: order
    {rule::PAG_PRI_01, "PAG-PRI-01", rule_kind::definition, confidence::high,
     "Segment checks come first, then the canonical check, then the walk.", "APM vol. 2, 5.9"},
    {rule::PAG_PRI_02, "PAG-PRI-02", rule_kind::definition, confidence::high,
     "Per level: translate the entry's address, read, check P, check reserved bits; after the leaf: protection key, then all other permissions.", "APM vol. 2, 15.25.6"},
    {rule::PAG_PRI_03, "PAG-PRI-03", rule_kind::definition, confidence::high,
     "P=0 at a lower level beats a permission violation above it; a reserved bit at a higher level beats P=0 below it.", "APM vol. 2, 5.8"},
    {rule::PAG_PRI_04, "PAG-PRI-04", rule_kind::definition, confidence::high,
     "Faults of the guest walk, of nested walks of its entries, guest permissions and the final nested walk come in that order.", "APM vol. 2, 15.25.6"},
    // Single-stage paging: accessed and dirty bits
    {rule::PAG_AD_01, "PAG-AD-01", rule_kind::effect, confidence::high,
     "A is set in every entry used; D is set in the leaf by writes only; hardware never clears either.", "APM vol. 2, 5.4.1"},
    {rule::PAG_AD_02, "PAG-AD-02", rule_kind::definition, confidence::high,
     "Neither A nor D is set in an entry with P=0.", "APM vol. 2, 5.4.2"},
    {rule::PAG_AD_04, "PAG-AD-04", rule_kind::effect, confidence::high,
     "Updates are atomic: if the entry changed since it was read, it is read and judged again.", "APM vol. 2, 5.4.2"},
    {rule::PAG_AD_05, "PAG-AD-05", rule_kind::definition, confidence::medium,
     "When upper A bits become visible on a faulting walk is a choice (`ad_policy`); the leaf's are set only if the stage permits the access.", "APM vol. 2, 15.25.6"},
    {rule::PAG_AD_06, "PAG-AD-06", rule_kind::definition, confidence::medium,
     "Upper levels are updated before lower ones, the leaf last, its A and D in one update.", "APM vol. 2, 5.4.2"},
    {rule::PAG_AD_07, "PAG-AD-07", rule_kind::definition, confidence::medium,
     "A supervisor write that CR0.WP=0 lets through to a read-only page sets D.", "kvm-unit-tests x86/access.c"},
    // Encryption control
    {rule::PAG_SYSCFG_02, "PAG-SYSCFG-02", rule_kind::definition, confidence::high,
     "With SYSCFG.MemEncryptionModEn=0 SME and SEV are off and the VMCB's SEV bits are ignored.", "APM vol. 2, 15.34.3"},
    {rule::PAG_SEVEN_01, "PAG-SEVEN-01", rule_kind::guard, confidence::high,
     "A SEV guest needs NP_ENABLE=1 and an ASID of at most NumEncryptedGuests (of VMRUN's conditions those that translation depends on).", "APM vol. 2, 15.34.3"},
    {rule::PAG_SEVEN_02, "PAG-SEVEN-02", rule_kind::definition, confidence::high,
     "SEV-active: guest mode, MemEncryptionModEn=1 and VMCB 090h[1]=1; SEV-ES-active needs 090h[2] too.", "APM vol. 2, 15.34.8"},
    {rule::PAG_ENC_01, "PAG-ENC-01", rule_kind::definition, confidence::high,
     "The C-bit of an entry states how the object it points to is encrypted; each level is independent.", "APM vol. 2, 15.34.1"},
    {rule::PAG_ENC_02, "PAG-ENC-02", rule_kind::definition, confidence::high,
     "The C-bit is removed from an address before the address is used.", "APM vol. 2, 15.34.6"},
    {rule::PAG_ENC_CR3, "PAG-ENC-CR3", rule_kind::definition, confidence::high,
     "The C-bit is legal in host CR3 and nCR3 under memory encryption and in gCR3 of a SEV-active guest.", "APM vol. 2, 15.34.5"},
    {rule::PAG_ENC_03, "PAG-ENC-03", rule_kind::definition, confidence::high,
     "Non-leaf C-bits and the gCR3 C-bit of a SEV-active guest do not choose keys.", "APM vol. 2, 15.34.5"},
    {rule::PAG_ENC_04, "PAG-ENC-04", rule_kind::definition, confidence::high,
     "Non-leaf nested C-bits and the nCR3 C-bit choose host key or plaintext for reading nested tables.", "APM vol. 2, 15.34.5"},
    {rule::PAG_ENC_05, "PAG-ENC-05", rule_kind::definition, confidence::high,
     "The nested leaf's C-bit matters only where the guest side does not choose the guest key.", "APM vol. 2, 15.34.5"},
    {rule::PAG_ENC_06, "PAG-ENC-06", rule_kind::definition, confidence::low,
     "A host access with paging off has no C-bit and is plaintext.", "inferred from APM vol. 2, 15.34"},
    {rule::PAG_KEY_01, "PAG-KEY-01", rule_kind::definition, confidence::high,
     "Memory encryption off: no key.", "APM vol. 2, 15.34.5"},
    {rule::PAG_KEY_02, "PAG-KEY-02", rule_kind::definition, confidence::high,
     "Host: the host key if the C-bit of the pointing entry or CR3 is set.", "APM vol. 2, 15.34.5"},
    {rule::PAG_KEY_03, "PAG-KEY-03", rule_kind::definition, confidence::high,
     "Guest without SEV, its data, code and tables: the host key if the nested leaf has C=1.", "APM vol. 2, 15.34.5"},
    {rule::PAG_KEY_04, "PAG-KEY-04", rule_kind::definition, confidence::high,
     "Guest without SEV, nested tables: the host key if the pointing nested entry or nCR3 has C=1.", "APM vol. 2, 15.34.5"},
    {rule::PAG_KEY_05, "PAG-KEY-05", rule_kind::definition, confidence::high,
     "SEV guest, instruction fetch: always the guest key.", "APM vol. 2, 15.34.5"},
    {rule::PAG_KEY_06, "PAG-KEY-06", rule_kind::definition, confidence::high,
     "SEV guest, its page tables, reads and A/D updates: always the guest key.", "APM vol. 2, 15.34.5"},
    {rule::PAG_KEY_07, "PAG-KEY-07", rule_kind::definition, confidence::high,
     "SEV guest, nested tables: the host key if the pointing nested entry or nCR3 has C=1.", "APM vol. 2, 15.34.5"},
    {rule::PAG_KEY_08, "PAG-KEY-08", rule_kind::definition, confidence::high,
     "SEV guest, data: guest leaf C=1 the guest key; else nested leaf C=1 the host key; else none.", "APM vol. 2, 15.34.5"},
    {rule::PAG_KEY_09, "PAG-KEY-09", rule_kind::definition, confidence::high,
     "SEV guest with paging off: data under the guest key.", "APM vol. 2, 15.34.4"},
    // Nested paging: controls and walk
    {rule::PAG_NPT_01, "PAG-NPT-01", rule_kind::definition, confidence::high,
     "nCR3 roots the nested tables, whose format is the VMM's at VMRUN and independent of the guest's.", "APM vol. 2, 15.25.3"},
    {rule::PAG_NPT_02, "PAG-NPT-02", rule_kind::guard, confidence::high,
     "VMRUN with NP_ENABLE=1 needs hCR0.PG=1 and a nonzero ASID; must-be-zero bits of nCR3 are those of CR3.", "APM vol. 2, 15.25.4"},
    {rule::PAG_NPT_04, "PAG-NPT-04", rule_kind::definition, confidence::high,
     "Host CR0.WP, SMEP, SMAP and PKE do not restrict nested accesses.", "APM vol. 2, 15.25.7"},
    {rule::PAG_NPT_05, "PAG-NPT-05", rule_kind::definition, confidence::high,
     "The guest has CR0, CR3, CR4 and EFER of its own.", "APM vol. 2, 15.25.2"},
    {rule::PAG_NPT_10, "PAG-NPT-10", rule_kind::definition, confidence::high,
     "Every guest-table entry address and gCR3 is a gPA and is translated by a full nested walk before the entry is read.", "APM vol. 2, 15.25.5"},
    {rule::PAG_NPT_11, "PAG-NPT-11", rule_kind::guard, confidence::high,
     "The nested walk for a guest-table entry is a user write: it needs nU=1 and nW=1 whatever the guest access is.", "APM vol. 2, 15.25.5"},
    {rule::PAG_NPT_12, "PAG-NPT-12", rule_kind::definition, confidence::high,
     "Guest-table pages therefore get A and D set in the nested leaf.", "APM vol. 2, 15.25.5"},
    {rule::PAG_NPT_13, "PAG-NPT-13", rule_kind::guard, confidence::high,
     "The final gPA is walked as a user access of the guest's own kind: it needs nU=1.", "APM vol. 2, 15.25.5"},
    {rule::PAG_NPT_15, "PAG-NPT-15", rule_kind::definition, confidence::high,
     "With guest paging off the gPA is the linear address and one nested walk remains.", "APM vol. 2, 15.25.5"},
    {rule::PAG_NPT_17, "PAG-NPT-17", rule_kind::definition, confidence::high,
     "Nested A is set at all levels used, nested D in the leaf when the nested access is a write.", "APM vol. 2, 15.25.5"},
    {rule::PAG_NPT_18, "PAG-NPT-18", rule_kind::definition, confidence::high,
     "The page size of the translation is the smaller of guest and nested page.", "APM vol. 2, 15.25.9"},
    {rule::PAG_NPT_19, "PAG-NPT-19", rule_kind::definition, confidence::high,
     "The C-bit is removed from the gPA before the nested walk.", "APM vol. 2, 15.34.6"},
    {rule::PAG_NPT_20, "PAG-NPT-20", rule_kind::definition, confidence::high,
     "Reserved bits of nested entries follow the rules of host tables, bit 8 of nPML4E and nPML5E included.", "kvm-unit-tests x86/svm_npt.c"},
    {rule::PAG_NPT_21, "PAG-NPT-21", rule_kind::guard, confidence::low,
     "A gPA beyond what the nested tables can index is not mapped, or aliases (`npt_high_gpa`).", "unspecified"},
    {rule::PAG_ASID_01, "PAG-ASID-01", rule_kind::definition, confidence::high,
     "ASID 0 is the host's; a guest's ASID names its gPA space and, under SEV, its key.", "APM vol. 2, 15.25.1; 15.34.2"},
    // Nested paging: faults
    {rule::PAG_NPF_01, "PAG-NPF-01", rule_kind::definition, confidence::high,
     "Per guest level the nested fault of the entry, then the guest's P and reserved faults; then guest permissions; then the final nested walk.", "APM vol. 2, 15.25.6"},
    {rule::PAG_NPF_02, "PAG-NPF-02", rule_kind::guard, confidence::high,
     "Guest writable needs nW=1 whatever CR0.WP or CPL say; guest executable needs nNX=0.", "APM vol. 2, 15.25.7"},
    {rule::PAG_NPF_03, "PAG-NPF-03", rule_kind::definition, confidence::high,
     "#NPF depends on nested tables and VMM modes alone, guest #PF on guest tables and guest modes alone.", "APM vol. 2, 15.25.6"},
    {rule::PAG_NPF_05, "PAG-NPF-05", rule_kind::definition, confidence::high,
     "EXITINFO2 is the faulting gPA, byte-exact, without the C-bit.", "APM vol. 2, 15.25.6"},
    {rule::PAG_NPF_10, "PAG-NPF-10", rule_kind::definition, confidence::high,
     "EXITINFO1: P, W, U=1, RSVD, ID, exactly one of bit 32 (final gPA) and 33 (guest-table entry), and bit 34 for an encrypted access.", "APM vol. 2, 15.25.6; 15.36.10"},
    {rule::PAG_NPF_11, "PAG-NPF-11", rule_kind::effect, confidence::medium,
     "ID of a nested fault needs host EFER.NXE=1 or CR4.SMEP=1 (`npf_id_requires_nx_or_smep`).", "kvm-unit-tests x86/svm_npt.c"},
    {rule::PAG_NPF_12, "PAG-NPF-12", rule_kind::effect, confidence::high,
     "In a SEV-ES guest a nested fault with RSVD=1 is no automatic exit: the guest takes #VC with error code 400h.", "APM vol. 2, 15.35.4"},
    {rule::PAG_NPF_13, "PAG-NPF-13", rule_kind::definition, confidence::high,
     "Worked codes: final 1_0000_0004 (not present read) to 1_0000_001D (reserved fetch); guest-table 2_0000_0006, 07, 0F.", "kvm-unit-tests x86/svm_npt.c"},
    // Reference counts
    {rule::PAG_CNT_01, "PAG-CNT-01", rule_kind::definition, confidence::high,
     "Table reads are the guest entries, the nested entries read for each of them, and those read for the final gPA.", "derived from APM vol. 2, 15.25.5"},
    {rule::PAG_CNT_02, "PAG-CNT-02", rule_kind::definition, confidence::high,
     "With uniform depths g and n the reads are (g+1)(n+1)-1: 4 over 4 make 24.", "derived from APM vol. 2, 15.25.5"},
    {rule::PAG_CNT_04, "PAG-CNT-04", rule_kind::definition, confidence::high,
     "The count excludes the data access, RMP reads and A/D writes.", "derived from APM vol. 2, 15.25.5"},
    // Memory encryption: the cipher
    {rule::ENC_MODE_01, "ENC-MODE-01", rule_kind::definition, confidence::high,
     "Memory is enciphered in blocks of 16 bytes without tag or counter: what DRAM holds depends on key, sPA and plaintext alone.", "SEVurity (IEEE S&P 2020), III"},
    {rule::ENC_MODE_02, "ENC-MODE-02", rule_kind::definition, confidence::high,
     "The tweak T(p) is the exclusive or of one constant for every bit that is set in the sPA from bit 4 up.", "SEVurity, III.A; Du et al. 2017"},
    {rule::ENC_MODE_03, "ENC-MODE-03", rule_kind::definition, confidence::high,
     "XE, first Zen: AES(m ^ T(p)).", "SEVurity, III.A"},
    {rule::ENC_MODE_04, "ENC-MODE-04", rule_kind::definition, confidence::high,
     "XEX, other parts of the first generation and later ones: AES(m ^ T(p)) ^ T(p).", "SEVurity, III.B"},
    {rule::ENC_MODE_05, "ENC-MODE-05", rule_kind::definition, confidence::high,
     "The first generation's constants for bits 4 to 31 are known, have a period of four bytes, and are the same for every key.", "SEVurity, III; UzL-ITS/SEVurity"},
    {rule::ENC_MODE_06, "ENC-MODE-06", rule_kind::definition, confidence::medium,
     "From Zen 2 on the constants have no period and are drawn anew at each boot.", "SEVurity, IX"},
    {rule::ENC_MODE_07, "ENC-MODE-07", rule_kind::definition, confidence::high,
     "From Zen 4 on a platform may use AES-256 in XTS mode instead.", "google/go-sev-guest abi/abi.go; torvalds/linux include/linux/psp-sev.h"},
    {rule::ENC_MODE_08, "ENC-MODE-08", rule_kind::definition, confidence::low,
     "XTS here: a data unit is a line of 64 bytes, its number the sPA divided by 64; hardware's numbering is not published.", "choice of this model"},
    // Layouts
    {rule::LAY_FMT_02, "LAY-FMT-02", rule_kind::definition, confidence::high,
     "A structure has a name of its own, a size, and an alignment that the architecture wants of its address; 1 means none.", "this library"},
    {rule::LAY_FMT_03, "LAY-FMT-03", rule_kind::definition, confidence::high,
     "The fields of a structure are contiguous and cover its whole size; gaps are reserved fields.", "several"},
    {rule::LAY_FMT_04, "LAY-FMT-04", rule_kind::definition, confidence::high,
     "Integers are little endian and need no alignment.", "several"},
    {rule::LAY_FMT_05, "LAY-FMT-05", rule_kind::definition, confidence::high,
     "The named bits of a field are contiguous and cover all its bits, counted from the least significant; gaps are reserved ranges.", "several"},
    {rule::LAY_FMT_06, "LAY-FMT-06", rule_kind::definition, confidence::high,
     "A field that a newer feature gives its meaning is reserved without that feature.", "several"},
    {rule::LAY_FMT_07, "LAY-FMT-07", rule_kind::definition, confidence::high,
     "The confidence of a field or of a range of bits, where it is given, overrides that of its structure.", "this library"},
    {rule::LAY_FMT_08, "LAY-FMT-08", rule_kind::definition, confidence::high,
     "A GHCB field's bit in valid_bitmap is its offset divided by 8.", "GHCB 2.6; torvalds/linux arch/x86/include/asm/svm.h"},
    {rule::LAY_FMT_09, "LAY-FMT-09", rule_kind::definition, confidence::high,
     "A table of codes names unsigned values below 2^64, or GUIDs; a value stands twice only as the end of a range.", "this library"},
    {rule::LAY_FMT_10, "LAY-FMT-10", rule_kind::definition, confidence::high,
     "A layout only says that a range is reserved: who enforces it is said where the structure is used, and producers write zeros.", "several"},
    {rule::LAY_FMT_11, "LAY-FMT-11", rule_kind::definition, confidence::high,
     "Opcodes are the bytes of the instruction from left to right.", "torvalds/linux arch/x86/virt/svm/sev.c"},
    {rule::LAY_SEG_01, "LAY-SEG-01", rule_kind::definition, confidence::high,
     "Save areas pack descriptor bits 55:52 and 47:40 as attrib[11:8] and attrib[7:0]; attrib[15:12] is zero.", "APM vol. 2, App. B; torvalds/linux arch/x86/include/asm/svm.h"},
    {rule::LAY_VMSA_08, "LAY-VMSA-08", rule_kind::definition, confidence::medium,
     "With register protection, bit i of the tweak bitmap says that the VMSA's quadword at 8*i is stored XORed with REG_PROT_NONCE.", "APM vol. 2, 15.36.7; microsoft/openvmm vm/x86/x86defs/src/snp.rs"},
    {rule::LAY_GHCB_01, "LAY-GHCB-01", rule_kind::definition, confidence::high,
     "Every GHCB field below 3F0h that is passed has its bit set in valid_bitmap: bit i in byte i/8, bit i%8.", "GHCB 2.6"},
    {rule::LAY_GHCB_02, "LAY-GHCB-02", rule_kind::definition, confidence::high,
     "CPL, the byte at CBh, has bit 25 of valid_bitmap.", "GHCB 2.6; torvalds/linux; tianocore/edk2"},
    {rule::LAY_VC_02, "LAY-VC-02", rule_kind::definition, confidence::high,
     "Of a SEV-ES guest only the exits of a short list are automatic; every other intercept, and #NPF with a reserved bit, raises #VC.", "APM vol. 2, 15.35.5"},
    {rule::LAY_RMP_04, "LAY-RMP-04", rule_kind::definition, confidence::high,
     "EAX of an RMP instruction is 0, or 1 input, 2 permission, 3 in use, 4 overlap, 6 size mismatch; PVALIDATE with EAX=0 sets CF if nothing changed.", "APM vol. 3, PVALIDATE"},
    {rule::LAY_REP_01, "LAY-REP-01", rule_kind::definition, confidence::high,
     "A report's version chooses its layout: 2; 3 and 4; 5 and later. Fields that a version does not know are reserved and zero.", "SNP ABI, ATTESTATION_REPORT; virtee/sev"},
    {rule::LAY_REP_02, "LAY-REP-02", rule_kind::definition, confidence::high,
     "A report's signature covers bytes 000h to 29Fh; R and S are little endian in 72 bytes each; bytes 330h to 49Fh are zero.", "SNP ABI, ATTESTATION_REPORT; google/go-sev-guest"},
    {rule::LAY_REP_03, "LAY-REP-03", rule_kind::definition, confidence::high,
     "Family and model in a report have their extensions added: family + extended family, model | extended model << 4.", "google/go-sev-guest; virtee/sev"},
    {rule::LAY_REP_04, "LAY-REP-04", rule_kind::definition, confidence::high,
     "TCB_VERSION has Turin's order from family 1Ah on, else Milan's; a report of version 2 shows Turin by a chip identifier of 8 bytes only.", "virtee/sev; torvalds/linux include/linux/psp-sev.h"},
    {rule::LAY_KEY_01, "LAY-KEY-01", rule_kind::definition, confidence::high,
     "Of a key request's GUEST_FIELD_SELECT, bits above 5 (message version 1) or 6 (version 2) must be zero.", "SNP ABI 7.2; AMDESE/sev-tool; virtee/sev"},
    {rule::LAY_CERT_01, "LAY-CERT-01", rule_kind::definition, confidence::high,
     "A certificate table ends with a GUID of zeros; offsets count from its start; GUID bytes are in the order of the text.", "GHCB 4.1.8.1; google/go-sev-guest"},
    {rule::LAY_SEC_02, "LAY-SEC-02", rule_kind::definition, confidence::high,
     "A guest runs under an SVSM if and only if the secrets page's SVSM size is not 0.", "SVSM 5; tianocore/edk2; torvalds/linux"},
    {rule::LAY_SVSM_03, "LAY-SVSM-03", rule_kind::definition, confidence::high,
     "An SVSM returns PVALIDATE's status s as 8000_1000h + s and \"no change\" as 8000_1010h.", "SVSM 6.2; coconut-svsm/svsm"},
};
// clang-format on

static_assert(sizeof(rule_registry) / sizeof(rule_registry[0]) == rule_count, "one row per rule");
static_assert(
    [] {
      for (unsigned i = 0; i < rule_count; ++i)
        if (rule_registry[i].id != static_cast<rule>(i)) return false;
      return true;
    }(),
    "rows stand in the order of the enumerators");

/// The registry's row of a rule.
/// @param id  a rule; not `rule::count_`, not `rule::none`
[[nodiscard]] constexpr auto info(rule id) noexcept -> const rule_info& {
  Expects(id < rule::count_);
  return rule_registry[static_cast<unsigned>(id)];
}

/// "PAG-MODE-01"; "-" for `rule::none`.
[[nodiscard]] constexpr auto name_of(rule id) noexcept -> const char* { return id == rule::none ? "-" : info(id).name; }

}  // namespace sevspec::inline v0

#endif
