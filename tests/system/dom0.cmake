# SPDX-License-Identifier: GPL-2.0-only
#
# The tests of one kernel; see system_tests() in CMakeLists.txt.  What another
# kernel could break is tested on each: all that the module hooks itself into.

# The module that looks last, and one that tells where page tables are.
system_module(late ${SWTLB_HV_DIR}/xen/include swtlb-late.c swtlb-pgd.c)

# One initramfs has all cases; the kernel's command line selects one.
file(GLOB cases CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/cases/*.sh)
module_file(privcmd xen-privcmd)
set(contents
    --file $<TARGET_FILE:swtlb-query> bin/swtlb
    --file ${guest_module} lib/xen-swtlb.ko
    --file ${late_folder}/swtlb-late.ko lib/swtlb-late.ko
    --file ${kernel} lib/vmlinuz
    --file ${privcmd} lib/xen-privcmd.ko
    --file ${CMAKE_CURRENT_SOURCE_DIR}/lib.sh test/lib.sh)
foreach(case IN LISTS cases)
    get_filename_component(file ${case} NAME)
    list(APPEND contents --file ${case} test/cases/${file})
endforeach()

system_initrd(plain)

# The kernel as Xen boots it, without what takes Xen seconds to uncompress.
set(vmlinux ${out}/vmlinux${suffix})
add_custom_command(OUTPUT ${vmlinux}
    COMMAND ${CMAKE_SOURCE_DIR}/scripts/vmlinux ${kernel} ${vmlinux}
    DEPENDS ${kernel} ${CMAKE_SOURCE_DIR}/scripts/vmlinux
    COMMENT "Uncompressing the kernel of the system tests"
    VERBATIM)
add_custom_target(system-vmlinux${suffix} ALL DEPENDS ${vmlinux})

system_test(module ${XEN_BINARY} --smp 2)
system_test(hotplug ${XEN_BINARY} --smp 2 --xen-args dom0_max_vcpus=3)

# The kernel's modules for programs that talk to Xen, for an initramfs.
foreach(module IN ITEMS xen-evtchn xen-gntdev xen-gntalloc xenfs/xenfs)
    get_filename_component(name ${module} NAME)
    module_file(file ${module})
    list(APPEND xen_modules --file ${file} lib/${name}.ko)
endforeach()

include(toolstack.cmake)
include(device.cmake)
include(rows.cmake)

add_test(NAME system-build${suffix}
    COMMAND ${CMAKE_COMMAND} -E env --unset=MAKEFLAGS
            ${CMAKE_CURRENT_SOURCE_DIR}/build-module ${CMAKE_SOURCE_DIR}/guest
            ${kdir} ${out}/dkms${suffix})

# The rest is of one kernel.
if(suffix)
    return()
endif()

system_test(params ${XEN_BINARY} --smp 2)
system_test(few ${XEN_BINARY} --smp 2 --xen-args swtlb=max-entries=3)
system_test(memory ${XEN_BINARY} --smp 2)
system_test(suspend ${XEN_BINARY} --smp 2)
system_test(reboot ${XEN_BINARY} --smp 2)
system_test(poweroff ${XEN_BINARY})
system_test(kexec ${XEN_BINARY} --smp 2)
system_test(off ${XEN_BINARY} --xen-args swtlb=off)
system_test(stock ${XEN_STOCK_BINARY})

include(library.cmake)
include(coverage.cmake)
include(pv-dom0.cmake)

add_test(NAME system-no-xen
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/run-plain system-no-xen
            ${SWTLB_LOG_DIR}/system-no-xen.log ${kernel} ${plain_initrd}
            "printk.time=0 swtlb.case=no-xen swtlb.name=system-no-xen")
set_tests_properties(system-no-xen PROPERTIES
    SKIP_RETURN_CODE 77 COST 30)
