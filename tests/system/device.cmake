# SPDX-License-Identifier: GPL-2.0-only
#
# The device for programs, tried by hostile ones.

foreach(program IN ITEMS device fuzz threads)
    if(TARGET swtlb-${program})
        break()
    endif()
    add_executable(swtlb-${program} device/${program}.c)
    target_include_directories(swtlb-${program} PRIVATE
        ${SWTLB_HV_DIR}/xen/include)
    target_compile_options(swtlb-${program} PRIVATE -Wall -Wextra -Werror)
    target_link_options(swtlb-${program} PRIVATE -static)
endforeach()

system_initrd(device
    --file $<TARGET_FILE:swtlb-device> bin/swtlb-device
    --file $<TARGET_FILE:swtlb-fuzz> bin/swtlb-fuzz
    --file $<TARGET_FILE:swtlb-threads> bin/swtlb-threads
    --file ${CMAKE_SOURCE_DIR}/guest/xen-swtlb-device bin/xen-swtlb-device
    --file ${late_folder}/swtlb-pgd.ko lib/swtlb-pgd.ko
    DEPENDS swtlb-device swtlb-fuzz swtlb-threads
            ${late_folder}/swtlb-pgd.ko)

# device_test(NAME CASE XEN WORDS [...]), with what else linux_test() takes;
# WORDS are for the kernel's command line.
function(device_test name case xen words)
    separate_arguments(words UNIX_COMMAND "${words}")
    linux_test(system-${name}${suffix} ${case} ${xen} ${vmlinux} ${device_initrd}
               ${ARGN} CMDLINE ${words})
endfunction()

# CR3 names other page tables inside the kernel than outside, or the same.
# (With a PCID it would carry a number, too; the emulated CPU has none.)
device_test(device device ${XEN_BINARY} "" --smp 2)
if(suffix)
    return()
endif()
device_test(device-pti device ${XEN_BINARY} pti=on --smp 2)
# A CPU that does not tell a program's hypercalls from the kernel's.
device_test(device-nosmap device-privcmd ${XEN_BINARY} ""
            --smp 2 --xen-args cpuid=no-smap)
device_test(device-fuzz device-fuzz ${XEN_BINARY} "" --smp 2)
device_test(device-renew device-renew ${XEN_BINARY} "")
# A task may be preempted anywhere in the kernel, hence between its hypercalls.
device_test(device-threads device-threads ${XEN_BINARY} preempt=full --smp 2)
device_test(device-threads-hotplug device-threads ${XEN_BINARY}
            swtlb.hotplug=yes --smp 2)
device_test(device-plain device-plain ${XEN_STOCK_BINARY} "")
