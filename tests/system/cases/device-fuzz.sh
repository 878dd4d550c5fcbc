# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Processes do at random what can be done to mappings of the device.
# swtlb.seed=N and swtlb.seconds=N on the kernel's command line say otherwise
# than below.

load device_entries=24 device_process=10
before=$(swtlb state 0)

seed=$(cmdline swtlb.seed)
seed=${seed:-$(date +%s)}
say "seed $seed"
swtlb-fuzz "$seed" "$(cmdline swtlb.seconds | grep . || echo 20)" ||
    fail "swtlb-fuzz with seed $seed: exit code $?"
expect_device_unused "$before"
expect_more 'mappings that collided' 0 \
            "$(sed -n 's/^device .* collided \([0-9]*\).*/\1/p' "$STATUS")"

unload
