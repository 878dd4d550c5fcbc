# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Measures the library against libxencall, in one run: see bench/lib/run,
# which reads what is printed.

# shellcheck disable=SC2119
load
words=$(cmdline swtlb.bench | tr , ' ')
# shellcheck disable=SC2086 # into words
xen-swtlb --json bench $words || fail 'the benchmark fails'
