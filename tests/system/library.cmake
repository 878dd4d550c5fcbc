# SPDX-License-Identifier: GPL-2.0-only
#
# The library for programs, and xen-swtlb, where there is a Xen.  (What does
# not take one is tested in tests/lib.)

if(NOT TARGET xen-swtlb-static)
    message(STATUS "left out: system-library (no library)")
    return()
endif()

set(library_initrd ${out}/library.gz)
add_custom_command(OUTPUT ${library_initrd}
    COMMAND ${CMAKE_SOURCE_DIR}/scripts/initramfs --busybox ${BUSYBOX}
            ${contents} --file $<TARGET_FILE:xen-swtlb-static> bin/xen-swtlb
            ${CMAKE_CURRENT_SOURCE_DIR}/init ${library_initrd}
    DEPENDS init lib.sh ${cases} swtlb-query xen-swtlb-static guest
            swtlb-late ${GUEST_MODULE} ${out}/late/swtlb-late.ko
            ${CMAKE_SOURCE_DIR}/scripts/initramfs
    COMMENT "Making the initramfs of the library's tests"
    VERBATIM)
add_custom_target(system-library-initrd ALL DEPENDS ${library_initrd})

# library_test(NAME CASE XEN [WORD...]): WORDs for the command line.
function(library_test name case xen)
    add_test(NAME system-${name}
        COMMAND ${XEN_RUN} --xen ${xen} --name system-${name}
                --log ${SWTLB_LOG_DIR}/system-${name}.log --timeout 400
                --smp 2 ${LINUX_KERNEL} ${library_initrd}
                -- console=hvc0 noxsave printk.time=0
                   swtlb.case=${case} swtlb.name=system-${name} ${ARGN})
    set_tests_properties(system-${name} PROPERTIES
        SKIP_RETURN_CODE 77 TIMEOUT 430)
endfunction()

library_test(library library ${XEN_BINARY})
library_test(library-stock library-stock ${XEN_STOCK_BINARY})
