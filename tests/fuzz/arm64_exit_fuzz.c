// SPDX-License-Identifier: BSD-2-Clause
// link: arch/armcommon/ids.c
// link: arch/armcommon/exit.c arch/armcommon/set_way.c arch/armcommon/state.c
// link: arch/armcommon/aarch32.c arch/armcommon/fpsimd.c
// link: arch/armcommon/testing/fake_cpu.c
// link: arch/arm64/inject.c arch/arm64/sysreg.c arch/arm64/features.c
// link: arch/arm64/stage2_encode.c arch/arm64/debug.c
// flags: -fsanitize=fuzzer -Iarch/arm64
// fuzz: -max_len=300 -len_control=20
/* See exit_fuzz.h. A guest in AArch64, whose EL0 may be in AArch32. */
#include "drivers/irqchip.h"
#include "tests/fuzz/exit_fuzz.h"

static void port_start(struct input *in)
{
	features = (struct arm_features){.port.breakpoints = 6,
					 .port.watchpoints = 4};
	features.port.gicv3 = input_below(in, 2);
	features.port.pan = features.port.ssbs = input_below(in, 2);
	irqchip.version = features.port.gicv3 ? 3 : 2;
	fake_set_reg("vbar_el1", input_number(in, 6) << 11);
	fake_set_reg("sctlr_el1", input_number(in, 8));
	for (unsigned int i = 0; i < 31; i++)
		v.regs.x[i] = input_number(in, 2) * 0x0001000100010001ULL;
	v.regs.pc = input_number(in, 8);
	v.regs.pstate = input_number(in, 4);
}

static void port_exit(struct input *in)
{
	u64 bits = input_number(in, 1);

	if (bits & 1)
		v.regs.pstate = input_number(in, 4);
	if (bits & 2)
		fake_set_reg("sctlr_el1", input_number(in, 8));
	fake_set_reg("far_el2", input_number(in, 8));
	fake_set_reg("hpfar_el2", fake_ipa.v >> 8 & ~0xfULL);
}

/* DDI 0487, D1.4.1: the vector that an exception from there is taken to. */
static u64 vector(u64 pstate)
{
	if (pstate & BIT64(4))
		return 0x600;
	return pstate & 0xf ? (pstate & 1) * 0x200 : 0x400;
}

static bool taken(const struct port_regs *old)
{
	return v.regs.pc == fake_reg("vbar_el1") + vector(old->pstate) &&
	       (v.regs.pstate & 0x3df) == 0x3c5 &&
	       fake_reg("elr_el1") == old->pc &&
	       fake_reg("spsr_el1") == old->pstate;
}

static bool skipped(u64 esr, const struct port_regs *old)
{
	bool t16 = (old->pstate & 0x30) == 0x30 && !(esr & BIT64(25));

	return v.regs.pc == old->pc + (t16 ? 2 : 4) &&
	       (v.regs.pstate & 0x1f) == (old->pstate & 0x1f);
}

static bool stays(const struct port_regs *old)
{
	return v.regs.pc == old->pc && v.regs.pstate == old->pstate;
}

static unsigned int changed(const struct arm_vcpu *old)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < 31; i++)
		n += v.regs.x[i] != old->regs.x[i];
	return n;
}

static void port_check(u64 esr, const struct arm_vcpu *old, int left)
{
	const struct port_regs *r = &old->regs;

	MUST(taken(r) || skipped(esr, r) || stays(r));
	MUST(changed(old) <= 1);
	MUST((v.regs.pstate & 0x1f) == (r->pstate & 0x1f) || taken(r));
}
