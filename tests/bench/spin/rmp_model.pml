/* SPDX-License-Identifier: MIT
 * The machine of include/sevspec/verify/explorer/rmp_model.hpp once more, for SPIN: two pages of 4K that make one large
 * page, two guests with two gPAs each, two VMPLs, pages of the AMD-SP, VMSAs; no VMRUN, no TLB. Written by hand from the
 * rules, not from the library, so that the number of states is a second opinion.
 *
 *   spin -a -DPARTS=7 rmp_model.pml && gcc -O2 -DSAFETY -DNOREDUCE -o pan pan.c && ./pan -m1000000
 *
 * PARTS is a sum: 1 large pages, 2 immutable pages, 4 VMSAs.
 */
#define LARGE (PARTS & 1)
#define FIXED (PARTS & 2)
#define VMSAS (PARTS & 4)

/* Entries, by page. */
bit assigned[2], large[2], immutable[2], validated[2], vmsa[2], locked[2];
byte owner[2], guest[2], all[2], below[2]; /* gPA; masks of VMPL0 and VMPL1 */
byte count;                                /* of the first entry */
byte written[2];                           /* by gPA of guest 1: 0, 1 + page, 3 lost */
byte known[2];                             /* by guest: gPAs that it knows as validated */

/* The entry that counts for a page. */
#define AT(p) (large[0] -> 0 : (p))
#define OWN(p, g, a)                                                                                   \
  (assigned[AT(p)] && owner[AT(p)] == (g) && !immutable[AT(p)] &&                                        \
   (large[0] -> (guest[0] / 2 == (a) / 2 && (p) == (a) % 2) : guest[p] == (a)))

#define LOSE(p)                                            \
  if :: written[0] == 1 + (p) -> written[0] = 3 :: else fi; \
  if :: written[1] == 1 + (p) -> written[1] = 3 :: else fi

#define BLANK(p)                                                                        \
  assigned[p] = 0; large[p] = 0; immutable[p] = 0; validated[p] = 0; vmsa[p] = 0;         \
  locked[p] = 0; owner[p] = 0; guest[p] = 0; all[p] = 0; below[p] = 0

#define MOVED(p, l, o, a) (!assigned[p] || owner[p] != (o) || guest[p] != (a) || large[p] != (l) || (o) == 0)
#define RESET(p) validated[p] = 0; vmsa[p] = 0; all[p] = 31; below[p] = 0

/* RMPUPDATE: 4K to somebody, 4K to the hypervisor, 2M to somebody, 2M to the hypervisor. */
#define GIVE(p, o, a, f)                                                             \
  :: d_step { !immutable[p] && !large[0] ->                                           \
       if :: MOVED(p, 0, o, a) -> RESET(p) :: else fi;                                 \
       if :: (p) == 1 && !assigned[p] -> count++ :: else fi;                           \
       assigned[p] = 1; immutable[p] = f; locked[p] = 0; owner[p] = o; guest[p] = a }
#define TAKE(p)                                                \
  :: d_step { !immutable[p] && !large[0] ->                     \
       if :: (p) == 1 && assigned[p] -> count-- :: else fi;      \
       BLANK(p) }
#define MAY_2M (!immutable[0] && !immutable[1] && (large[0] || (!assigned[0] && !assigned[1])))
#define GIVE_2M(o, a, f)                                                   \
  :: d_step { LARGE && MAY_2M ->                                            \
       if :: MOVED(0, 1, o, a) -> RESET(0) :: else fi;                       \
       assigned[0] = 1; large[0] = 1; immutable[0] = f; locked[0] = 0;       \
       owner[0] = o; guest[0] = a; count = 0;                                \
       BLANK(1); assigned[1] = 1 }
#define TAKE_2M :: d_step { LARGE && MAY_2M -> BLANK(0); BLANK(1); count = 0 }

#define PSMASH                                                                     \
  :: d_step { LARGE && assigned[0] && large[0] && owner[0] != 0 && !immutable[0] -> \
       large[0] = 0; count = 1;                                                      \
       assigned[1] = 1; large[1] = 0; immutable[1] = 0; locked[1] = locked[0];       \
       validated[1] = validated[0]; vmsa[1] = vmsa[0]; owner[1] = owner[0];          \
       guest[1] = guest[0] + 1; all[1] = all[0]; below[1] = below[0] }

