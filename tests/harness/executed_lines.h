/* How often each instruction of a body was executed, in lines for ../test_instructions.py:
 *
 *    ADDRESS TIMES ...      hexadecimal, from where its object was loaded; one line for each instruction
 */
#ifndef EXECUTED_LINES_H
#define EXECUTED_LINES_H

#include "machine/executed.h"

void executed_lines(const struct executed *executed);

#endif
