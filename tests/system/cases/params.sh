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

load directmap=0
expect 'parameter' N "$(cat /sys/module/xen_swtlb/parameters/directmap)"
expect_nr 'entries of the direct map' "$DIRECTMAP" 0
expect_nr 'entries of the image' $IMAGE 1
image=$(field 0 entries)
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

load directmap=0 image=0
expect 'state' 'idle the parameters choose nothing to register' "$(state)"
expect_purged 2
unload
