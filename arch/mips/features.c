// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the CPU can do, from its Config registers (MD00090).
 */
#include <libfdt.h>

#include "arch/mips/mips.h"
#include "lib/fdt.h"
#include "lib/log.h"
#include "lib/printf.h"

struct mips_features features;

#define KIND_74K   0x0197
#define KIND_1074K 0x019a

/* Company 1 is MIPS Technologies. */
static const struct {
	u16 kind;
	const char *name;
} known[] = {
	{0x0190, "4KEc"}, {0x0193, "24K"},    {0x0195, "34K"},
	{0x0196, "24KE"}, {KIND_74K, "74K"},    {0x0199, "1004K"},
	{KIND_1074K, "1074K"}, {0x019c, "M14Kc"}, {0x019e, "M5150"},
	{0x01a0, "interAptiv"}, {0x01a1, "interAptiv"}, {KIND_PROAPTIV_UP, "proAptiv"},
	{KIND_PROAPTIV_MP, "proAptiv"}, {KIND_P5600, "P5600"},
};

static const char *find_name(u32 prid)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i].kind == PRID_KIND(prid))
			return known[i].name;
	return NULL;
}

/* ---- Config ---------------------------------------------------------------------- */

struct mips_configs features_read_configs(void)
{
	struct mips_configs r = {.c = {cp0_read(config)}};

	if (r.c[0] & CONFIG_M)
		r.c[1] = cp0_read(config1);
	if (r.c[1] & CONFIG_M)
		r.c[2] = cp0_read(config2);
	if (r.c[2] & CONFIG_M)
		r.c[3] = cp0_read(config3);
	if (r.c[3] & CONFIG_M)
		r.c[4] = cp0_read(config4);
	if (r.c[4] & CONFIG_M)
		r.c[5] = cp0_read(config5);
	return r;
}

/* Config1 has six bits for it; Config4, where it says so, more. */
static unsigned int tlb_size(const struct mips_configs *r)
{
	unsigned int last = CONFIG1_MMU_SIZE(r->c[1]);
	u32 config4 = r->c[4];

	if (CONFIG4_MMU_EXT_DEF(config4) == 1) /* eight bits more */
		last |= (config4 & 0xff) << 6;
	return last + 1;
}

/* How many cycles Count takes for one of its own: hardware register 3. */
static u32 cycles_of_count(void)
{
	u32 v;

	cp0_write(hwrena, 1U << 3);
	ehb();
	v = hardware_register_ccres();
	cp0_write(hwrena, 0);
	ehb();
	return v;
}

/* The clock that feeds the CPU: its node's own property, or that of the fixed
 * clock that it names. */
static u32 cpu_hz(const void *fdt)
{
	static const char *const type[] = {"cpu", NULL};
	int node = fdt_next_with(fdt, -1, "device_type", type);
	u32 hz = node < 0 ? 0 : fdt_u32(fdt, node, "clock-frequency", 0);
	u32 clock;

	if (hz || node < 0)
		return hz;
	clock = fdt_u32(fdt, node, "clocks", 0);
	node = clock ? fdt_node_offset_by_phandle(fdt, clock) : -1;
	return node < 0 ? 0 : fdt_u32(fdt, node, "clock-frequency", 0);
}

/* Unless it is told not to: to see what is without it. */
static bool use_walker(const void *fdt, const struct mips_configs *r)
{
	int chosen = fdt_path_offset(fdt, "/chosen");

	return r->c[3] & CONFIG3_PW &&
	       (chosen < 0 ||
		!fdt_getprop(fdt, chosen, "twofold,no-walker", NULL));
}

/* ---- Colours ----------------------------------------------------------------------- */

/* Early 74Ks and 1074Ks have AR, and aliases all the same: their errata sheets. */
static bool has_ar_in_vain(u32 prid)
{
	return (PRID_KIND(prid) == KIND_74K &&
		PRID_REVISION(prid) <= REVISION(2, 4, 0)) ||
	       (PRID_KIND(prid) == KIND_1074K &&
		PRID_REVISION(prid) <= REVISION(1, 1, 0));
}

/* A P5600 has bits in Config7 that are always set. QEMU's has none, nor caches. */
static bool has_caches_in_name_alone(u32 prid, u32 config7)
{
	return PRID_KIND(prid) == KIND_P5600 && !config7;
}

