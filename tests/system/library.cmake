# SPDX-License-Identifier: GPL-2.0-only
#
# The library for programs, and xen-swtlb, where there is a Xen.  (What does
# not take one is tested in tests/lib.)

if(NOT TARGET xen-swtlb-static)
    message(STATUS "left out: system-library (no library)")
    return()
endif()

system_initrd(library --file $<TARGET_FILE:xen-swtlb-static> bin/xen-swtlb
              DEPENDS xen-swtlb-static)

function(library_test name xen)
    linux_test(system-${name} ${name} ${xen} ${vmlinux} ${library_initrd}
               SECONDS 400 --smp 2)
endfunction()

library_test(library ${XEN_BINARY})
library_test(library-stock ${XEN_STOCK_BINARY})
