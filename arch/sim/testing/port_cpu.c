// SPDX-License-Identifier: BSD-2-Clause
/*
 * The simulated machine's CPUs as an Arm port's code sees them: the registers and
 * instructions of arch/armcommon/testing/registers.h. Encodings are looked up in
 * tables of their own (DDI 0487, C5.5; DDI 0406, B3.18.6).
 *
 * Besides, a CPU may walk EL1's tables speculatively whenever they may be walked,
 * in the hypervisor too (Cortex-A57 erratum 1319537 and its like): so VTTBR_EL2
 * changes only while TCR_EL1 stops such walks and SCTLR_EL1.M makes it count, and
 * each of the two with an ISB behind it.
 *
 * ARMv7's CPUs here are Cortex-A15s: ID_MMFR1.BPred is 2, and branch predictions do
 * not outlive the translations that they were made with by themselves (DDI 0406C,
 * B2.2.9). An invalidation of all CPUs' TLBs takes their predictions with it before
 * it is awaited, and who enters a vCPU drops those of another, or of another use of
 * its VMID.
 */
#include "arch/sim/testing/port_cpu.h"
#include <stdlib.h>
#include <string.h>
#include "arch/armcommon/arm.h"
#include "arch/sim/sim.h"

struct el1 {
	u64 tcr, sctlr;         /* as written */
	u64 tcr_now, sctlr_now; /* in force */
	bool vttbr_pending;
	bool stores_done; /* a DSB, since it was asked for last */
	/* ARMv7: of which vCPU predictions are; TLBIALLNSNH since; BPIALL, BPIALL
	 * and a DSB since; TLBIALLIS and BPIALLIS before the next DSB. */
	u64 ran_vttbr;
	unsigned int ran_vcpu;
	bool ran, new_generation, bpiall, unpredicted, tlbiallis, bpiallis;
};

static struct el1 el1[SIM_CPUS];
static struct arm_cpu arm_cpus[SIM_CPUS];

static unsigned long icache_broadcasts;

unsigned long port_icache_broadcasts(void)
{
	return icache_broadcasts;
}

static struct el1 *here(void)
{
	sim_be_cpu(this_cpu()->id);
	return &el1[this_cpu()->id];
}

void port_cpus_init(void)
{
	memset(el1, 0, sizeof(el1));
	memset(arm_cpus, 0, sizeof(arm_cpus));
}

struct port_registers port_registers(void)
{
	const struct el1 *e = here();

	return (struct port_registers){ sim_read_vtcr(), sim_read_vttbr(),
					e->tcr_now, e->sctlr_now };
}

bool port_stores_done(void)
{
	bool done = here()->stores_done;

	here()->stores_done = false;
	return done;
}

static bool armv7(void)
{
	return sim_features() & SIM_ARMV7;
}

static _Noreturn void unknown(const char *what)
{
	fprintf(stderr, "sim: a CPU that has no %s\n", what);
	abort();
}

/* ---- Branch predictions ------------------------------------------------------------ */

void port_check_predictor(unsigned int vcpu)
{
	struct el1 *e = here();
	bool same = e->ran_vttbr == sim_read_vttbr() && e->ran_vcpu == vcpu &&
		    !e->new_generation;

	if (armv7() && e->ran && !same && !e->unpredicted)
		sim_report(SIM_ICACHE_STALE, sim_read_vttbr(),
			   "a vCPU is entered with another's branch predictions");
	e->ran = true;
	e->ran_vttbr = sim_read_vttbr();
	e->ran_vcpu = vcpu;
	e->new_generation = e->bpiall = e->unpredicted = false;
}

static void predictor_dsb(struct el1 *e, bool inner_shareable)
{
	e->unpredicted |= e->bpiall;
	if (!inner_shareable)
		return;
	if (e->tlbiallis && !e->bpiallis)
		sim_report(SIM_ICACHE_STALE, sim_read_vttbr(),
			   "TLBIALLIS is awaited, and no BPIALLIS with it");
	e->tlbiallis = e->bpiallis = false;
}

