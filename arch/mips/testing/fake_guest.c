// SPDX-License-Identifier: BSD-2-Clause
#include <assert.h>
#include <string.h>
#include "arch/mips/testing/fake_guest.h"
#include "lib/errno.h"

struct mips_guest guest;
struct mips_layout fake_layout = MIPS_DEPRIVILEGED;
int fake_failed;
u32 fake_commpage[CP0_REGISTERS];
u32 fake_ram[FAKE_RAM / 4];
struct fake_page fake_tables[FAKE_SPACES][MIPS_TABLES][FAKE_PAGES];
u32 fake_space[FAKE_SPACES];
unsigned int fake_now;
static unsigned int oldest;
u32 fake_page[FAKE_PAGES];
u32 fake_entered;
static bool listed[FAKE_PAGES];
u64 fake_time, fake_due;
u32 fake_place;
unsigned int fake_syncs, fake_places, fake_patches, fake_drops;
bool fake_unmapped, fake_unpatched;
void (*fake_race)(void);

/* ---- Memory -------------------------------------------------------------- */

static u32 *word(u64 gpa)
{
	return gpa < FAKE_RAM ? &fake_ram[gpa / 4] : NULL;
}

static u32 *mapped(struct mips_guest *g, u32 va)
{
	const struct fake_page *p = &fake_table[g->table][va / 4096];

	assert(va <= fake_layout.last && !(va & 3));
	if (fake_unmapped)
		return NULL;
	/* Instructions of tests are mapped when they are asked for. */
	if (!p->there && va >= MIPS_KSEG0 && va < MIPS_KSEG0 + FAKE_RAM &&
	    g->table == MIPS_KERNEL)
		return word(va - MIPS_KSEG0);
	return p->there && !p->commpage ? word((u64)p->gfn * 4096 + va % 4096)
					: NULL;
}

static int fetch(struct mips_guest *g, u32 va, u32 *insn)
{
	u32 *p = mapped(g, va);

	if (!p)
		return -EFAULT;
	*insn = *p;
	return 0;
}

static int fetch_words(struct mips_guest *g, u32 va, u32 *insns)
{
	assert(!(va % (4 * MIPS_FETCH_WORDS)));
	for (u32 i = 0; i < MIPS_FETCH_WORDS; i++)
		if (fetch(g, va + 4 * i, &insns[i]))
			return -EFAULT;
	return 0;
}

static int patch(struct mips_guest *g, u32 va, u32 old, u32 new)
{
	u32 *p = mapped(g, va);

	if (!p || fake_unpatched)
		return -EFAULT;
	if (*p != old)
		return -EAGAIN;
	*p = new;
	fake_patches++;
	return 0;
}

static int read(struct mips_guest *g, u64 gpa, u32 *value, unsigned int size)
{
	u32 *p = word(gpa);

	assert(!(gpa & (size - 1)) && (size == 1 || size == 2 || size == 4));
	if (!p)
		return -EFAULT;
	*value = 0;
	memcpy(value, (u8 *)p + (gpa & 3), size);
	return 0;
}

static int write(struct mips_guest *g, u64 gpa, u32 value, unsigned int size)
{
	u32 *p = word(gpa);

	assert(!(gpa & (size - 1)) && (size == 1 || size == 2 || size == 4));
	assert(size == 4 || !(value >> 8 * size));
	if (!p)
		return -EFAULT;
	memcpy((u8 *)p + (gpa & 3), &value, size);
	return 0;
}

static int exchange(struct mips_guest *g, u64 gpa, u32 old, u32 new)
{
	u32 *p = word(gpa);

	assert(!(gpa & 3));
	if (fake_race)
		fake_race();
	if (!p)
		return -EFAULT;
	if (*p != old)
		return -EAGAIN;
	*p = new;
	return 0;
}

static bool in_kseg0(struct mips_guest *g, u32 va)
{
	assert(va >= MIPS_KSEG0 && va < MIPS_KSEG2 && g->table == MIPS_KERNEL);
	return fake_table[g->table][va / 4096].there;
}

static int read_kseg0(struct mips_guest *g, u32 va, u32 *value)
{
	return in_kseg0(g, va) ? fetch(g, va, value) : -EFAULT;
}

static int exchange_kseg0(struct mips_guest *g, u32 va, u32 old, u32 new)
{
	const struct fake_page *p = &fake_table[g->table][va / 4096];

	return in_kseg0(g, va) && p->writable ?
		       exchange(g, (u64)p->gfn * 4096 + va % 4096, old, new) :
		       -EFAULT;
}

static int sync_line(struct mips_guest *g, u32 va)
{
	if (!mapped(g, va & ~3U) && !fake_table[g->table][va / 4096].there)
		return -EFAULT;
	fake_syncs++;
	return 0;
}

static void sync_icache(struct mips_guest *g)
{
	fake_syncs++;
}

static void sync_place(struct mips_guest *g, u32 va)
{
	assert(!(va % g->line));
	fake_places++;
	fake_place = va;
}

/* ---- Tables -------------------------------------------------------------- */

