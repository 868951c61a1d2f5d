// SPDX-License-Identifier: BSD-2-Clause
/*
 * How the CPU walks the trees of gva.h: by the refill handler that is made for it
 * (K41), or by its own walker (K45 B); and which of them is in use.
 */
#include "arch/mips/directories.h"
#include "arch/mips/gva.h"
#include "arch/mips/mips.h"
#include "arch/mips/refill.h"
#include "arch/mips/scratch.h"
#include "lib/log.h"

extern char vectors[];

u32 gva_directory;
/* Nobody's: nothing anywhere. */
static u32 *no_directory;

/* Until there is one, the directory is nowhere but in the word. */
static struct mips_refill_cpu refill = {.place = MIPS_DIRECTORY_MEMORY};

/* ---- The refill handler ------------------------------------------------------- */

/*
 * CPUs that by themselves let TLBWR wait for the MTC0 before it, by their manuals
 * (MD00090, "Hazards", leaves it to them): M14Kc, 74K, 1074K, M5150, proAptiv, P5600.
 */
static bool waits_by_itself(u32 prid)
{
	static const u16 kinds[] = {0x019c, 0x0197, 0x019a, 0x019e, 0x01a2,
				    0x01a3, 0x01a8};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (prid >> 16 == 1 && PRID_KIND(prid) == kinds[i])
			return true;
	return false;
}

/* DDataLo can only be read on some CPUs, and on others there is none: guests would
 * lose k0 by every miss. */
static void check_registers(void)
{
	u32 reg[] = {refill.save[0], refill.save[1], refill.directory};
	unsigned int n = refill.place == MIPS_DIRECTORY_CP0 ? 3 : 2;

	for (unsigned int i = 0; i < n; i++)
		if (!scratch_keeps(reg[i], reg[i] == CP0_CONTEXT ? CONTEXT_BASE : ~0U))
			panic("CPU: PRId %#x: register %u, select %u, of coprocessor 0 keeps nothing: the TLB refill handler needs it",
			      features.prid, reg[i] / 8, reg[i] % 8);
}

static void install_handler(void)
{
	u32 words[MIPS_REFILL_WORDS], va = (u32)(uintptr_t)vectors;
	struct mips_asm a;

	refill.hazards = !waits_by_itself(features.prid);
	refill.shift = gva_form.shift;
	if (gva_form.blocks)
		mips_refill_shorten(&refill, gva_form.blocks);
	check_registers();
	mips_asm_start(&a, words, ARRAY_SIZE(words), va);
	mips_refill_emit(&a, &refill);
	if (mips_asm_finish(&a) || mips_asm_install(&a, (u32 *)vectors, cache_publish))
		panic("the TLB refill handler cannot be made");
}

/* ---- The walker ---------------------------------------------------------------- */

/* In use; so is the refill handler, should the walker give up. */
static bool is_walking(void)
{
	return gva_form.shift;
}

/* Registers that do not keep what they are told belong to a walker that is not for
 * these tables. */
static bool try_walker(void)
{
	bool kept;

	cp0_write(pwfield, MIPS_PWFIELD);
	cp0_write(pwsize, MIPS_PWSIZE);
	cp0_write(pwctl, MIPS_PWCTL & ~MIPS_PWCTL_ENABLE);
	ehb();
	kept = cp0_read(pwfield) == MIPS_PWFIELD &&
	       cp0_read(pwsize) == MIPS_PWSIZE &&
	       cp0_read(pwctl) == (MIPS_PWCTL & ~MIPS_PWCTL_ENABLE);
	cp0_write(pwctl, 0);
	ehb();
	return kept;
}

/* ---- What is in use -------------------------------------------------------------- */

static void set_directory(u32 directory)
{
	gva_directory = directory;
	if (refill.place == MIPS_DIRECTORY_CP0)
		scratch_write(refill.directory, directory);
}

/* What MIPS_WORLD_WALK (world_code.h) does as well. */
static void use(u32 directory, u32 asid)
{
	walker_stop();
	cp0_write(entryhi, asid);
	set_directory(directory);
	if (is_walking() && asid) {
		cp0_write(pwbase, directory);
		cp0_write(pwctl, MIPS_PWCTL);
	}
	ehb();
}

void gva_activate(struct mips_vcpu *v)
{
	struct mips_gva *a = &v->gva;
	struct gva_space *s = a->now;
	enum mips_table t = v->guest.table;
	bool flush;
	u32 asid;

	if (!s || s->key != v->guest.space || !s->used) {
		gva_forget_walks(v);
		a->now = s = gva_take_space(v);
		if (unlikely(a->local)) {
			a->local = false;
			gva_clear_from(v, v->guest.layout.kseg2);
		}
	}
	asid = vmid_use(&s->asid[t], this_cpu()->id, &flush);
	if (flush) {
		gva_forget_walks(v);
		host_tlb_drop_all();
	}
	v->guest.walk[t].asid = asid;
	v->guest.walk[t].directory = gva_walked(gva_address(s->directory[t]));
	use(v->guest.walk[t].directory, asid);
	v->stale = false;
}

void gva_forget_walks(struct mips_vcpu *v)
{
	for (int t = 0; t < MIPS_TABLES; t++)
		v->guest.walk[t].asid = 0;
}

bool gva_how(struct mips_refill_cpu *cpu)
{
	*cpu = refill;
	return is_walking();
}

void gva_deactivate(void)
{
	use(gva_walked(gva_address(no_directory)), 0);
}

/* The short handler, where two registers can be put aside quickly: otherwise blocks,
 * which take longer by it, are missed too often by the CPUs there are (of 16 entries). */
static void choose_form(bool walking)
{
	bool kscratch = refill.save[0] != CP0_DDATALO;
	void *region = kscratch && !walking ? directories_reserve() : NULL;

	if (walking)
		gva_form.shift = PGT_MIPS32_SHIFT;
	if (!region)
		return;
	gva_form.pair = 2;
	gva_form.blocks = gva_address(region);
}

static void make_no_directory(void)
{
	no_directory = directory_alloc(NULL, true);
	if (!no_directory)
		panic("memory: none for a directory");
	for (u32 i = 0; i < GVA_BLOCKS; i++)
		no_directory[i] = gva_address(gva_nothing);
}

static const char *who_walks(void)
{
	if (is_walking())
		return "the CPU's walker";
	return gva_form.blocks ? "the refill handler, by Context" :
				 "the refill handler";
}

void gva_init(void)
{
	mips_refill_places(&refill, features.kscratch,
			   (u32)(uintptr_t)&gva_directory);
	choose_form(features.walker && try_walker());
	make_no_directory();
	install_handler();
	gva_deactivate();
	log_info("guests' TLB misses: %s", who_walks());
}
