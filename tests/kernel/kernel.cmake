# SPDX-License-Identifier: GPL-2.0-only
#
# What tests/kernel and tests/kernel-debug have in common.  They set kind, to
# their own name, and kernel, to the one to boot.

set(here ${CMAKE_CURRENT_LIST_DIR})

# The program that the cases need.
add_executable(${kind}-load ${here}/xen-load.c)
set_target_properties(${kind}-load PROPERTIES OUTPUT_NAME xen-load)
target_compile_options(${kind}-load PRIVATE -Wall -Wextra -Werror)
target_link_options(${kind}-load PRIVATE -static)

# kernel_initrd(NAME [EXTRA...]): an initramfs ${NAME}, with all cases; the
# kernel's command line selects one.  EXTRA is more for scripts/initramfs.
function(kernel_initrd name)
    set(initrd ${CMAKE_CURRENT_BINARY_DIR}/${name}.gz)
    file(GLOB cases CONFIGURE_DEPENDS ${here}/cases/*.sh)
    set(contents ${ARGN}
        --file $<TARGET_FILE:${kind}-load> bin/xen-load
        --file ${CMAKE_SOURCE_DIR}/tests/system/lib.sh test/lib.sh
        --file ${here}/lib.sh test/kernel.sh)
    foreach(case IN LISTS cases)
        get_filename_component(file ${case} NAME)
        list(APPEND contents --file ${case} test/cases/${file})
    endforeach()
    add_custom_command(OUTPUT ${initrd}
        COMMAND ${CMAKE_SOURCE_DIR}/scripts/initramfs --busybox ${BUSYBOX}
                ${contents} ${here}/init ${initrd}
        DEPENDS ${here}/init ${here}/lib.sh ${cases} ${kind}-load
                ${CMAKE_SOURCE_DIR}/tests/system/lib.sh
                ${CMAKE_SOURCE_DIR}/scripts/initramfs
        COMMENT "Making the initramfs ${initrd}"
        VERBATIM)
    add_custom_target(${kind}-${name} ALL DEPENDS ${initrd})
    set(${name} ${initrd} PARENT_SCOPE)
endfunction()

include(${CMAKE_SOURCE_DIR}/tests/system/linux.cmake)

# kernel_test(NAME CASE XEN SECONDS [...]), with what else linux_test() takes
function(kernel_test name case xen seconds)
    linux_test(${name} ${case} ${xen} ${kernel} ${initrd} SECONDS ${seconds}
               BUILT_IN ${ARGN})
endfunction()
