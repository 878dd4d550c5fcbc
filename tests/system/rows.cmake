# SPDX-License-Identifier: GPL-2.0-only
#
# Each hypercall of the module's table, with its buffers here and there; on
# patched Xen with the module, the same as a strict domain, and on unpatched
# Xen, for the results to be compared.

set(rows_sources Kbuild rows.h main.c rows.c large.c)
file(MAKE_DIRECTORY ${out}/rows)
foreach(file IN LISTS rows_sources)
    file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR}/rows/${file}
         ${out}/rows/${file} SYMBOLIC)
endforeach()
file(CREATE_LINK ${SWTLB_HV_DIR}/xen/include ${out}/rows/include SYMBOLIC)
add_custom_target(swtlb-rows
    COMMAND ${CMAKE_COMMAND} -E env --unset=MAKEFLAGS
            make -s -C ${KDIR} M=${out}/rows KCFLAGS=-Werror modules
    BYPRODUCTS ${out}/rows/swtlb-rows.ko
    COMMENT "Building the module that issues each hypercall"
    VERBATIM)

set(rows_initrd ${out}/rows.gz)
add_custom_command(OUTPUT ${rows_initrd}
    COMMAND ${CMAKE_SOURCE_DIR}/scripts/initramfs --busybox ${BUSYBOX}
            ${contents} --file ${out}/rows/swtlb-rows.ko lib/swtlb-rows.ko
            ${CMAKE_CURRENT_SOURCE_DIR}/init ${rows_initrd}
    DEPENDS init lib.sh ${cases} swtlb-query guest swtlb-late swtlb-rows
            ${GUEST_MODULE} ${out}/late/swtlb-late.ko
            ${out}/rows/swtlb-rows.ko ${CMAKE_SOURCE_DIR}/scripts/initramfs
    COMMENT "Making the initramfs of the hypercalls' tests"
    VERBATIM)
add_custom_target(system-rows-initrd ALL DEPENDS ${rows_initrd})

function(rows_test name xen)
    add_test(NAME system-${name}
        COMMAND ${XEN_RUN} --xen ${xen} --name system-${name}
                --log ${SWTLB_LOG_DIR}/system-${name}.log --timeout 300
                --smp 2 ${LINUX_KERNEL} ${rows_initrd}
                -- console=hvc0 noxsave printk.time=0
                   swtlb.case=rows swtlb.name=system-${name} ${ARGN})
    set_tests_properties(system-${name} PROPERTIES
        SKIP_RETURN_CODE 77 TIMEOUT 330 FIXTURES_SETUP rows)
endfunction()

rows_test(rows ${XEN_BINARY})
rows_test(rows-strict ${XEN_BINARY} swtlb.rows=strict)
rows_test(rows-stock ${XEN_STOCK_BINARY})

add_test(NAME system-rows-same
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/rows/compare
            ${SWTLB_LOG_DIR}/system-rows-stock.log
            ${SWTLB_LOG_DIR}/system-rows.log
            ${SWTLB_LOG_DIR}/system-rows-strict.log)
set_tests_properties(system-rows-same PROPERTIES
    TIMEOUT 30 FIXTURES_REQUIRED rows)