/* SNP_PAGE_RECLAIM of pages that are not hv-fixed, SNP_PAGE_UNSMASH. */
#define RECLAIM(p, l)                                                       \
  :: d_step { FIXED && large[p] == (l) && immutable[p] && assigned[p] ->     \
       immutable[p] = 0; locked[p] = 0 }
#define UNSMASH                                                                                   \
  :: d_step { LARGE && FIXED && assigned[0] && assigned[1] && !large[0] && immutable[0] &&         \
              immutable[1] && !vmsa[0] && !vmsa[1] && owner[0] != 0 && owner[0] == owner[1] &&      \
              validated[0] == validated[1] && all[0] == all[1] && below[0] == below[1] &&           \
              guest[0] % 2 == 0 && guest[1] == guest[0] + 1 ->                                       \
       large[0] = 1; locked[0] = 1; count = 0; BLANK(1); assigned[1] = 1 }

/* SNP_PAGE_SET_STATE: firmware pages become hv-fixed, for ever. Ranges begin where regions do. */
#define FIRMWARE(p) (assigned[p] && immutable[p] && owner[p] == 0 && !vmsa[p] && guest[p] == 0 && !large[p])
#define SET_HV_FIXED :: d_step { FIXED && FIRMWARE(0) -> BLANK(0); immutable[0] = 1 }
#define SET_HV_FIXED_2                                                   \
  :: d_step { FIXED && FIRMWARE(0) && FIRMWARE(1) ->                      \
       BLANK(0); BLANK(1); immutable[0] = 1; immutable[1] = 1; count = 0 }

/* PVALIDATE by VMPL0: s 2M, l a 2M leaf, v the wanted state. CF=1 ends the guest: no state. */
#define PAGES(s, a) ((s) -> 3 : (1 << (a)))
#define FITS(p, s, l) (((s) -> (large[0] && (l)) : !large[0]))
#define VALIDATE(g, a, p, l, s)                                                                    \
  :: d_step { !((s) && (a) == 1) && (known[(g) - 1] & PAGES(s, a)) == 0 && OWN(p, g, a) &&          \
              FITS(p, s, l) && !validated[AT(p)] ->                                                  \
       validated[AT(p)] = 1; known[(g) - 1] = known[(g) - 1] | PAGES(s, a) }
#define RESCIND(g, a, p, l, s)                                                                     \
  :: d_step { !((s) && (a) == 1) && OWN(p, g, a) && FITS(p, s, l) && validated[AT(p)] &&            \
              !vmsa[AT(p)] ->                                                                          \
       validated[AT(p)] = 0; known[(g) - 1] = known[(g) - 1] & (3 - PAGES(s, a));                    \
       if :: (g) == 1 && (PAGES(s, a) & 1) != 0 -> written[0] = 0 :: else fi;                        \
       if :: (g) == 1 && (PAGES(s, a) & 2) != 0 -> written[1] = 0 :: else fi }

/* RMPADJUST by VMPL0 for VMPL1. */
#define ADJUST(g, a, p, l, s, m, x)                                                               \
  :: d_step { (!(x) || (VMSAS && ((g) == 2 || (written[a] != 0 && (!(s) || written[1] != 0))))) && !((s) && (a) == 1) && OWN(p, g, a) && FITS(p, s, l) &&            \
              validated[AT(p)] ->                                                                   \
       below[AT(p)] = m; vmsa[AT(p)] = x }

/* References. */
#define HOST_OWNS(p, l) ((l) -> (!assigned[0] && !large[0] && count == 0) : !assigned[AT(p)])
#define FOREIGN(p, l) :: d_step { HOST_OWNS(p, l) -> LOSE(p) }
#define REACHES(g, a, p, l) (OWN(p, g, a) && (l) == large[0] && validated[AT(p)])
#define MASK(p, v) ((v) == 0 -> all[AT(p)] : below[AT(p)])
#define WRITE(g, a, p, l, v)                                             \
  :: d_step { REACHES(g, a, p, l) && (MASK(p, v) & 2) != 0 ->             \
       LOSE(p); if :: (g) == 1 -> written[a] = 1 + (p) :: else fi }
