# SPDX-License-Identifier: GPL-2.0-only
#
# How much of a stock kernel the module covers, and what that costs.

# Programs and a module that have the kernel make hypercalls.
add_executable(system-xen-load ${CMAKE_SOURCE_DIR}/tests/kernel/xen-load.c)
add_executable(system-grants grants.c)
foreach(program IN ITEMS xen-load grants)
    set_target_properties(system-${program} PROPERTIES OUTPUT_NAME ${program})
    target_compile_options(system-${program} PRIVATE -Wall -Wextra -Werror)
    target_link_options(system-${program} PRIVATE -static)
endforeach()

file(MAKE_DIRECTORY ${out}/cost)
foreach(file IN ITEMS Kbuild swtlb-cost.c)
    file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR}/cost/${file}
         ${out}/cost/${file} SYMBOLIC)
endforeach()
file(CREATE_LINK ${CMAKE_SOURCE_DIR}/guest ${out}/cost/include SYMBOLIC)
add_custom_target(swtlb-cost
    COMMAND ${CMAKE_COMMAND} -E env --unset=MAKEFLAGS
            make -s -C ${KDIR} M=${out}/cost modules
    BYPRODUCTS ${out}/cost/swtlb-cost.ko
    COMMENT "Building the module that measures"
    VERBATIM)

set(coverage_contents
    --file $<TARGET_FILE:system-xen-load> bin/xen-load
    --file $<TARGET_FILE:system-grants> bin/grants
    --file ${out}/cost/swtlb-cost.ko lib/swtlb-cost.ko
    --file ${CMAKE_SOURCE_DIR}/tests/kernel/lib.sh test/kernel.sh
    ${xen_modules})

set(coverage_initrd ${out}/coverage.gz)
add_custom_command(OUTPUT ${coverage_initrd}
    COMMAND ${CMAKE_SOURCE_DIR}/scripts/initramfs --busybox ${BUSYBOX}
            ${contents} ${coverage_contents}
            ${CMAKE_CURRENT_SOURCE_DIR}/init ${coverage_initrd}
    DEPENDS init lib.sh ${cases} ${CMAKE_SOURCE_DIR}/tests/kernel/lib.sh
            swtlb-query system-xen-load system-grants guest swtlb-late
            swtlb-cost ${GUEST_MODULE} ${out}/late/swtlb-late.ko
            ${out}/cost/swtlb-cost.ko ${CMAKE_SOURCE_DIR}/scripts/initramfs
    COMMENT "Making the initramfs of coverage and cost"
    VERBATIM)
add_custom_target(system-coverage-initrd ALL DEPENDS ${coverage_initrd})

# coverage_test(NAME CASE XEN CMDLINE [OPTION...])
function(coverage_test name case xen cmdline)
    add_test(NAME system-${name}
        COMMAND ${XEN_RUN} --xen ${xen} --name system-${name}
                --log ${SWTLB_LOG_DIR}/system-${name}.log --timeout 300
                ${ARGN} ${LINUX_KERNEL} ${coverage_initrd}
                -- console=hvc0 noxsave printk.time=0
                   swtlb.case=${case} swtlb.name=system-${name} ${cmdline})
    set_tests_properties(system-${name} PROPERTIES
        SKIP_RETURN_CODE 77 TIMEOUT 330)
endfunction()

coverage_test(coverage coverage ${XEN_BINARY} "" --smp 2
              --xen-args dom0_max_vcpus=3)
coverage_test(strict strict ${XEN_BINARY} "" --smp 2)

# Instructions count on a release build only.
swtlb_inputs(have_release "what hypercalls of Linux cost" XEN_RELEASE_BINARY
             XEN_STOCK_RELEASE_BINARY)
if(have_release)
    coverage_test(cost cost ${XEN_RELEASE_BINARY} nowatchdog --icount)
    coverage_test(cost-unpatched cost ${XEN_STOCK_RELEASE_BINARY}
                  "nowatchdog swtlb.unpatched=yes" --icount)
endif()
