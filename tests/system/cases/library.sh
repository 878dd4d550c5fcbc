# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# The library and xen-swtlb, on Xen: without the module, with it, and with its
# device used up.

# expect_code CODE COMMAND...: its exit code, and keep what it says.
expect_code()
{
    local code=$1 actual=0

    shift
    "$@" > /tmp/out 2> /tmp/err || actual=$?
    [ $actual = "$code" ] || { cat /tmp/out /tmp/err; }
    expect "exit code of $*" "$code" $actual
}

expect_out()
{
    grep -q "$1" /tmp/out ||
        { cat /tmp/out; fail "xen-swtlb does not say '$1'"; }
}

# All works, with plain memory, and what is missing is named.
expect_code 3 xen-swtlb --json status
expect_out '"no-module"'
expect_code 0 xen-swtlb self-test
expect_out 'backing  *ok  *hypercall'

# shellcheck disable=SC2119
load
expect_code 0 xen-swtlb status
cat /tmp/out
expect_out 'Xen offers'
expect_code 0 xen-swtlb ranges
cat /tmp/out
expect_out 'CPUs 0 1:'

# Registered, and Xen counts hits and not one walk; else walks.
expect_code 0 xen-swtlb self-test --registered
cat /tmp/out
expect_out 'backing  *ok  *registered'
expect_out 'coverage  *ok'
hits=$(sed -n 's/.*copies: \([0-9]*\) hits.*/\1/p' /tmp/out)
expect_more 'hits of 1000 copies' 999 "$hits"
expect_code 0 xen-swtlb --plain self-test
cat /tmp/out
expect_out 'backing  *ok  *hypercall'
walks=$(sed -n 's/.* \([0-9]*\) walks.*/\1/p' /tmp/out)
expect_more 'walks of 1000 plain copies' 999 "$walks"

# Nothing of it is left when the programs have ended.
expect_code 0 xen-swtlb ranges
! grep -q program /tmp/out || { cat /tmp/out; fail 'an entry was left'; }

# A limit: some is registered, or nothing, and all works.
echo 1 > /sys/module/xen_swtlb/parameters/device_process
expect_code 0 xen-swtlb self-test
echo 0 > /sys/module/xen_swtlb/parameters/device_process
expect_code 0 xen-swtlb self-test
cat /tmp/out
expect_out 'backing  *ok  *hypercall'
expect_code 1 xen-swtlb self-test --registered

unload
expect_code 0 xen-swtlb self-test
expect_out 'backing  *ok  *hypercall'
