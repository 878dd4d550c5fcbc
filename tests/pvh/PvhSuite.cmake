# SPDX-License-Identifier: GPL-2.0-only
#
# pvh_add_suite(PREFIX): the folder of the calling CMakeLists.txt is a suite of
# PVH images.  Builds them with its Makefile and registers each of them, in
# each of its modes, as a test PREFIX-NAME (64-bit), PREFIX32-NAME (32-bit,
# paging on) or PREFIX32flat-NAME (32-bit, paging off).
#
# What a test needs stands in its test.cfg, KEY = VALUE a line:
#   modes     of 64, 32, 32flat (default: 64)
#   smp       physical CPUs (default: 1)
#   vcpus     dom0's vCPUs (default: as many as CPUs)
#   mem       the machine's memory in MB, half of it dom0's (default: 512)
#   xen       of debug, release, off (CONFIG_SWTLB=n), stock (unpatched), memops
#             (debug, with what memory-ops.patch says): which Xen to boot
#             (default: debug); each other than debug appends its name to the
#             test's, and is left out if its binary is not given
#   xen-args  more options for Xen
#   single-thread  yes: the CPUs take turns, see xen-run --help
#   timeout   in seconds of a quiet machine (default: 60)
#   expect    regular expression that a console line has to match; repeatable
#   ignore    regular expression of console lines that are no trouble;
#             repeatable
#   send      MARKER=KEYS, typed at the console; repeatable
#   run       no: built, but not registered
#   bochs     of skylake, ryzen, cet (xen-run --bochs), or no: the machines of
#             Bochs that it runs on as well (default: skylake)
#   bochs-expect  the same as expect, on skylake alone; repeatable
# Lines that begin with # are comments.
#
# In Bochs the tests are named intel-NAME, intel32-NAME and so on, in place of
# intel "ryzen" and "cet" on those machines, where it is the first mode only; and
# what runs in 32-bit with paging runs with PAE, too, as intel32pae-NAME.  They
# are of kind intel.  Of the Xens the first is taken, on cet the release build,
# as an assertion of Xen's about xsave fails on Bochs 2.7's only such CPU.

set(XEN_TREE "" CACHE PATH "Xen source tree, for its public headers")
set(XEN_BINARY "" CACHE FILEPATH "the Xen that the PVH tests boot")
set(XEN_RELEASE_BINARY "" CACHE FILEPATH "the same, built for release")
set(XEN_OFF_BINARY "" CACHE FILEPATH "the same, built with CONFIG_SWTLB=n")
set(XEN_MEMOPS_BINARY "" CACHE FILEPATH
    "the same, where memory can be paged and shared")
set(XEN_STOCK_BINARY "" CACHE FILEPATH "an unpatched Xen")
set(BOCHS "" CACHE FILEPATH "Bochs, for the tests of kind intel")
set(PVH_XEN_RUN "${CMAKE_CURRENT_LIST_DIR}/../../scripts/xen-run")

# Where the console logs go: with those of all tests, if there is such a place.
if(SWTLB_LOG_DIR)
    set(PVH_LOG_DIR "${SWTLB_LOG_DIR}")
else()
    set(PVH_LOG_DIR "${CMAKE_CURRENT_BINARY_DIR}")
endif()

# Into out: the values of key in the test's test.cfg, or the default.
function(pvh_config out name key default)
    set(values "")
    set(file "${PVH_SUITE_DIR}/${name}/test.cfg")
    if(EXISTS "${file}")
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
                     "${file}")
        file(STRINGS "${file}" lines REGEX "^${key} *=")
        foreach(line IN LISTS lines)
            string(REGEX REPLACE "^${key} *= *" "" line "${line}")
            list(APPEND values "${line}")
        endforeach()
    endif()
    if(values STREQUAL "")
        set(values "${default}")
    endif()
    set(${out} "${values}" PARENT_SCOPE)
endfunction()

function(pvh_check_config name)
    set(file "${PVH_SUITE_DIR}/${name}/test.cfg")
    if(EXISTS "${file}")
        file(STRINGS "${file}" lines)
        foreach(line IN LISTS lines)
            if(NOT line MATCHES "^(#.*|(modes|xen|smp|vcpus|mem|xen-args|timeout|\
expect|ignore|send|single-thread|run|bochs|bochs-expect) *=.*)?$")
                message(FATAL_ERROR "${file}: not understood: ${line}")
            endif()
        endforeach()
    endif()
endfunction()