/* ---- Walks of EL1's tables -------------------------------------------------------- */

/* EPD1 and EPD0; PD1 and PD0 of TTBCR while EAE is 0. */
static bool stops(u64 tcr)
{
	u64 stop = BIT64(23) | BIT64(7);

	if (armv7() && !(tcr & BIT64(31)))
		stop = BIT64(5) | BIT64(4);
	return (tcr & stop) == stop;
}

static bool tcr_stops(const struct el1 *e)
{
	return stops(e->tcr) && stops(e->tcr_now);
}

static void check_walks(bool stopped, const char *what)
{
	if (!stopped)
		sim_report(SIM_WALKS, sim_read_vttbr(), what);
}

static void write_tcr(struct el1 *e, u64 v)
{
	check_walks(stops(v) || (!e->vttbr_pending && e->sctlr == e->sctlr_now),
		    "TCR_EL1 lets walks start, VTTBR_EL2 or SCTLR_EL1 without an ISB");
	e->tcr = v;
}

static void write_sctlr(struct el1 *e, u64 v)
{
	check_walks(v == e->sctlr || tcr_stops(e),
		    "SCTLR_EL1 changes, and walks may start");
	e->sctlr = v;
}

static void write_vttbr(struct el1 *e, bool same)
{
	check_walks(same || (tcr_stops(e) && e->sctlr & e->sctlr_now & 1),
		    "VTTBR_EL2 or VTCR_EL2 changes, and walks of EL1's may start");
	e->vttbr_pending |= !same;
}

/* ---- Registers --------------------------------------------------------------------- */

/* L1Ip: VPIPT, or AIVIVT of ARMv7, is 0 and 1; else PIPT. */
static u64 ctr(void)
{
	if (!(sim_features() & SIM_VIPT_BY_VMID))
		return 3 << 14;
	return armv7() ? 1 << 14 : 0;
}

u64 test_sysreg_read(const char *name)
{
	const struct el1 *e = here();

	if (!strcmp(name, "vttbr_el2"))
		return sim_read_vttbr();
	if (!strcmp(name, "vtcr_el2"))
		return sim_read_vtcr();
	if (!strcmp(name, "tcr_el1"))
		return e->tcr;
	if (!strcmp(name, "sctlr_el1"))
		return e->sctlr;
	if (!strcmp(name, "tpidr_el2"))
		return (uintptr_t)&arm_cpus[this_cpu()->id];
	if (!strcmp(name, "ctr_el0"))
		return ctr();
	if (!strcmp(name, "id_mmfr1_el1"))
		return BIT64(29);
	unknown(name);
}

void test_sysreg_write(const char *name, u64 v)
{
	struct el1 *e = here();

	if (!strcmp(name, "vttbr_el2")) {
		write_vttbr(e, v == sim_read_vttbr());
		sim_set_vttbr(v);
	} else if (!strcmp(name, "vtcr_el2")) {
		write_vttbr(e, v == sim_read_vtcr());
		sim_set_vtcr(v);
	} else if (!strcmp(name, "tcr_el1")) {
		write_tcr(e, v);
	} else if (!strcmp(name, "sctlr_el1")) {
		write_sctlr(e, v);
	} else {
		unknown(name);
	}
}

/* ---- Barriers ---------------------------------------------------------------------- */

void test_isb(void)
{
	struct el1 *e = here();

	e->tcr_now = e->tcr;
	e->sctlr_now = e->sctlr;
	e->vttbr_pending = false;
	sim_isb();
}

