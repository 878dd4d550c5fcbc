# SPDX-License-Identifier: GPL-2.0-only
#
# The device for programs, tried by hostile ones.

foreach(program IN ITEMS device fuzz threads)
    add_executable(swtlb-${program} device/${program}.c)
    target_include_directories(swtlb-${program} PRIVATE
        ${SWTLB_HV_DIR}/xen/include)
    target_compile_options(swtlb-${program} PRIVATE -Wall -Wextra -Werror)
    target_link_options(swtlb-${program} PRIVATE -static)
endforeach()

set(device_initrd ${out}/device.gz)
add_custom_command(OUTPUT ${device_initrd}
    COMMAND ${CMAKE_SOURCE_DIR}/scripts/initramfs --busybox ${BUSYBOX}
            ${contents} --file $<TARGET_FILE:swtlb-device> bin/swtlb-device
            --file $<TARGET_FILE:swtlb-fuzz> bin/swtlb-fuzz
            --file $<TARGET_FILE:swtlb-threads> bin/swtlb-threads
            --file ${CMAKE_SOURCE_DIR}/guest/xen-swtlb-device
                   bin/xen-swtlb-device
            --file ${out}/late/swtlb-pgd.ko lib/swtlb-pgd.ko
            ${CMAKE_CURRENT_SOURCE_DIR}/init ${device_initrd}
    DEPENDS init lib.sh ${cases} swtlb-query swtlb-device swtlb-fuzz
            swtlb-threads guest swtlb-late ${GUEST_MODULE}
            ${out}/late/swtlb-late.ko
            ${out}/late/swtlb-pgd.ko
            ${CMAKE_SOURCE_DIR}/scripts/initramfs
    COMMENT "Making the initramfs of the device's tests"
    VERBATIM)
add_custom_target(system-device-initrd ALL DEPENDS ${device_initrd})

# device_test(NAME CASE XEN CMDLINE [OPTION...]): OPTIONs are xen-run's.
function(device_test name case xen cmdline)
    separate_arguments(words UNIX_COMMAND "${cmdline}")
    add_test(NAME system-${name}
        COMMAND ${XEN_RUN} --xen ${xen} --name system-${name}
                --log ${SWTLB_LOG_DIR}/system-${name}.log --timeout 300
                --smp 2 ${ARGN} ${LINUX_KERNEL} ${device_initrd}
                -- console=hvc0 noxsave printk.time=0
                   swtlb.case=${case} swtlb.name=system-${name} ${words})
    set_tests_properties(system-${name} PROPERTIES
        SKIP_RETURN_CODE 77 TIMEOUT 330)
endfunction()

# CR3 names other page tables inside the kernel than outside, or the same.
# (With a PCID it would carry a number, too; the emulated CPU has none.)
device_test(device device ${XEN_BINARY} "")
device_test(device-pti device ${XEN_BINARY} pti=on)
# A CPU that does not tell a program's hypercalls from the kernel's.
device_test(device-nosmap device-privcmd ${XEN_BINARY} ""
            --xen-args cpuid=no-smap)
device_test(device-fuzz device-fuzz ${XEN_BINARY} "")
device_test(device-renew device-renew ${XEN_BINARY} "")
# A task may be preempted anywhere in the kernel, hence between its hypercalls.
device_test(device-threads device-threads ${XEN_BINARY} preempt=full)
device_test(device-threads-hotplug device-threads ${XEN_BINARY}
            swtlb.hotplug=yes)
device_test(device-plain device-plain ${XEN_STOCK_BINARY} "")