# Into binary and suffix: the Xen of that name, what to append to tests' names.
function(pvh_xen binary suffix name)
    set(${suffix} "-${name}" PARENT_SCOPE)
    if(name STREQUAL "debug")
        set(${binary} "${XEN_BINARY}" PARENT_SCOPE)
        set(${suffix} "" PARENT_SCOPE)
    elseif(name MATCHES "^(release|off|memops|stock)$")
        string(TOUPPER "${name}" upper)
        set(${binary} "${XEN_${upper}_BINARY}" PARENT_SCOPE)
    else()
        message(FATAL_ERROR "test.cfg: unknown Xen '${name}'")
    endif()
endfunction()

# Into options: what xen-run is told of the test, but for the Xen and its name.
function(pvh_options options name)
    pvh_config(smp "${name}" smp 1)
    pvh_config(vcpus "${name}" vcpus "${smp}")
    pvh_config(mem "${name}" mem 512)
    pvh_config(timeout "${name}" timeout 60)
    pvh_config(xen_args "${name}" xen-args "")
    set(list --smp "${smp}" --mem "${mem}" --timeout "${timeout}"
             --xen-args "dom0_max_vcpus=${vcpus} ${xen_args}")
    # With CPUs in parallel QEMU may take host and guest for each other.
    if(smp GREATER 1)
        list(APPEND list --again 2)
    endif()
    foreach(key expect ignore send)
        pvh_config(values "${name}" ${key} "")
        foreach(value IN LISTS values)
            list(APPEND list --${key} "${value}")
        endforeach()
    endforeach()
    set(${options} "${list}" PARENT_SCOPE)
endfunction()

# Into image and words: what runs a test in that mode, and its command line.
function(pvh_image image words prefix name mode)
    set(${words} "" PARENT_SCOPE)
    if(mode STREQUAL "64")
        set(${image} "${prefix}-${name}" PARENT_SCOPE)
    elseif(mode MATCHES "^32(flat|pae)?$")
        set(${image} "${prefix}32-${name}" PARENT_SCOPE)
        set(${words} "${CMAKE_MATCH_1}" PARENT_SCOPE)
    else()
        message(FATAL_ERROR "${name}/test.cfg: unknown mode '${mode}'")
    endif()
endfunction()

# pvh_register(TEST LABEL NAME XEN IMAGE WORDS OPTION...)
function(pvh_register test label name xen image words)
    add_test(NAME "${test}" COMMAND "${PVH_XEN_RUN}" --quiet --xen "${xen}"
             --name "${test}" --log "${PVH_LOG_DIR}/${test}.log" ${ARGN}
             "${PVH_IMAGE_DIR}/${image}" -- "name=${test}" ${words})
    # Those that may take longer are started earlier.
    pvh_config(timeout "${name}" timeout 60)
    math(EXPR cost "${timeout} / 10")
    set_tests_properties("${test}" PROPERTIES SKIP_RETURN_CODE 77
                         COST "${cost}" LABELS "${label}")
endfunction()

function(pvh_add_test prefix name mode xen)
    pvh_xen(binary suffix "${xen}")
    if(NOT binary)
        message(STATUS "left out: ${prefix}-${name}${suffix} "
                       "(not given: a binary of that Xen)")
        return()
    endif()
    pvh_image(image words "${prefix}" "${name}" "${mode}")
    string(REGEX REPLACE "^64$" "" bits "${mode}")
    set(test "${prefix}${bits}-${name}${suffix}")
    pvh_options(options "${name}")
    pvh_config(single "${name}" single-thread no)
    if(single STREQUAL "yes")
        list(APPEND options --single-thread)
    endif()
    pvh_register("${test}" "${prefix}" "${name}" "${binary}" "${image}"
                 "${words}" ${options})
    pvh_config(smp "${name}" smp 1)
    set_tests_properties("${test}" PROPERTIES PROCESSORS "${smp}")
endfunction()

