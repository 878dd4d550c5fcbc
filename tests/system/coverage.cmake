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

system_module(cost ${CMAKE_SOURCE_DIR}/guest swtlb-cost.c)
system_initrd(coverage
    --file $<TARGET_FILE:system-xen-load> bin/xen-load
    --file $<TARGET_FILE:system-grants> bin/grants
    --file ${cost_folder}/swtlb-cost.ko lib/swtlb-cost.ko
    --file ${CMAKE_SOURCE_DIR}/tests/kernel/lib.sh test/kernel.sh
    ${xen_modules}
    DEPENDS ${CMAKE_SOURCE_DIR}/tests/kernel/lib.sh system-xen-load
            system-grants swtlb-cost ${cost_folder}/swtlb-cost.ko)

# coverage_test(NAME CASE XEN [...]), with what else linux_test() takes
function(coverage_test name case xen)
    linux_test(system-${name} ${case} ${xen} ${vmlinux} ${coverage_initrd}
               COST 40 ${ARGN})
endfunction()

coverage_test(coverage coverage ${XEN_BINARY} --smp 2
              --xen-args dom0_max_vcpus=3)
coverage_test(strict strict ${XEN_BINARY} --smp 2)

# Instructions count on a release build only.
swtlb_inputs(have_release "what hypercalls of Linux cost" XEN_RELEASE_BINARY
             XEN_STOCK_BINARY)
if(have_release)
    coverage_test(cost cost ${XEN_RELEASE_BINARY} --icount)
    coverage_test(cost-unpatched cost ${XEN_STOCK_BINARY} --icount
                  CMDLINE swtlb.unpatched=yes)
endif()
