/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Remembered translations against changes of the P2M; see swtlb_p2m_changed()
 * in hv/xen/include/xen/swtlb.h and find_slot() in
 * hv/xen/common/swtlb-copy.c.
 *
 * One gfn, two pages.  The changer moves the gfn from page to page: it writes
 * the P2M entry, changes p2m_seq, waits for the access under way, drops the
 * P2M's (allocation's) reference to the old page, and returns to its caller,
 * who may free that page and get it back, for other purposes, even in the same
 * domain.  The copier fills a slot, under the P2M's lock and with a reference,
 * and uses it, without either; of a pinned entry as of any other.
 *
 * Each of the two has its stores in a buffer of its own that others see late,
 * unless a barrier comes in between: that is what the copier's busy and the
 * changer's entry and number need their smp_mb() for.
 *
 * Properties: a copy goes only to a page that has not been released; a copy
 * that began after a change had returned does not go to a page that the change
 * took away, and none to a page that has been given another use meanwhile.  The
 * changer's wait ends (no invalid end state).
 *
 * As long as no vCPU has slots the changer does neither count nor wait.
 *
 * Between copies the copier may cease to run, and is not looked at while it does
 * not: whether it runs is what wait_for_copies() reads of the CPUs.
 *
 * What the changer waits for is that busy, which counts, is no longer what it
 * was when it looked first: wait.pml shows that this ends.
 *
 * (Whether the number or the entry changes first makes no difference as long as
 * slots are filled under the P2M's lock, hence there is no mutant for that.)
 *
 * Mutants, each of which has to be caught: -DNO_COMPARE (the number is not
 * compared), -DNO_WAIT (the changer does not wait), -DWAIT_BEFORE_SEQ (it does so too
 * early), -DNO_BARRIER_COPY, -DNO_BARRIER_CHANGE (a smp_mb() is missing),
 * -DSEQ_AFTER_LOOKUP (the slot gets the number as of after the lookup),
 * -DSEQ_AFTER_RETURN (changed too late), -DWAIT_FOR_LOOKUP (the changer waits,
 * with the P2M's lock, for lookups as well), -DSAMPLE_EARLY (it looks before the
 * barrier, and then waits for an access that is over), -DRUNS_EARLY (so does it
 * ask who runs, and misses one who began), -DSTOPS_INSIDE (the copier is no longer
 * said to run before its last copy is over), -DCACHED_LATE (that there are slots
 * is said only when one has been filled).
 */
#define CHANGES 2
#define COPIES  3

#define IDLE    0
#define LOOKUP  1
#define ACCESS  2
#define BUSY    3                       /* which of these is under way */
#define ONCE    4                       /* above that, how often */

byte entry = 0;                         /* the page behind the gfn */
byte p2m_seq = 1;                       /* as others see it */
byte seq_own = 1;                       /* as the changer does */
byte busy = IDLE;                       /* as others see it */
byte busy_own = IDLE;                   /* as the copier does */
bool cached = false;                    /* there are slots: as others see it */
bool cached_own = false;                /* as the copier does */
bool runs = false;                      /* the copier: as others see it */
bool runs_own = false;                  /* as it does itself */
bool p2m_lock = false;
byte refs[2] = { 1, 0 };                /* 0: free */
byte returned = 0;                      /* changes that have returned */
byte removed_by[2] = { 9, 0 };          /* the change that took it away */
byte life[2];                           /* how often it was allocated anew */

/* Stores become visible at some time, or at a barrier. */
active proctype store_buffers()
{
end:
    do
    :: atomic { busy != busy_own -> busy = busy_own }
    :: atomic { runs != runs_own -> runs = runs_own }
    :: atomic { cached != cached_own -> cached = cached_own }
    :: atomic { p2m_seq != seq_own -> p2m_seq = seq_own }
    od
}

inline lock()   { atomic { !p2m_lock -> p2m_lock = true } }
/* All stores before it are visible. */
inline unlock() { atomic { p2m_seq = seq_own; p2m_lock = false } }

inline check_copy(p, began, seen)
{
    assert(refs[p] > 0);
    assert(removed_by[p] > began);      /* not one gone before the copy */
    assert(life[p] == seen)             /* nor one with another use now */
}

inline wait_for_accesses()
{
#ifdef SAMPLE_EARLY
    sample = busy;
#endif
#ifdef RUNS_EARLY
    others = runs;
#endif
#ifndef NO_BARRIER_CHANGE
    p2m_seq = seq_own;
#endif
#ifndef RUNS_EARLY
    others = runs;
#endif
#ifndef SAMPLE_EARLY
    sample = busy;
#endif
    if
    :: others -> skip
    :: else -> sample = IDLE
    fi;
#ifndef NO_WAIT
    if
    :: (sample & BUSY) == ACCESS -> busy != sample
#ifdef WAIT_FOR_LOOKUP
    :: (sample & BUSY) == LOOKUP -> busy != sample
#endif
    :: else -> skip
    fi
#else
    skip
#endif
}

proctype changer()
{
    byte n = 0, old, sample;
    bool others;

    do
    :: n == CHANGES -> break
    :: else ->
        n++;
        lock();
        old = entry;

        /* The new page is allocated, if it is free. */
        if
        :: atomic { refs[1 - old] == 0 ->
                    refs[1 - old] = 1; life[1 - old]++ }
        :: else -> unlock(); break      /* a copy still holds it: stop here */
        fi;
        removed_by[1 - old] = 9;

#ifdef WAIT_BEFORE_SEQ
        wait_for_accesses();
        entry = 1 - old;
        seq_own++;
#else
        entry = 1 - old;
        /* swtlb_p2m_matters(); swtlb_p2m_changed() */
        if
        :: cached ->
#ifndef SEQ_AFTER_RETURN
            seq_own++;
#endif
            wait_for_accesses()
        :: else -> skip
        fi;
#endif
        unlock();
        atomic { removed_by[old] = n; refs[old]--; returned = n };

        /* The domain gets the page back, for another gfn, and drops it. */
        if
        :: atomic { refs[old] == 0 -> refs[old] = 1; life[old]++ };
           refs[old]--
        :: skip
        fi
#ifdef SEQ_AFTER_RETURN
        ; seq_own++
#endif
    od
}

proctype copier()
{
    byte slot_page = 0, slot_seq = 0, slot_life = 0;
    byte n = 0, began, page, seq, seen;

    do
    :: n == COPIES -> break
    :: else ->
        n++;
        began = returned;
        runs_own = true;

        /* copy(): an access, if the slot is of now. */
        busy_own = busy_own + ACCESS;
#ifndef NO_BARRIER_COPY
        /* All stores before it are visible. */
        atomic { busy = busy_own; runs = runs_own };
#endif
        seq = p2m_seq;
        if
#ifdef NO_COMPARE
        :: slot_seq != 0 ->
#else
        :: slot_seq == seq ->
#endif
            check_copy(slot_page, began, slot_life);
#ifdef STOPS_INSIDE
            runs_own = false;
            runs = runs_own;
#endif
            check_copy(slot_page, began, slot_life);
            busy_own = busy_own + ONCE - ACCESS
        :: else ->
            busy_own = busy_own + ONCE - ACCESS;
            busy = busy_own;
            busy_own = busy_own + LOOKUP;
            busy = busy_own;

            /* copy_plain(): look the P2M up, and remember. */
            seq = p2m_seq;
#ifndef CACHED_LATE
            cached_own = true;
#endif
            lock();
            cached = cached_own;        /* it is a barrier, too */
            page = entry;
            refs[page]++;
            seen = life[page];
            unlock();
#ifdef SEQ_AFTER_LOOKUP
            seq = p2m_seq;
#endif
            assert(refs[page] > 0);
            slot_page = page;
            slot_seq = seq;
            slot_life = seen;
            cached_own = true;
            refs[page]--;
            busy_own = busy_own + ONCE - LOOKUP
        fi;
        /* The store that ends it becomes visible before the next one. */
        busy = busy_own;

        /* Something else runs, until the next copy. */
        if
        :: runs_own = false; runs = runs_own
        :: skip
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
