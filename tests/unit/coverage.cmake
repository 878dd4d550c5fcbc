# SPDX-License-Identifier: GPL-2.0-only
#
# Print what gcov says about each of the hypervisor's sources, and leave the
# annotated ones in OUTPUT.  OBJECTS are separated by colons.

file(MAKE_DIRECTORY ${OUTPUT})
string(REPLACE ":" ";" OBJECTS "${OBJECTS}")
foreach(object IN LISTS OBJECTS)
    string(REGEX REPLACE "[.]o$" ".gcda" data ${object})
    execute_process(COMMAND ${GCOV} --branch-probabilities ${data}
        WORKING_DIRECTORY ${OUTPUT} OUTPUT_VARIABLE out ERROR_VARIABLE err
        RESULT_VARIABLE rc)
    if(NOT rc EQUAL 0)
        message(FATAL_ERROR "${err}")
    endif()
    string(REGEX MATCHALL
        "File '[^']*hv/xen/[^']*'\nLines[^\n]*\nBranches[^\n]*\nTaken[^\n]*"
        files "${out}")
    foreach(file IN LISTS files)
        message("${file}\n")
    endforeach()
endforeach()
