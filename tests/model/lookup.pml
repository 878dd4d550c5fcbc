/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lookups against updates of a table; see the top of hv/xen/common/swtlb.c.
 *
 * Two vCPUs copy, for themselves or for each other, while a third one replaces
 * the map time and again, and at last takes the table away.  There are two
 * maps, as in a table; the one that is not live is rewritten, or freed, as
 * soon as the wait is over.
 *
 * The CPU may let a load overtake an earlier store to another address, unless
 * there is a barrier in between.  Each such pair is written out in both
 * orders, of which the barrier leaves one.
 *
 * Properties: what a vCPU searches is complete and is not freed (use-after-
 * free); a remembered entry is used only while the map that it came from is
 * live (map_seq); after an update has returned, no copy is under way through
 * what it removed; nobody waits for ever.
 *
 * Mutants, each of which has to be caught: -DNO_MB_ENTER, -DNO_MB_UPDATE,
 * -DNO_WAIT, -DSEQ_FIRST, -DSAMPLE_EARLY (the updater looks who is busy before
 * it publishes).
 */
#define READERS 2
#define UPDATES 3
#define NONE    2                       /* no map: the pointer is NULL */

byte map = 0;                           /* index of the live map, or NONE */
byte map_seq = 1;
byte busy[READERS];                     /* counts; odd: inside */

/* What the updater does to the two maps, for the assertions. */
bool writable[2] = { false, true };     /* being rewritten, or freed */
byte content[2] = { 1, 0 };             /* the map_seq under which it is live */
byte gone = 0;                          /* updates that have returned: all */
                                        /* contents up to this are removed */

proctype reader(byte id)
{
    byte m, seq, rounds = 0;
    byte slot_seq = 0, slot_content = 0;        /* what is remembered */

    do
    :: rounds == 2 -> break
    :: else ->
        rounds++;

        /* swtlb_enter(), then the first loads. */
#ifdef NO_MB_ENTER
        if
        :: busy[id]++; seq = map_seq; m = map
        :: seq = map_seq; m = map; busy[id]++
        fi;
#else
        busy[id]++;
        seq = map_seq;                  /* swtlb_lookup_map() */
        m = map;
#endif

        if
        :: m == NONE -> skip
        :: m != NONE && slot_seq == map_seq && slot_seq != 0 ->
            /* The cache suffices: the entry must not have been removed. */
            assert(slot_content > gone);
        :: m != NONE && slot_seq != map_seq ->
            /* Search, and use what was found. */
            assert(!writable[m]);
            slot_content = content[m];
            assert(slot_content > gone);
            assert(!writable[m]);
            slot_seq = seq;
        :: else -> skip
        fi;

        busy[id]++                      /* swtlb_leave() */
    od
}

proctype updater()
{
    byte n = 0, new, old, r;
    byte seen[READERS];

    do
    :: n == UPDATES -> break
    :: else ->
        n++;
        old = map;
        new = 1 - old;

        /* Build the new one: nobody may be looking. */
        writable[new] = true;
        content[new] = n + 1;
        if
        :: n < UPDATES -> writable[new] = false
        :: else -> new = NONE           /* the last one: purge all */
        fi;

#if defined(NO_MB_UPDATE) || defined(SAMPLE_EARLY)
        /* The loads of busy come first. */
        r = 0;
        do
        :: r == READERS -> break
        :: else -> seen[r] = busy[r]; r++
        od;
#endif
#ifdef SEQ_FIRST
        map_seq = n + 1;
        map = new;
#else
        map = new;                      /* publish_to() */
        map_seq = (new == NONE -> map_seq : n + 1);
#endif

        r = 0;
        do
        :: r == READERS -> break
        :: else ->
#ifdef NO_WAIT
            skip;
#else
#if !defined(NO_MB_UPDATE) && !defined(SAMPLE_EARLY)
            seen[r] = busy[r];
#endif
            if                          /* wait_for_lookups() */
            :: seen[r] % 2 == 0 -> skip
            :: seen[r] % 2 == 1 -> busy[r] != seen[r]
            fi;
#endif
            r++
        od;

        /* Returned: what was in the old one is removed; reuse or free it. */
        gone = n;
        writable[old] = true
    od
}

init
{
    atomic {
        run reader(0);
        run reader(1);
        run updater()
    }
}
