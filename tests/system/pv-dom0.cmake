# SPDX-License-Identifier: GPL-2.0-only
#
# dom0 as Debian starts it by default, a PV guest; and a PVH domU of its.

swtlb_inputs(have_toolstack "the test with a PV dom0" TOOLSTACK
             XEN_RELEASE_BINARY)
if(NOT have_toolstack)
    return()
endif()

# The domU's, small: dom0 has to copy it.
set(pv_domu_initrd ${out}/pv-domu.gz)
add_custom_command(OUTPUT ${pv_domu_initrd}
    COMMAND ${CMAKE_SOURCE_DIR}/scripts/initramfs --busybox ${BUSYBOX}
            --file $<TARGET_FILE:system-xen-load> bin/xen-load
            --file ${GUEST_MODULE} lib/xen-swtlb.ko
            --file ${CMAKE_CURRENT_SOURCE_DIR}/lib.sh test/lib.sh
            --file ${CMAKE_CURRENT_SOURCE_DIR}/cases/pv-domu.sh
                   test/cases/pv-domu.sh
            --file ${LINUX_MODULES}/kernel/drivers/xen/xen-evtchn.ko
                   lib/xen-evtchn.ko
            --file ${LINUX_MODULES}/kernel/drivers/xen/xen-privcmd.ko
                   lib/xen-privcmd.ko
            ${CMAKE_CURRENT_SOURCE_DIR}/init ${pv_domu_initrd}
    DEPENDS init lib.sh cases/pv-domu.sh system-xen-load guest
            ${GUEST_MODULE} ${CMAKE_SOURCE_DIR}/scripts/initramfs
    VERBATIM)

system_initrd(pv-dom0
    --tree ${TOOLSTACK}
    --file ${pv_domu_initrd} lib/pv-domu.gz
    --file ${CMAKE_SOURCE_DIR}/guest/xen-swtlb-device bin/xen-swtlb-device
    --file ${CMAKE_CURRENT_SOURCE_DIR}/toolstack.sh test/toolstack.sh
    ${xen_modules}
    DEPENDS toolstack.sh ${pv_domu_initrd})

# One CPU, as for all tests with a toolstack.
linux_test(system-pv-dom0 pv-dom0 ${XEN_RELEASE_BINARY} ${vmlinux}
           ${pv-dom0_initrd} COST 60 --dom0 pv CMDLINE nowatchdog)
