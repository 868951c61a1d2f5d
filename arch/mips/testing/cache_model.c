// SPDX-License-Identifier: BSD-2-Clause
/* The model's own are what they are everywhere. */
#undef memcpy
#undef memset
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "arch/mips/testing/cache_model.h"

const u64 model_pfn[MODEL_PAGES] = {0x100, 0x101, 0x103, 0x206, 0x20f,
				    0x1fffe, 0x1ffff, 0x20000, 0x90005, 0xfffff};

struct mips_features features;
struct gva_form gva_form;
struct mips_cpu mips_cpu;

/* ---- Memory and the TLB ------------------------------------------------------- */

static u8 memory[MODEL_PAGES][PAGE_SIZE];

static u8 *line_of_memory(u64 pa)
{
	for (unsigned int i = 0; i < MODEL_PAGES; i++)
		if (model_pfn[i] == pa >> PAGE_SHIFT)
			return &memory[i][pa % PAGE_SIZE & ~(MODEL_LINE - 1)];
	assert(!"memory that there is not");
	return NULL;
}

static struct entry {
	u32 hi, lo[2];
} tlb[4];
static struct {
	const char *name;
	u32 value;
} cp0[] = {{"index", 0}, {"entryhi", 0}, {"entrylo0", 0},
	   {"entrylo1", 0}, {"pagemask", 0}, {"wired", 0}};

static u32 *reg(const char *name)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(cp0); i++)
		if (!strcmp(name, cp0[i].name))
			return &cp0[i].value;
	assert(!"a register that page_access.c has no use for");
	return NULL;
}

u32 test_cp0_read(const char *name)
{
	return *reg(name);
}

void test_cp0_write(const char *name, u32 v)
{
	*reg(name) = v;
}

void test_tlb(const char *op)
{
	struct entry *e = &tlb[*reg("index")];

	assert(*reg("index") < ARRAY_SIZE(tlb));
	if (!strcmp(op, "tlbr")) {
		*reg("entryhi") = e->hi;
		*reg("pagemask") = 0;
		*reg("entrylo0") = e->lo[0];
		*reg("entrylo1") = e->lo[1];
		return;
	}
	assert(!strcmp(op, "tlbwi"));
	*e = (struct entry){*reg("entryhi"),
			    {*reg("entrylo0"), *reg("entrylo1")}};
}

/* The hypervisor's addresses. */
static u64 physical(u32 va)
{
	if (va - KSEG0 < KSEG_SIZE)
		return va - KSEG0;
	for (unsigned int i = 0; i < ARRAY_SIZE(tlb); i++) {
		u32 lo = tlb[i].lo[va >> 12 & 1];

		if (tlb[i].hi >> 13 == va >> 13 && lo & LO_V)
			return (u64)(lo >> 6) << 12 | va % PAGE_SIZE;
	}
	assert(!"an address that is not mapped");
	return 0;
}

/* ---- Caches -------------------------------------------------------------------- */

#define MOST_LINES (MODEL_WAYS * MIPS_WAY_MAX / MODEL_LINE)

static struct cache {
	u32 way;
	bool physical, finds_all;
	struct line {
		bool valid, dirty;
		u64 pa;
		u8 data[MODEL_LINE];
	} line[MOST_LINES];
} dcache, icache;

static void drop(struct line *l)
{
	if (l->valid && l->dirty)
		memcpy(line_of_memory(l->pa), l->data, MODEL_LINE);
	l->valid = l->dirty = false;
}

static struct line *by_index(struct cache *c, u32 way, u32 index)
{
	return &c->line[(way * c->way + index % c->way) / MODEL_LINE];
}

/* NULL: a miss. What hardware finds it finds wherever it is. */
static struct line *find(struct cache *c, u32 va, u64 pa)
{
	for (u32 way = 0; way < MODEL_WAYS; way++) {
		struct line *l = by_index(c, way, c->physical ? (u32)pa : va);

		if (l->valid && l->pa == (pa & ~(u64)(MODEL_LINE - 1)))
			return l;
	}
	return NULL;
}

static struct line *get(struct cache *c, u32 va, u64 pa)
{
	struct line *l = find(c, va, pa);

	if (l)
		return l;
	l = by_index(c, rand() % MODEL_WAYS, c->physical ? (u32)pa : va);
	drop(l);
	l->valid = true;
	l->pa = pa & ~(u64)(MODEL_LINE - 1);
	memcpy(l->data, line_of_memory(pa), MODEL_LINE);
	return l;
}

