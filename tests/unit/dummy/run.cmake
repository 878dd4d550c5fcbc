# SPDX-License-Identifier: GPL-2.0-only
#
# Run PROGRAM; fail unless its exit code is EXPECTED and its verdict says so.

execute_process(COMMAND ${PROGRAM} RESULT_VARIABLE rc OUTPUT_VARIABLE out
    ERROR_VARIABLE err)
message("${out}${err}")

set(verdict_0 success)
set(verdict_3 error)
set(verdict_4 failure)
if(NOT rc STREQUAL EXPECTED)
    message(FATAL_ERROR "exit code ${rc}, not ${EXPECTED}")
endif()
if(NOT out MATCHES "@verdict unit-dummy-[a-z]+ ${verdict_${EXPECTED}}")
    message(FATAL_ERROR "no verdict '${verdict_${EXPECTED}}'")
endif()
