# SPDX-License-Identifier: GPL-2.0-only
#
# linux_test(NAME CASE XEN KERNEL INITRD [SECONDS N] [COST N] [BUILT_IN]
#            [OPTION...] [CMDLINE WORD...]): a test that boots a Linux as dom0, of which
# the initramfs runs CASE.  It may take SECONDS of a quiet machine (default:
# 300), and does take some COST of them (default: 20); when they run out the case
# is told, by a line on its console.  OPTIONs are xen-run's, WORDs the kernel's.
# BUILT_IN: what is tested is in use before /init, which else says @begin.
#
# noxsave: the emulated CPU reports a size of its XSAVE area that the kernel
# finds inconsistent and warns about, on any Xen.
# lpj, pmtmr, cryptomgr.notests: not to spend 2 of the 16 seconds of a boot on
# the length of delays, on a timer that Xen does not give to dom0, and on tests
# of the kernel's own.
# nowatchdog, rcu_cpu_stall_suppress: on a busy machine an emulated CPU may not
# get to run for longer than Linux thinks possible.
function(linux_test name case xen kernel initrd)
    cmake_parse_arguments(arg "BUILT_IN" "SECONDS;COST" CMDLINE ${ARGN})
    if(NOT arg_SECONDS)
        set(arg_SECONDS 300)
    endif()
    if(NOT arg_COST)
        set(arg_COST 20)
    endif()
    if(NOT arg_BUILT_IN)
        list(APPEND arg_UNPARSED_ARGUMENTS --says-begin)
    endif()
    # As many as QEMU has threads that work: they wait for each other.
    set(processors 1)
    list(FIND arg_UNPARSED_ARGUMENTS --smp smp)
    if(NOT smp EQUAL -1)
        math(EXPR smp "${smp} + 1")
        list(GET arg_UNPARSED_ARGUMENTS ${smp} processors)
    endif()
    add_test(NAME ${name}
        COMMAND ${XEN_RUN} --quiet --xen ${xen} --name ${name}
                --log ${SWTLB_LOG_DIR}/${name}.log --timeout ${arg_SECONDS}
                --tell-guest late\\n --again 2
                ${arg_UNPARSED_ARGUMENTS} ${kernel} ${initrd}
                -- console=hvc0 noxsave lpj=10000000 pmtmr=0
                   cryptomgr.notests nowatchdog
                   rcupdate.rcu_cpu_stall_suppress=1 printk.time=0
                   swtlb.case=${case} swtlb.name=${name} ${arg_CMDLINE})
    set_tests_properties(${name} PROPERTIES
        SKIP_RETURN_CODE 77 COST ${arg_COST}
        PROCESSORS ${processors})
endfunction()