#define READ(a, p, l, v)                                                                              \
  :: d_step { REACHES(1, a, p, l) && (MASK(p, v) & 1) != 0 -> assert(written[a] == 0 || written[a] == 1 + (p)) }

#define BY_GUEST(g, a, p, l)                                                                            \
  VALIDATE(g, a, p, l, 0) RESCIND(g, a, p, l, 0)                                                          \
  ADJUST(g, a, p, l, 0, 0, 0) ADJUST(g, a, p, l, 0, 1, 0) ADJUST(g, a, p, l, 0, 3, 0)                     \
  ADJUST(g, a, p, l, 0, 0, 1) ADJUST(g, a, p, l, 0, 1, 1) ADJUST(g, a, p, l, 0, 3, 1)                     \
  VALIDATE(g, a, p, l, 1) RESCIND(g, a, p, l, 1)                                                          \
  ADJUST(g, a, p, l, 1, 0, 0) ADJUST(g, a, p, l, 1, 1, 0) ADJUST(g, a, p, l, 1, 3, 0)                     \
  ADJUST(g, a, p, l, 1, 0, 1) ADJUST(g, a, p, l, 1, 1, 1) ADJUST(g, a, p, l, 1, 3, 1)                     \
  WRITE(g, a, p, l, 0) WRITE(g, a, p, l, 1)
#define BY_GUESTS(a, p, l) BY_GUEST(1, a, p, l) BY_GUEST(2, a, p, l) READ(a, p, l, 0) READ(a, p, l, 1)
#define ON_PAGE(p)                                                                                      \
  TAKE(p) GIVE(p, 1, 0, 0) GIVE(p, 1, 1, 0) GIVE(p, 2, 0, 0) GIVE(p, 2, 1, 0)                             \
  RECLAIM(p, 0) FOREIGN(p, 0) FOREIGN(p, LARGE != 0)                                                      \
  BY_GUESTS(0, p, 0) BY_GUESTS(1, p, 0) BY_GUESTS(0, p, 1) BY_GUESTS(1, p, 1)
#if (PARTS & 2)
#define GIVE_FIXED(p) GIVE(p, 1, 0, 1) GIVE(p, 1, 1, 1) GIVE(p, 2, 0, 1) GIVE(p, 2, 1, 1) GIVE(p, 0, 0, 1)
#define GIVE_FIXED_2M GIVE_2M(1, 0, 1) GIVE_2M(2, 0, 1) GIVE_2M(0, 0, 1)
#else
#define GIVE_FIXED(p)
#define GIVE_FIXED_2M
#endif

/* The invariants of tables at rest, once per step. */
#define AT_REST                                                                                                  \
  (validated[0] -> (assigned[0] && owner[0] != 0) : 1) && (validated[1] -> (assigned[1] && owner[1] != 0) : 1) &&  \
  (large[0] -> count == 0 : count == assigned[1]) &&                                                               \
  (large[0] -> (assigned[0] && assigned[1] && owner[1] == 0 && !immutable[1] && guest[0] % 2 == 0) : 1) &&         \
  (vmsa[0] -> owner[0] != 0 : 1) && (vmsa[1] -> owner[1] != 0 : 1) &&                                              \
  !(!large[0] && validated[0] && validated[1] && owner[0] == owner[1] && guest[0] == guest[1])

active proctype machine() {
  do
  ON_PAGE(0) ON_PAGE(1) GIVE_FIXED(0) GIVE_FIXED(1)
  GIVE_2M(1, 0, 0) GIVE_2M(2, 0, 0) TAKE_2M GIVE_FIXED_2M PSMASH RECLAIM(0, 1) UNSMASH SET_HV_FIXED SET_HV_FIXED_2
  :: d_step { !(AT_REST) -> assert(false) }
  od
}