/* MIPS Technologies' own: whose others do not say, they may have aliases. */
static void look_at_config7(void)
{
	struct mips_features *f = &features;
	bool own = f->prid >> 16 == 1;
	u32 config7 = own ? cp0_read(config7) : 0;
	bool none = own && has_caches_in_name_alone(f->prid, config7);

	f->wait_masked = config7 & CONFIG7_WII;
	f->aliases = f->dcache.way > PAGE_SIZE && !none &&
		     (!(config7 & CONFIG7_AR) || has_ar_in_vain(f->prid));
	f->icache_aliases = f->icache.way > PAGE_SIZE && !none &&
			    (config7 & (CONFIG7_IAR | CONFIG7_IVAD)) !=
				    CONFIG7_IAR;
}

static void check(const struct mips_configs *r)
{
	if (max(features.dcache.way, features.icache.way) > MIPS_WAY_MAX)
		panic("CPU: a way of its caches is larger than %u KiB",
		      MIPS_WAY_MAX >> 10);
	if (r->c[3] & CONFIG3_VEIC)
		panic("CPU: its interrupts come from an external controller (EIC)");
	if (CONFIG_MT(r->c[0]) != CONFIG_MT_TLB)
		panic("CPU: PRId %#x has no TLB", features.prid);
	if (CONFIG4_HAS_FTLB(r->c[4]))
		panic("CPU: PRId %#x has a second TLB (FTLB) that cannot be turned off",
		      features.prid);
	if (!CONFIG_AR(r->c[0]) || CONFIG_AR(r->c[0]) > 1)
		panic("CPU: PRId %#x is not of MIPS32 release 2 to 5",
		      features.prid);
	if (!features.count_hz)
		panic("device tree: no clock-frequency of the CPU, nor of its clock");
}

void features_detect(const void *fdt)
{
	struct mips_configs r = features_read_configs();
	u32 cycles = cycles_of_count();

	features = (struct mips_features){
		.prid = cp0_read(prid),
		.name = find_name(cp0_read(prid)),
		.tlb_entries = tlb_size(&r),
		.icache = cache_describe_instruction(),
		.dcache = cache_describe_data(),
		.ri_xi = r.c[3] & CONFIG3_RXI,
		.bad_instr = r.c[3] & CONFIG3_BI,
		.user_local = r.c[3] & CONFIG3_ULRI,
		.segments = r.c[3] & CONFIG3_SC,
		.walker = use_walker(fdt, &r),
		.eva = r.c[5] & CONFIG5_EVA,
		.fpu = r.c[1] & CONFIG1_FP,
		.msa = r.c[3] & CONFIG3_MSAP,
		.kscratch = CONFIG4_KSCR(r.c[4]),
		.count_hz = cpu_hz(fdt) / (cycles ? cycles : 1),
	};
	look_at_config7();
	check(&r);
}

/* ---- In words -------------------------------------------------------------------- */

/* K13: hazards and caches are known of those in the list alone. */
static void warn_of_strangers(void)
{
	if (!features.name)
		log_warn("CPU: PRId %#x is of no kind that is known here: no VM can be made; "
			 "4KEc, 24K, 24KE, 34K, 74K, 1004K, 1074K, M14Kc, M5150, interAptiv, proAptiv and P5600 are",
			 features.prid);
}

void features_print(void)
{
	const struct mips_features *f = &features;
	char text[128];
	size_t n = 0;
	const struct {
		bool has;
		const char *name;
	} list[] = {
		{f->kscratch, "KScratch"},   {f->walker, "hardware walker"},
		{f->segments, "segment control"}, {f->eva, "EVA"},
		{f->ri_xi, "RI/XI"},	     {f->bad_instr, "BadInstr"},
		{f->user_local, "UserLocal"}, {f->fpu, "FPU"},
		{f->msa, "MSA"},
	};

	text[0] = 0;
	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		if (list[i].has)
			n += scnprintf(text + n, sizeof(text) - n, "%s%s",
				       n ? ", " : "", list[i].name);
	log_info("CPU: MIPS %s (PRId %#x), %u TLB entries, %u + %u KiB caches%s",
		 f->name ?: "of an unknown kind", f->prid, f->tlb_entries,
		 f->icache.size >> 10, f->dcache.size >> 10,
		 f->aliases ? " with aliases" : "");
	log_info("CPU: has %s; Count runs at %u kHz", n ? text : "no extension",
		 f->count_hz / 1000);
	warn_of_strangers();
}
