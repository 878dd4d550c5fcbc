# SPDX-License-Identifier: GPL-2.0-only
#
# A dom0 that creates guests, with Debian's toolstack.

swtlb_inputs(have_toolstack "the tests with a toolstack" TOOLSTACK XEN_TREE
             XEN_RELEASE_BINARY)
if(NOT have_toolstack)
    return()
endif()

# The guests: of bare metal, and what a Linux needs.
find_program(MAKE_PROGRAM NAMES gmake make REQUIRED)
set(domu ${out}/domu/domu-console)
add_custom_target(system-domu ALL
    COMMAND ${CMAKE_COMMAND} -E env --unset=MAKEFLAGS
            ${MAKE_PROGRAM} --no-print-directory
            -C ${CMAKE_CURRENT_SOURCE_DIR}/domu XEN_TREE=${XEN_TREE}
            O=${out}/domu
    BYPRODUCTS ${domu}
    COMMENT "Building the bare-metal guests of the toolstack"
    VERBATIM)
set(domu_initrd ${out}/domu.gz)
add_custom_command(OUTPUT ${domu_initrd}
    COMMAND ${CMAKE_SOURCE_DIR}/scripts/initramfs --busybox ${BUSYBOX}
            ${CMAKE_CURRENT_SOURCE_DIR}/domu-init ${domu_initrd}
    DEPENDS domu-init ${CMAKE_SOURCE_DIR}/scripts/initramfs
    VERBATIM)

# Not in the initramfs of all the others, which would have to unpack it.
set(toolstack_contents
    --tree ${TOOLSTACK}
    --file ${domu} lib/domu-console
    --file ${domu_initrd} lib/domu.gz
    --file ${CMAKE_SOURCE_DIR}/guest/xen-swtlb-device bin/xen-swtlb-device
    --file ${CMAKE_CURRENT_SOURCE_DIR}/toolstack.sh test/toolstack.sh
    ${xen_modules})

set(toolstack_initrd ${out}/toolstack.gz)
add_custom_command(OUTPUT ${toolstack_initrd}
    COMMAND ${CMAKE_SOURCE_DIR}/scripts/initramfs --busybox ${BUSYBOX}
            ${contents} ${toolstack_contents}
            ${CMAKE_CURRENT_SOURCE_DIR}/init ${toolstack_initrd}
    DEPENDS init lib.sh toolstack.sh ${cases} swtlb-query guest swtlb-late
            system-domu ${domu} ${domu_initrd} ${GUEST_MODULE}
            ${out}/late/swtlb-late.ko ${CMAKE_SOURCE_DIR}/scripts/initramfs
    COMMENT "Making the initramfs with the toolstack"
    VERBATIM)
add_custom_target(system-toolstack-initrd ALL DEPENDS ${toolstack_initrd})

# toolstack_test(NAME CASE XEN CMDLINE [OPTION...]): CMDLINE is more of dom0's,
# OPTIONs are xen-run's.
#
# One CPU: to map a page of a guest, and to unmap it, makes Xen flush the TLBs
# of all, which in QEMU takes a millisecond with two.  dom0 has two vCPUs yet.
# nowatchdog: such things can take longer than Linux expects.
function(toolstack_test name case xen cmdline)
    separate_arguments(words UNIX_COMMAND "${cmdline}")
    add_test(NAME system-${name}
        COMMAND ${XEN_RUN} --xen ${xen} --name system-${name}
                --log ${SWTLB_LOG_DIR}/system-${name}.log --timeout 300
                --xen-args dom0_max_vcpus=2 ${ARGN}
                ${LINUX_KERNEL} ${toolstack_initrd}
                -- console=hvc0 noxsave printk.time=0 nowatchdog
                   swtlb.case=${case} swtlb.name=system-${name} ${words})
    set_tests_properties(system-${name} PROPERTIES
        SKIP_RETURN_CODE 77 TIMEOUT 330)
endfunction()

toolstack_test(toolstack toolstack ${XEN_RELEASE_BINARY} "")
toolstack_test(toolstack-module toolstack ${XEN_RELEASE_BINARY}
               swtlb.load=default)
toolstack_test(toolstack-device toolstack ${XEN_RELEASE_BINARY}
               "swtlb.load=default swtlb.device=yes")
toolstack_test(toolstack-strict toolstack ${XEN_RELEASE_BINARY}
               "swtlb.load=strict=1 swtlb.device=yes")
toolstack_test(toolstack-many toolstack-many ${XEN_RELEASE_BINARY}
               "swtlb.load=default swtlb.device=yes")
toolstack_test(toolstack-limits toolstack-limits ${XEN_RELEASE_BINARY}
               "swtlb.load=device_entries=4,device_process=2 swtlb.device=yes")
# Minutes: xl save asks Xen about every page below 4 GiB.
toolstack_test(toolstack-save toolstack-save ${XEN_RELEASE_BINARY}
               "swtlb.load=default swtlb.device=yes" --timeout 600)
set_tests_properties(system-toolstack-save PROPERTIES TIMEOUT 630)
