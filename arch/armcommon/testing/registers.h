/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a port's registers.h has on a PC: the test program is the CPU. Registers
 * have the names that the port's code uses. A test that has nothing to order
 * leaves the barriers out: they are weak.
 */
#ifndef ARMCOMMON_TESTING_REGISTERS_H
#define ARMCOMMON_TESTING_REGISTERS_H

#include "lib/types.h"

u64 test_sysreg_read(const char *name);
void test_sysreg_write(const char *name, u64 v);
void test_isb(void) __attribute__((weak));
/* "ish", "nsh", "ishst", ... */
void test_dsb(const char *domain) __attribute__((weak));
/* TLBI and IC without an operand, by name: "vmalle1". */
void test_tlbi(const char *op);
void test_ic(const char *op);
/* By the encoding: SYS #op1, CRn, CRm, #op2, or MCR p15 with the same. */
void test_sys(unsigned int op1, const char *crn, const char *crm,
	      unsigned int op2, u64 v);

#define sysreg_read(name) test_sysreg_read(#name)
#define sysreg_write(name, v) test_sysreg_write(#name, v)
#define isb() (test_isb ? test_isb() : (void)0)
#define wfi() ((void)0)
#define dsb(domain) (test_dsb ? test_dsb(#domain) : (void)0)
#define SYS_OP(op1, crn, crm, op2, v) test_sys(op1, #crn, #crm, op2, v)

#endif