void test_dsb(const char *domain)
{
	struct el1 *e = here();

	/* What walkers of the other CPUs see takes the inner-shareable domain. */
	e->stores_done |= !strcmp(domain, "ish") || !strcmp(domain, "ishst");
	if (strcmp(domain, "ishst"))
		predictor_dsb(e, !strcmp(domain, "ish"));
	if (!strcmp(domain, "ish"))
		sim_dsb();
	else if (!strcmp(domain, "nsh"))
		sim_dsb_of(SIM_DSB_NSH);
	else if (!strcmp(domain, "ishst"))
		sim_dsb_of(SIM_DSB_ISHST);
	else
		unknown(domain);
}

/* ---- Instructions ------------------------------------------------------------------ */

#define ICIALLU SIM_TLBIS
#define ICIALLUIS (SIM_TLBIS + 1)
#define BPIALL (SIM_TLBIS + 2)
#define BPIALLIS (SIM_TLBIS + 3)

static void perform(int op, u64 operand)
{
	struct el1 *e = here();

	icache_broadcasts += op == ICIALLUIS;
	e->new_generation |= op == SIM_TLBIALLNSNH;
	e->tlbiallis |= op == SIM_TLBIALLIS;
	e->bpiall |= op == BPIALL;
	e->bpiallis |= op == BPIALLIS;
	if (op == BPIALL || op == BPIALLIS)
		return;
	if (op >= ICIALLU)
		sim_ic_iallu(op == ICIALLUIS);
	else
		sim_tlbi(op, operand);
}

static void by_name(const char *kind, const char *name)
{
	static const struct {
		const char *kind, *name;
		int op;
	} table[] = {
		{ "tlbi", "vmalle1", SIM_VMALLE1 },
		{ "tlbi", "vmalle1is", SIM_VMALLE1IS },
		{ "tlbi", "vmalls12e1", SIM_VMALLS12E1 },
		{ "tlbi", "vmalls12e1is", SIM_VMALLS12E1IS },
		{ "tlbi", "alle1", SIM_ALLE1 },
		{ "tlbi", "alle1is", SIM_ALLE1IS },
		{ "ic", "iallu", ICIALLU },
		{ "ic", "ialluis", ICIALLUIS },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(table); i++) {
		if (strcmp(kind, table[i].kind) || strcmp(name, table[i].name))
			continue;
		perform(table[i].op, 0);
		return;
	}
	unknown(name);
}

void test_tlbi(const char *op)
{
	by_name("tlbi", op);
}

void test_ic(const char *op)
{
	by_name("ic", op);
}

void test_sys(unsigned int op1, const char *crn, const char *crm,
	      unsigned int op2, u64 v)
{
	static const struct {
		bool armv7;
		unsigned int op1;
		const char *crn, *crm;
		unsigned int op2;
		int op;
	} table[] = {
		{ true, 0, "c8", "c3", 0, SIM_TLBIALLIS },
		{ true, 0, "c8", "c7", 0, SIM_TLBIALL },
		{ true, 4, "c8", "c3", 0, SIM_TLBIALLHIS },
		{ true, 4, "c8", "c3", 1, SIM_TLBIMVAHIS },
		{ true, 4, "c8", "c3", 4, SIM_TLBIALLNSNHIS },
		{ true, 4, "c8", "c7", 4, SIM_TLBIALLNSNH },
		{ true, 0, "c7", "c5", 0, ICIALLU },
		{ true, 0, "c7", "c1", 0, ICIALLUIS },
		{ true, 0, "c7", "c5", 6, BPIALL },
		{ true, 0, "c7", "c1", 6, BPIALLIS },
		{ false, 4, "c8", "c0", 1, SIM_IPAS2E1IS },
		{ false, 4, "c8", "c0", 2, SIM_RIPAS2E1IS },
		{ false, 4, "c8", "c4", 1, SIM_IPAS2E1 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(table); i++) {
		if (table[i].armv7 != armv7() || table[i].op1 != op1 ||
		    strcmp(table[i].crn, crn) || strcmp(table[i].crm, crm) ||
		    table[i].op2 != op2)
			continue;
		perform(table[i].op, v);
		return;
	}
	unknown("such system instruction");
}
