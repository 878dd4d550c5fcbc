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
set(domu_initrd ${out}/domu.gz)
if(NOT TARGET system-domu)
    add_custom_command(OUTPUT ${domu_initrd}
        COMMAND ${CMAKE_SOURCE_DIR}/scripts/initramfs --busybox ${BUSYBOX}
                ${CMAKE_CURRENT_SOURCE_DIR}/domu-init ${domu_initrd}
        DEPENDS domu-init ${CMAKE_SOURCE_DIR}/scripts/initramfs
        VERBATIM)
    add_custom_target(system-domu ALL
        COMMAND ${CMAKE_COMMAND} -E env --unset=MAKEFLAGS
                ${MAKE_PROGRAM} --no-print-directory
                -C ${CMAKE_CURRENT_SOURCE_DIR}/domu XEN_TREE=${XEN_TREE}
                O=${out}/domu
        BYPRODUCTS ${domu}
        DEPENDS ${domu_initrd}
        COMMENT "Building the guests of the toolstack"
        VERBATIM)
endif()

# Not in the initramfs of all the others, which would have to unpack it.
system_initrd(toolstack
    --tree ${TOOLSTACK}
    --file ${domu} lib/domu-console
    --file ${domu_initrd} lib/domu.gz
    --file ${CMAKE_SOURCE_DIR}/guest/xen-swtlb-device bin/xen-swtlb-device
    --file ${CMAKE_CURRENT_SOURCE_DIR}/toolstack.sh test/toolstack.sh
    ${xen_modules}
    DEPENDS toolstack.sh system-domu ${domu} ${domu_initrd})

# toolstack_test(NAME CASE WORDS [...]), with what else linux_test() takes;
# WORDS are for dom0's command line.
#
# One CPU: to map a page of a guest, and to unmap it, makes Xen flush the TLBs
# of all, which in QEMU takes a millisecond with two.  dom0 has two vCPUs yet.
function(toolstack_test name case words)
    separate_arguments(words UNIX_COMMAND "${words}")
    linux_test(system-${name}${suffix} ${case} ${XEN_RELEASE_BINARY} ${vmlinux}
               ${toolstack_initrd} COST 60 --xen-args dom0_max_vcpus=2 ${ARGN}
               CMDLINE ${words})
endfunction()

toolstack_test(toolstack-device toolstack
               "swtlb.load=default swtlb.device=yes")
if(suffix)
    return()
endif()
toolstack_test(toolstack toolstack "")
toolstack_test(toolstack-module toolstack swtlb.load=default)
toolstack_test(toolstack-strict toolstack
               "swtlb.load=strict=1 swtlb.device=yes")
toolstack_test(toolstack-many toolstack-many
               "swtlb.load=default swtlb.device=yes")
toolstack_test(toolstack-limits toolstack-limits
               "swtlb.load=device_entries=4,device_process=2 swtlb.device=yes")
# Minutes: xl save asks Xen about every page below 4 GiB.
toolstack_test(toolstack-save toolstack-save
               "swtlb.load=default swtlb.device=yes" SECONDS 600)
set_tests_properties(system-toolstack-save PROPERTIES COST 200)