/* Instructions by address. */
static void invalidate(u32 va, u64 pa)
{
	u32 step = icache.finds_all ? min(PAGE_SIZE, icache.way) : icache.way;

	for (u32 at = va % step; at < icache.way; at += step) {
		struct line *l = find(&icache, at, pa);

		if (l)
			l->valid = false;
	}
}

static void write_back(struct line *l)
{
	if (l && l->dirty)
		memcpy(line_of_memory(l->pa), l->data, MODEL_LINE);
	if (l)
		l->dirty = false;
}

void model_evict(u32 random)
{
	struct cache *c = random & 1 ? &icache : &dcache;

	drop(&c->line[(random >> 1) % (MODEL_WAYS * c->way / MODEL_LINE)]);
}

/* As MD00086 has them: bits 4 to 2 what, 1 and 0 which cache. */
void test_cache(unsigned int op, u32 va)
{
	struct cache *c = op & 3 ? &dcache : &icache;
	struct line *l;

	switch (op) {
	case 0x00: /* index invalidate, of data written back first */
	case 0x01:
		drop(by_index(c, va / c->way % MODEL_WAYS, va));
		break;
	case 0x10:
		invalidate(va, physical(va));
		break;
	case 0x15:
		l = find(c, va, physical(va));
		if (l)
			drop(l);
		break;
	case 0x19:
		write_back(find(c, va, physical(va)));
		break;
	default:
		assert(!"an operation that the port has no use for");
	}
}

/* ---- Accesses -------------------------------------------------------------------- */

static u8 *byte(u32 va, u64 pa, bool write)
{
	struct line *l = get(&dcache, va, pa);

	l->dirty |= write;
	return &l->data[pa % MODEL_LINE];
}

u32 model_load(u32 va, u64 pa)
{
	u32 v;

	memcpy(&v, byte(va, pa, false), sizeof(v));
	return v;
}

void model_store(u32 va, u64 pa, u32 value)
{
	memcpy(byte(va, pa, true), &value, sizeof(value));
}

u32 model_fetch(u32 va, u64 pa)
{
	u32 v;

	memcpy(&v, &get(&icache, va, pa)->data[pa % MODEL_LINE], sizeof(v));
	return v;
}

void model_synci(u32 va, u64 pa)
{
	write_back(find(&dcache, va, pa));
	invalidate(va, pa);
}

void model_sync_line(u32 va, u64 pa)
{
	struct line *l = find(&dcache, va, pa);

	if (l)
		drop(l);
	invalidate(va, pa);
}

static bool is_mips(const void *p)
{
	return (uintptr_t)p >> 32 == 0;
}

void *model_memcpy(void *to, const void *from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		u32 s = (uintptr_t)from + i, d = (uintptr_t)to + i;
		u8 v = is_mips(from) ? *byte(s, physical(s), false) :
				       ((const u8 *)from)[i];

		if (is_mips(to))
			*byte(d, physical(d), true) = v;
		else
			((u8 *)to)[i] = v;
	}
	return to;
}

void *model_memset(void *to, int c, size_t n)
{
	if (!is_mips(to))
		return __builtin_memset(to, c, n);
	for (size_t i = 0; i < n; i++) {
		u32 d = (uintptr_t)to + i;

		*byte(d, physical(d), true) = c;
	}
	return to;
}

void model_reset(const struct model_shape *s)
{
	memset(&dcache, 0, sizeof(dcache));
	memset(&icache, 0, sizeof(icache));
	memset(tlb, 0, sizeof(tlb));
	for (unsigned int i = 0; i < MODEL_PAGES; i++)
		memset(memory[i], 0x10 + i, PAGE_SIZE);
	dcache.way = s->dcache_way;
	dcache.physical = s->dcache_physical;
	icache.way = s->icache_way;
	icache.finds_all = s->icache_finds_all;
	features = (struct mips_features){
		.tlb_entries = ARRAY_SIZE(tlb),
		.dcache = {MODEL_LINE, s->dcache_way, MODEL_WAYS * s->dcache_way},
		.icache = {MODEL_LINE, s->icache_way, MODEL_WAYS * s->icache_way},
		.aliases = s->dcache_way > PAGE_SIZE && !s->dcache_physical,
		.icache_aliases = s->icache_way > PAGE_SIZE && !s->icache_finds_all,
	};
	mips_cpu = (struct mips_cpu){0};
}
