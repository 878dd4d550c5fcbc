/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Remembered translations against changes of the P2M; see swtlb_p2m_changed()
 * in hv/xen/include/xen/swtlb.h and page_of() in hv/xen/arch/x86/hvm/swtlb.c.
 *
 * One gfn, two pages.  The changer moves the gfn from page to page: it writes
 * the P2M entry, changes p2m_seq, drops the P2M's (allocation's) reference to
 * the old page, and returns to its caller, who may free that page and get it
 * back, for other purposes, even in the same domain.  The copier fills a slot,
 * and uses it.
 *
 * Properties: a copy goes only to a page that is referenced; a copy that
 * began after a change had returned does not go to a page that the change
 * took away, and none to a page that has been given another use meanwhile.
 *
 * Mutants, each of which has to be caught: -DSEQ_BEFORE_ENTRY (the number
 * changes before the entry), -DNO_RECHECK (not compared again after the
 * reference was taken), -DNO_REF (no reference), -DSEQ_AFTER_LOOKUP (the slot
 * gets the number as of after the lookup), -DSEQ_AFTER_RETURN (changed too
 * late).
 */
#define CHANGES 2
#define COPIES  3

byte entry = 0;                         /* the page behind the gfn */
byte p2m_seq = 1;
byte refs[2] = { 1, 0 };                /* 0: free */
bool owned[2] = { true, true };         /* by the domain, while refs */
byte returned = 0;                      /* changes that have returned */
byte removed_by[2] = { 9, 0 };          /* the change that took it away */
byte life[2];                           /* how often it was allocated anew */
bool busy_page[2];                      /* a copy is under way */

inline get_page(p, ok)
{
    atomic {
        if
        :: refs[p] > 0 && owned[p] -> refs[p]++; ok = true
        :: else -> ok = false
        fi
    }
}

inline put_page(p)
{
    atomic {
        refs[p]--;
        /* Freed under a copy's feet? */
        assert(refs[p] > 0 || !busy_page[p])
    }
}

inline copy_to(p, began, seen)
{
    busy_page[p] = true;
    assert(refs[p] > 0 && owned[p]);
    assert(removed_by[p] > began);      /* not one gone before the copy */
    assert(life[p] == seen);            /* nor one with another use now */
    busy_page[p] = false
}

proctype changer()
{
    byte n = 0, old;

    do
    :: n == CHANGES -> break
    :: else ->
        n++;
        old = entry;

        /* The new page is allocated, if it is free. */
        atomic {
            if
            :: refs[1 - old] == 0 -> refs[1 - old] = 1; life[1 - old]++
            :: else -> break            /* a copy still holds it: stop here */
            fi;
            removed_by[1 - old] = 9
        }

#ifdef SEQ_BEFORE_ENTRY
        p2m_seq++;
        entry = 1 - old;
#else
        /* With the P2M's lock held, against each other and lookups. */
        entry = 1 - old;
#ifndef SEQ_AFTER_RETURN
        p2m_seq++;
#endif
#endif
        removed_by[old] = n;
        refs[old]--;
        returned = n;

        /* The domain gets the page back, for another gfn, and drops it. */
        atomic {
            if
            :: refs[old] == 0 -> refs[old] = 1; life[old]++
            :: break
            fi
        }
#ifdef SEQ_AFTER_RETURN
        p2m_seq++;
#endif
        refs[old]--
    od
}

proctype copier()
{
    byte slot_page = 0, slot_seq = 0, slot_life = 0;
    byte n = 0, began, page, seq, seen;
    bool ok;

    do
    :: n == COPIES -> break
    :: else ->
        n++;
        began = returned;
        ok = false;

        /* page_of() */
        if
        :: slot_seq == p2m_seq ->
#ifdef NO_REF
            ok = true
#else
            get_page(slot_page, ok);
#ifndef NO_RECHECK
            if
            :: ok && slot_seq != p2m_seq -> put_page(slot_page); ok = false
            :: else -> skip
            fi
#endif
#endif
        :: else -> skip
        fi;

        if
        :: ok ->
            copy_to(slot_page, began, slot_life);
#ifndef NO_REF
            put_page(slot_page)
#endif
        :: !ok ->
            /* copy_within_page(): look the P2M up, and remember. */
            seq = p2m_seq;
            atomic {                    /* under the P2M's lock */
                page = entry;
                refs[page]++;
                seen = life[page]
            }
#ifdef SEQ_AFTER_LOOKUP
            seq = p2m_seq;
#endif
            slot_page = page;
            slot_seq = seq;
            slot_life = seen;
            put_page(page)
        fi
    od
}

init
{
    atomic {
        run changer();
        run copier()
    }
}
