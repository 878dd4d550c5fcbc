/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * That a wait for copies ends whatever the guest does; see
 * swtlb_wait_for_accesses() in hv/xen/common/swtlb-table.c.
 *
 * A vCPU makes copies for ever, in multicalls, say: accesses whose slots are
 * good or void, and lookups, which may end without a look at the P2M (nothing
 * is registered, and the domain is strict).  So it need not ever wait for the
 * lock that the changer of the P2M holds, and leaves one access only to enter
 * the next one, faster than the other looks.  The changer waits with that lock
 * held.
 *
 * What is waited for is that the vCPU's word differs from what was read first.
 * The word counts, and does not come back to the same value (the real one does
 * after 2^30 copies, for which the waiting CPU, which does nothing but read it,
 * leaves no time).  Here: whether it was written since.
 *
 * Property, with weak fairness: whenever the changer waits, it goes on some
 * time.
 *
 * Mutants, each of which has to be caught: -DLEVEL (the wait is for a moment
 * at which the vCPU is in no access, and may miss each), -DWAIT_FOR_LOOKUP (the
 * wait is for lookups as well, which may wait for the lock).
 */
#define IDLE    0
#define LOOKUP  1
#define ACCESS  2

byte busy = IDLE;
bool written;                           /* busy was, since the sample */
bool p2m_lock = false;
bool waiting = false;

ltl ends { [] (waiting -> <> !waiting) }

inline set(what) { atomic { busy = what; written = true } }
inline lock()    { atomic { !p2m_lock -> p2m_lock = true } }
inline unlock()  { p2m_lock = false }

active proctype vcpu()
{
    do
    :: set(ACCESS);
       set(IDLE)
    :: set(LOOKUP);
       if
       :: true -> lock(); unlock()
       :: true -> skip
       fi;
       set(IDLE)
    od
}

active proctype changer()
{
    byte sample;

    do
    :: lock();
       waiting = true;
       atomic { sample = busy; written = false };
       if
#ifdef LEVEL
       :: sample == ACCESS -> busy != ACCESS
#else
       :: sample == ACCESS -> written
#endif
#ifdef WAIT_FOR_LOOKUP
       :: sample == LOOKUP -> written
#endif
       :: else -> skip
       fi;
       waiting = false;
       unlock()
    od
}