# The same on a machine of Bochs, which needs one processor for all its CPUs.
function(pvh_add_bochs_test prefix name mode xen machine)
    set(expected "")
    if(machine STREQUAL "cet")
        set(xen release)
        # A Xen that left it off would pass whatever it calls.
        set(expected "Enabling Indirect Branch Tracking")
    elseif(machine STREQUAL "skylake")
        pvh_config(expected "${name}" bochs-expect "")
    endif()
    pvh_xen(binary suffix "${xen}")
    string(REPLACE "skylake" "intel" test "${machine}")
    string(REGEX REPLACE "^64$" "" bits "${mode}")
    string(APPEND test "${bits}-${name}")
    if(NOT binary)
        message(STATUS "left out: ${test} (not given: a binary of that Xen)")
        return()
    endif()
    set(expect "")
    foreach(regex IN LISTS expected)
        list(APPEND expect --expect "${regex}")
    endforeach()
    pvh_image(image words "${prefix}" "${name}" "${mode}")
    pvh_options(options "${name}")
    pvh_register("${test}" intel "${name}" "${binary}" "${image}" "${words}"
                 --bochs "${machine}" --bochs-path "${BOCHS}" ${options}
                 ${expect})
endfunction()

# Builds all images of the folder; usable without registering tests.
function(pvh_build_suite prefix)
    find_program(PVH_MAKE NAMES gmake make REQUIRED)
    add_custom_target("${prefix}-images" ALL
        COMMAND "${PVH_MAKE}" --no-print-directory
                -C "${CMAKE_CURRENT_SOURCE_DIR}" "XEN_TREE=${XEN_TREE}"
                "O=${CMAKE_CURRENT_BINARY_DIR}"
        COMMENT "Building the PVH images ${prefix}-*" VERBATIM)
endfunction()

# pvh_for_each_test(FUNCTION PREFIX): calls FUNCTION(PREFIX NAME MODES XENS) for
# each test of PVH_SUITE_DIR.
function(pvh_for_each_test add prefix)
    file(GLOB mains CONFIGURE_DEPENDS RELATIVE "${PVH_SUITE_DIR}"
         "${PVH_SUITE_DIR}/*/main.c")
    foreach(main IN LISTS mains)
        get_filename_component(name "${main}" DIRECTORY)
        pvh_check_config("${name}")
        pvh_config(run "${name}" run yes)
        pvh_config(modes "${name}" modes 64)
        pvh_config(xens "${name}" xen debug)
        separate_arguments(modes)
        separate_arguments(xens)
        if(run STREQUAL "yes")
            cmake_language(CALL ${add} "${prefix}" "${name}" "${modes}"
                                "${xens}")
        endif()
    endforeach()
endfunction()

function(pvh_add_tests prefix name modes xens)
    foreach(mode IN LISTS modes)
        foreach(xen IN LISTS xens)
            pvh_add_test("${prefix}" "${name}" "${mode}" "${xen}")
        endforeach()
    endforeach()
endfunction()

function(pvh_add_suite prefix)
    if(NOT EXISTS "${XEN_TREE}/xen/include/public/xen.h")
        message(STATUS "left out: PVH images ${prefix}-* (not given: XEN_TREE)")
        return()
    endif()
    pvh_build_suite("${prefix}")
    if(NOT XEN_BINARY)
        message(STATUS "left out: tests ${prefix}-* (not given: XEN_BINARY)")
        return()
    endif()
    set(PVH_SUITE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
    set(PVH_IMAGE_DIR "${CMAKE_CURRENT_BINARY_DIR}")
    pvh_for_each_test(pvh_add_tests "${prefix}")
endfunction()

function(pvh_add_bochs_tests prefix name modes xens)
    pvh_config(machines "${name}" bochs skylake)
    # What the CPUs of QEMU take turns for, those of Bochs do anyway.
    pvh_config(single "${name}" single-thread no)
    list(GET xens 0 xen)
    if(NOT xen MATCHES "^(debug|release)$" OR machines STREQUAL "no"
       OR single STREQUAL "yes")
        return()
    endif()
    if("32" IN_LIST modes)
        list(APPEND modes 32pae)
    endif()
    list(GET modes 0 first)
    separate_arguments(machines)
    foreach(machine IN LISTS machines)
        foreach(mode IN LISTS modes)
            if(machine STREQUAL "skylake" OR mode STREQUAL first)
                pvh_add_bochs_test("${prefix}" "${name}" "${mode}" "${xen}"
                                   "${machine}")
            endif()
        endforeach()
    endforeach()
endfunction()

# pvh_add_bochs_suite(PREFIX DIR IMAGES): the tests in DIR, of which the images
# are in IMAGES, on the machines of Bochs.
function(pvh_add_bochs_suite prefix dir images)
    set(PVH_SUITE_DIR "${dir}")
    set(PVH_IMAGE_DIR "${images}")
    pvh_for_each_test(pvh_add_bochs_tests "${prefix}")
endfunction()
