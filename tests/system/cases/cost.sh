# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# What hypercalls of the kernel cost, in instructions: without the module, with
# entries alone, and with all hypercalls taken over.  On an unpatched Xen, only
# the first of these.

COST=/lib/swtlb-cost.ko
LIMIT_PASSED=25
LIMIT_CARRIED=150
LIMIT_OF_WALK=65        # per cent of the call as a whole

# measure WAY
measure()
{
    insmod $COST way="$1" || verdict error 'cannot load swtlb-cost'
    rmmod swtlb_cost
    [ -n "$(cost "$1" null_stack)" ] || verdict error "nothing measured: $1"
}

# cost WAY CALL
cost()
{
    dmesg | sed -n "s/.*@measure cost_$1_$2 \([0-9]*\) .*/\1/p"
}

# at_most WHAT LIMIT COST FROM
at_most()
{
    say "$1: $(($3 - $4)) instructions, of at most $2"
    [ $(($3 - $4)) -le "$2" ] || fail "$1: $(($3 - $4)) instructions, not $2"
}

if [ "$(cmdline swtlb.unpatched)" = yes ]; then
    measure unpatched
    verdict success
fi

measure walk
load marshal=0 device=0
measure entries
unload
load
measure carried

at_most 'no buffer' $LIMIT_PASSED "$(cost carried null_stack)" \
        "$(cost walk null_stack)"
for call in runstate event; do
    at_most "$call, registered" $LIMIT_PASSED "$(cost carried ${call}_heap)" \
            "$(cost entries ${call}_heap)"
    at_most "$call, on the stack" $LIMIT_CARRIED \
            "$(cost carried ${call}_stack)" "$(cost entries ${call}_buffer)"
    carried=$(cost carried ${call}_stack)
    walk=$(cost walk ${call}_stack)
    say "$call, on the stack: $carried instead of $walk," \
        "$((carried * 100 / walk)) %"
    [ $((carried * 100)) -le $((walk * LIMIT_OF_WALK)) ] ||
        fail "$call costs $carried, more than $LIMIT_OF_WALK % of $walk"
done
