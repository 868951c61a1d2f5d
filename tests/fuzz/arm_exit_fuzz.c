// SPDX-License-Identifier: BSD-2-Clause
// link: arch/armcommon/ids.c
// link: arch/armcommon/exit.c arch/armcommon/set_way.c arch/armcommon/state.c
// link: arch/armcommon/aarch32.c arch/armcommon/fpsimd.c
// link: arch/armcommon/testing/fake_cpu.c
// link: arch/arm/inject.c arch/arm/cp15.c arch/arm/features.c arch/arm/banked.c
// link: arch/arm/target_cortex.c arch/arm/target_cortex_a15.c arch/arm/target_cortex_a7.c lib/log.c
// link: lib/printf.c
// flags: -fsanitize=fuzzer -Iarch/arm
// fuzz: -max_len=300 -len_control=20
/*
 * See exit_fuzz.h. A guest of 32 bits, whose CPSR is any: modes that there are not,
 * IT blocks, Jazelle and ThumbEE.
 */
#include "tests/fuzz/exit_fuzz.h"

const char *machine_cpu;
unsigned int machine_cluster_shift;

u32 vfp_id(unsigned int n)
{
	return 0x100 + n;
}

void vfp_enable(void)
{
}

static void port_start(struct input *in)
{
	static const char *const banked[] = {
		"vbar_el1", "sctlr_el1", "tcr_el1", "sp_svc", "lr_svc",
		"sp_fiq", "r8_fiq", "r12_fiq", "sp_usr",
	};

	fake_set_reg("midr_el1", input_below(in, 2) ? 0x412fc0f1 : 0x410fc075);
	fake_set_reg("id_mmfr3_el1", 0x02102211);
	fake_set_reg("id_pfr1_el1", 0x00011011);
	fake_set_reg("id_dfr0_el1", 0x02010555);
	fake_set_reg("id_isar0_el1", 0x02101110);
	features_detect();
	sysreg_init();
	for (unsigned int i = 0; i < ARRAY_SIZE(banked); i++)
		fake_set_reg(banked[i], input_number(in, 4));
	for (unsigned int i = 0; i < 15; i++)
		v.regs.r[i] = input_number(in, 2) * 0x10001;
	v.regs.pc = input_number(in, 4);
	v.regs.pstate = input_number(in, 4);
}

static void port_exit(struct input *in)
{
	u64 bits = input_number(in, 1);

	/* The guest did something else meanwhile. */
	if (bits & 1)
		v.regs.pstate = input_number(in, 4);
	if (bits & 2)
		fake_set_reg("sctlr_el1", input_number(in, 4));
	fake_set_reg("far_el2", input_number(in, 4));
	fake_set_reg("hifar", input_number(in, 4));
	fake_set_reg("hpfar_el2", fake_ipa.v >> 8 & ~0xfULL);
}

/* ---- What the guest sees ----------------------------------------------------------- */

static unsigned int length(u64 esr, u32 pstate)
{
	return pstate & BIT32(5) && !(esr & BIT64(25)) ? 2 : 4;
}

static unsigned int it_of(u32 pstate)
{
	return (pstate >> 25 & 3) | (pstate >> 10 & 0x3f) << 2;
}

/* ARM DDI 0406C, A2.5.2, ITAdvance(). */
static unsigned int it_next(unsigned int it)
{
	return it & 7 ? (it & 0xe0) | (it << 1 & 0x1f) : 0;
}

static bool is_mode(u32 pstate, u32 mode)
{
	return (pstate & 0x1f) == mode;
}

/* B1.8.3: the vector, and what r14 and SPSR of the mode have. */
static bool taken_to(const struct port_regs *old, u32 mode, u32 vector,
		     const char *lr, u32 link, const char *spsr)
{
	u32 base = fake_reg("sctlr_el1") & BIT32(13) ? 0xffff0000 :
						       fake_reg("vbar_el1");

	return is_mode(v.regs.pstate, mode) && v.regs.pc == base + vector &&
	       fake_reg(lr) == (u32)(old->pc + link) &&
	       fake_reg(spsr) == old->pstate;
}

static bool taken(const struct port_regs *old)
{
	u32 size = old->pstate & BIT32(5) ? 2 : 4;

	return taken_to(old, 0x1b, 4, "lr_und", size, "spsr_und") ||
	       taken_to(old, 0x17, 0xc, "lr_abt", 4, "spsr_abt") ||
	       taken_to(old, 0x17, 0x10, "lr_abt", 8, "spsr_abt");
}

static bool skipped(u64 esr, const struct port_regs *old)
{
	u32 it = GENMASK64(26, 25) | GENMASK64(15, 10);
	u32 went = v.regs.pc - old->pc;
	/* An abort of cache maintenance: IL says nothing where ISV is clear. */
	bool maintenance = (esr >> 26 & ~4ULL) == 0x20 && esr & BIT64(8);

	return (went == length(esr, old->pstate) || (maintenance && went == 4)) &&
	       !((v.regs.pstate ^ old->pstate) & ~it) &&
	       it_of(v.regs.pstate) == it_next(it_of(old->pstate));
}

static bool stays(const struct port_regs *old)
{
	return v.regs.pc == old->pc && v.regs.pstate == old->pstate;
}

static unsigned int changed(const struct arm_vcpu *old)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < 15; i++)
		n += v.regs.r[i] != old->regs.r[i];
	return n;
}

/* A2.3.1, ConditionPassed(). */
static bool passes(u64 esr, u32 psr)
{
	unsigned int it = it_of(psr), cond = it ? it >> 4 : 14;
	bool n = psr >> 31, z = psr >> 30 & 1, c = psr >> 29 & 1;
	bool o = psr >> 28 & 1, r;

	if (esr & BIT64(24))
		cond = esr >> 20 & 15;
	r = cond < 2 ? z : cond < 4 ? c : cond < 6 ? n : cond < 8 ? o :
	    cond < 10 ? c && !z : cond < 12 ? n == o : cond < 14 ? n == o && !z : true;
	return cond < 14 ? r != (cond & 1) : true;
}

/* The classes whose syndrome has a condition, but HVC and aborts; and VFP's (7),
 * which is there from then on. */
static bool conditional(unsigned int ec)
{
	return ec && ec != 7 && ec != 0x12 && ec < 0x20;
}

static void port_check(u64 esr, const struct arm_vcpu *old, int left)
{
	const struct port_regs *r = &old->regs;
	unsigned int ec = esr >> 26;

	MUST(taken(r) || skipped(esr, r) || stays(r));
	MUST((v.regs.pstate & 0x1f) == (r->pstate & 0x1f) ||
	     is_mode(v.regs.pstate, 0x1b) || is_mode(v.regs.pstate, 0x17));
	MUST(changed(old) <= (ec == 0x12 || ec == 0x13 ? 4 : 2));
	if (conditional(ec) && !passes(esr, r->pstate))
		MUST(skipped(esr, r) && !changed(old));
	/* What has no class of its own is undefined. */
	if (ec > 0x15 && ec != 0x20 && ec != 0x24)
		MUST(left || taken(r) || skipped(esr, r));
}
