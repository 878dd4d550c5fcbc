# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# The parameters choose what is registered.

# expect_nr WHAT REGEX 0|1: none of CPU 0's entries is so, or at least one.
expect_nr()
{
    local nr

    nr=$(grep -cE "^entry cpu 0 .* gva $2" "$STATUS")
    if [ "$3" = 0 ]; then
        expect "$1" 0 "$nr"
    else
        expect_more "$1" 0 "$nr"
    fi
}

# The kernel image is in the topmost 2 GiB of addresses, all else below.
IMAGE=0xffffffff
DIRECTMAP='0xffff[0-9a-e]'

load
expect_nr 'entries of the direct map' "$DIRECTMAP" 1
expect_nr 'entries of the image' $IMAGE 1
all=$(field 0 entries)
unload

# The CPUs' buffers are there in any case, and in the direct map.
load directmap=0
expect 'parameter' N "$(cat /sys/module/xen_swtlb/parameters/directmap)"
expect 'entries of the direct map' 1 \
       "$(grep -cE "^entry cpu 0 .* gva $DIRECTMAP" "$STATUS")"
expect_nr 'entries of the image' $IMAGE 1
image=$(($(field 0 entries) - 1))
unload

load image=0
expect 'parameter' N "$(cat /sys/module/xen_swtlb/parameters/image)"
expect_nr 'entries of the direct map' "$DIRECTMAP" 1
expect_nr 'entries of the image' $IMAGE 0
expect 'entries of both' "$all" $((image + $(field 0 entries)))
expect_registered
# They cannot be changed: it would be half a change.
! echo 1 2> /dev/null > /sys/module/xen_swtlb/parameters/image ||
    expect 'parameter' N "$(cat /sys/module/xen_swtlb/parameters/image)"
unload

# What an encrypted guest does: nothing but the buffers, all goes by them.
load directmap=0 image=0
expect 'state' active "$(state)"
expect 'entries' 1 "$(field 0 entries)"
for line in 1 2 3 4 5 6 7 8; do
    taskset 1 echo "  line $line by way of the hypervisor's console"
done
usleep 200000
# (What Xen writes by itself, the runstate, it walks for.)
grep -qE 'hypercalls cpu 0 .* marshalled [1-9]' "$STATUS" ||
    fail 'nothing was carried'
! grep -E 'missed .* uncovered [1-9]' "$STATUS" ||
    fail 'a hypercall was not covered'
unload

# marshal_works YES-OR-NO: hypercalls are carried through the buffer.
marshal_works()
{
    usleep 200000
    if grep -qE 'hypercalls .* marshalled [1-9]' "$STATUS"; then
        expect 'carried' "$1" yes
    else
        expect 'carried' "$1" no
    fi
}

load
marshal_works yes
unload
load marshal=0
marshal_works no
unload

# Without carrying the kernel would not survive a timer that cannot be set.
dmesg -c > /dev/null
load strict=1 marshal=0
expect 'strict without carrying' 0 "$(field 0 strict)"
dmesg | grep -q 'not made strict: hypercalls are not carried' ||
    fail 'nothing is said of why it is not strict'
usleep 200000
unload

load directmap=0 image=0 marshal=0
expect 'state' 'idle the parameters choose nothing to register' "$(state)"
expect_purged 2
unload
