# SPDX-License-Identifier: GPL-2.0-only
#
# Each hypercall of the module's table, with its buffers here and there; on
# patched Xen with the module, the same as a strict domain, and on unpatched
# Xen, for the results to be compared.

system_module(rows ${SWTLB_HV_DIR}/xen/include rows.h main.c rows.c large.c)
system_initrd(rows --file ${rows_folder}/swtlb-rows.ko lib/swtlb-rows.ko
              DEPENDS swtlb-rows${suffix} ${rows_folder}/swtlb-rows.ko)

function(rows_test name xen)
    linux_test(system-${name}${suffix} rows ${xen} ${vmlinux} ${rows_initrd}
               COST 70 --smp 2 ${ARGN})
    set_tests_properties(system-${name}${suffix} PROPERTIES
        FIXTURES_SETUP rows${suffix})
endfunction()

rows_test(rows ${XEN_BINARY})
# Results tell where frames are, which is not the same on all kernels.
if(suffix)
    return()
endif()
rows_test(rows-strict ${XEN_BINARY} CMDLINE swtlb.rows=strict)
rows_test(rows-stock ${XEN_STOCK_BINARY})

add_test(NAME system-rows-same
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/rows/compare
            ${SWTLB_LOG_DIR}/system-rows-stock.log
            ${SWTLB_LOG_DIR}/system-rows.log
            ${SWTLB_LOG_DIR}/system-rows-strict.log)
set_tests_properties(system-rows-same PROPERTIES FIXTURES_REQUIRED rows)
