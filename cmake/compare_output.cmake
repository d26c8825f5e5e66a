# SPDX-License-Identifier: MIT
# cmake -D PROGRAM=... -D EXPECTED=... -P compare_output.cmake: the program succeeds and prints exactly the expected file.
execute_process(COMMAND "${PROGRAM}" OUTPUT_VARIABLE actual RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} ended with ${status} and printed:\n${actual}")
endif()
file(READ "${EXPECTED}" expected)
if(NOT actual STREQUAL expected)
  message(FATAL_ERROR "The output differs from ${EXPECTED}. It is:\n${actual}")
endif()