static void drop(struct mips_guest *g, u32 space, u32 va, u32 size)
{
	assert(!(va % 4096) && size && !(size % 4096));
	assert(va <= fake_layout.last && size - 1 <= fake_layout.last - va);
	fake_drops++;
	for (unsigned int s = 0; s < FAKE_SPACES; s++) {
		if (space != MIPS_SPACE_ANY && space != fake_space[s])
			continue;
		for (u32 n = va / 4096; n < va / 4096 + size / 4096; n++)
			for (unsigned int t = 0; t < MIPS_TABLES; t++)
				if (!fake_tables[s][t][n].commpage)
					fake_tables[s][t][n].there = false;
	}
}

static void empty(unsigned int s)
{
	for (u32 i = 0; i < fake_entered; i++)
		for (unsigned int t = 0; t < MIPS_TABLES; t++)
			fake_tables[s][t][fake_page[i]].there = false;
}

/* One that is not there takes the place of another. */
static void use(struct mips_guest *g)
{
	for (fake_now = 0; fake_now < FAKE_SPACES; fake_now++)
		if (fake_space[fake_now] == g->space)
			return;
	fake_now = oldest++ % FAKE_SPACES;
	empty(fake_now);
	fake_space[fake_now] = g->space;
}

static void enter(const struct mips_mapping *m)
{
	struct fake_page *p = &fake_table[guest.table][m->fault / 4096];

	if (!listed[m->fault / 4096]) {
		listed[m->fault / 4096] = true;
		fake_page[fake_entered++] = m->fault / 4096;
	}
	*p = (struct fake_page){
		.there = true,
		.writable = m->writable,
		.global = m->global,
		.commpage = m->commpage,
		.gfn = (m->gpa + (m->fault - m->va)) / 4096,
	};
}

enum mips_next fake_touch(u32 va, enum mips_access access,
			  struct fake_page *page)
{
	struct fake_page *p = &fake_table[guest.table][va / 4096];
	enum mips_next next;

	if (!p->there ||
	    (access == MIPS_STORE && !p->writable && !p->commpage)) {
		next = fake_exception(access != MIPS_STORE ? EXC_TLBL
				      : p->there           ? EXC_MOD
							   : EXC_TLBS,
				      va);
		if (next != MIPS_MAP)
			return next;
		enter(&guest.map);
	}
	if (page)
		*page = *p;
	return MIPS_MAP;
}

/* ---- Time ---------------------------------------------------------------- */

static u64 now(struct mips_guest *g)
{
	return fake_time;
}

static void set_timer(struct mips_guest *g, u64 due)
{
	fake_due = due;
}

static const struct mips_guest_ops ops = {
	.fetch = fetch,
	.fetch_words = fetch_words,
	.patch = patch,
	.read = read,
	.write = write,
	.exchange = exchange,
	.read_kseg0 = read_kseg0,
	.exchange_kseg0 = exchange_kseg0,
	.sync_line = sync_line,
	.sync_icache = sync_icache,
	.sync_place = sync_place,
	.drop = drop,
	.use = use,
	.now = now,
	.set_timer = set_timer,
};

/* ---- Traps --------------------------------------------------------------- */

void fake_reset(void)
{
	memset(&guest, 0, sizeof(guest));
	for (unsigned int i = 0; i < FAKE_SPACES; i++) {
		empty(i);
		fake_space[i] = MIPS_SPACE_ANY;
	}
	for (; fake_entered; fake_entered--)
		listed[fake_page[fake_entered - 1]] = false;
	fake_space[0] = MIPS_SPACE_ERL;
	fake_now = 0;
	oldest = 1;
	memset(fake_ram, 0, 0x10000);
	fake_time = 1000;
	fake_syncs = fake_places = fake_patches = fake_drops = 0;
	fake_unmapped = fake_unpatched = false;
	fake_race = NULL;
	guest.cp0 = fake_commpage;
	guest.layout = fake_layout;
	guest.ops = &ops;
	guest.asid_mask = 0xff;
	guest.line = 32;
	mips_guest_reset(&guest);
	CP0_OF(CP0_STATUS) = 0;
	mips_guest_before_entry(&guest);
	guest.pc = FAKE_CODE;
}

void fake_put(u32 va, u32 insn)
{
	fake_ram[(va - MIPS_KSEG0) / 4] = insn;
}

u32 fake_get(u32 va)
{
	return fake_ram[(va - MIPS_KSEG0) / 4];
}

void fake_user_mode(void)
{
	CP0_OF(CP0_STATUS) |= ST_UM;
	mips_guest_before_entry(&guest);
	assert(guest.table == MIPS_USER);
}

enum mips_next fake_exception(u32 code, u32 badvaddr)
{
	return mips_guest_trap(&guest, CAUSE_EXC(code), badvaddr, NULL);
}

static u32 code_of(u32 insn)
{
	return INSN_OP(insn) == OP_COP0 || INSN_OP(insn) == OP_CACHE ? EXC_CPU
								     : EXC_RI;
}

enum mips_next fake_trap(u32 insn)
{
	u32 bad = insn;

	if (guest.table == MIPS_USER)
		return mips_guest_trap(&guest, CAUSE_EXC(code_of(insn)), 0,
				       &bad);
	fake_put(guest.pc, insn);
	return mips_guest_trap(&guest, CAUSE_EXC(code_of(insn)), 0, NULL);
}

enum mips_next fake_trap_in_slot(u32 branch, u32 insn)
{
	fake_put(guest.pc, branch);
	fake_put(guest.pc + 4, insn);
	return mips_guest_trap(&guest, CAUSE_BD | CAUSE_EXC(code_of(insn)), 0,
			       NULL);
}
