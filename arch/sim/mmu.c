// SPDX-License-Identifier: BSD-2-Clause
/*
 * Stage 2 of the EL1&0 translation regime, from the Arm ARM (DDI 0487): D8.2
 * translation process, D8.3 descriptors, D8.4 permissions, D8.5 access flag and
 * dirty state, D8.6 memory types, D24.2 VTCR_EL2 and VTTBR_EL2.
 *
 * Nothing here is taken from pgtable/, so that a mistake there is not made
 * twice.
 */
#include <string.h>
#include "arch/sim/internal.h"

static u64 bits(u64 x, unsigned int high, unsigned int low)
{
	return x >> low & ((1ULL << (high - low + 1)) - 1);
}

/* ---- VTCR_EL2 and VTTBR_EL2 ---------------------------------------------------- */

static const u8 oa_sizes[8] = { 32, 36, 40, 42, 44, 48, 52, 56 };

/* A page's size, and how many bits of address a full table resolves. */
static const struct granule {
	u8 page, table;
	s8 start[4]; /* the first level, by SL0; -1: reserved */
} granules[3] = {
	{ 12, 9, { 2, 1, 0, -1 } },   /* TG0 0: 4K; SL0 3 is FEAT_TTST's */
	{ 16, 13, { 3, 2, 1, -1 } },  /* 1: 64K */
	{ 14, 11, { 3, 2, 1, 0 } },   /* 2: 16K; SL0 3 is FEAT_LPA2's */
};

static unsigned int table_bits(const struct regime *r)
{
	return r->granule_shift - 3;
}

/* The address bits that lie below an entry's range at `level`. */
unsigned int level_bits(const struct regime *r, int level)
{
	return r->granule_shift + (unsigned int)(3 - level) * table_bits(r);
}

unsigned int root_entries(const struct regime *r)
{
	unsigned int below = level_bits(r, r->start);

	return r->ia_bits > below ? 1U << (r->ia_bits - below) : 1;
}

/*
 * The first table resolves at least one bit, and with up to 16 tables side by
 * side at most four more than one table does (D8.2.2, concatenation).
 */
static bool start_fits(const struct regime *r)
{
	unsigned int below = level_bits(r, r->start);

	return r->ia_bits > below && r->ia_bits <= below + table_bits(r) + 4;
}

/* The root is aligned to its size: all its concatenated tables, or, of a
 * single one, its entries, 64 bytes at least (D24.2, VTTBR_EL2.BADDR). */
static u64 root_alignment(const struct regime *r)
{
	u64 size = root_entries(r) * 8ULL;

	return size < 64 ? 64 : size;
}

struct regime regime_decode(u64 vtcr, u64 vttbr)
{
	unsigned int tg = bits(vtcr, 15, 14), sl = bits(vtcr, 7, 6);
	struct regime r = {
		.root = vttbr & GENMASK64(47, 1),
		.vs = bits(vtcr, 19, 19),
		.ha = bits(vtcr, 21, 21) && sim_config.features & SIM_HAF,
		.hd = bits(vtcr, 22, 22) && sim_config.features & SIM_HDBS,
		.ds = bits(vtcr, 32, 32) && sim_config.features & SIM_LPA2,
		.ia_bits = 64 - bits(vtcr, 5, 0),
		.oa_bits = oa_sizes[bits(vtcr, 18, 16)],
	};

	r.vmid = vttbr >> 48;
	if (!r.vs)
		r.vmid &= 0xff;
	if (tg > 2)
		return r;
	r.granule_shift = granules[tg].page;
	r.start = granules[tg].start[sl];
	if (r.start < 0 || (tg == 2 && r.start == 0 && !r.ds))
		return r;
	/* More than the CPU has is what the CPU has (R_ZFSYQ and others). */
	r.oa_bits = min(r.oa_bits, sim_config.pa_bits);
	if (!r.ds && !(tg == 1 && sim_config.features & SIM_LPA))
		r.oa_bits = min(r.oa_bits, 48U);
	r.valid = start_fits(&r) && r.ia_bits <= max(r.oa_bits, 40U) &&
		  IS_ALIGNED(r.root, root_alignment(&r)) &&
		  bits(vtcr, 31, 31);
	return r;
}

u64 sim_make_vtcr(unsigned int granule_shift, unsigned int ia_bits, int start,
		  unsigned int oa_bits)
{
	u64 vtcr = BIT64(31) | 3ULL << 12 | 1ULL << 10 | 1ULL << 8;

	vtcr |= 64 - ia_bits;
	for (u64 tg = 0; tg < 3; tg++) {
		for (u64 sl = 0; sl < 4; sl++) {
			u64 v = vtcr | tg << 14 | sl << 6;

			if (granules[tg].page != granule_shift ||
			    granules[tg].start[sl] != start)
				continue;
			for (u64 ps = 0; ps < 8; ps++)
				if (oa_sizes[ps] == oa_bits)
					v |= ps << 16;
			if (sim_config.features & SIM_VMID16)
				v |= BIT64(19);
			if (sim_config.features & SIM_HAF)
				v |= BIT64(21);
			if (sim_config.features & SIM_HDBS)
				v |= BIT64(22);
			return v;
		}
	}
	return 0;
}

u64 sim_make_vttbr(u64 root, u16 vmid)
{
	return root | (u64)vmid << 48;
}

/* ---- Descriptors ----------------------------------------------------------------- */

/* Is there a block at this level? (D8.3.1; table D8-20 and following) */
static bool block_level(const struct regime *r, int level)
{
	bool lpa2 = r->ds;

	switch (r->granule_shift) {
	case 12:
		return level == 1 || level == 2 || (level == 0 && lpa2);
	case 14:
		return level == 2 || (level == 1 && lpa2);
	default:
		return level == 2 ||
		       (level == 1 && sim_config.features & SIM_LPA);
	}
}

/* MemAttr[3:0] without FEAT_S2FWB: outer in 3:2, inner in 1:0. */
static void memory_type(struct desc *d)
{
	u8 m = d->memattr;

	if (sim_config.features & SIM_FWB) {
		d->device = m < 4;
		d->cached = m == 6;
		if (m == 4 || m >= 8)
			d->bad = "reserved MemAttr";
		return;
	}
	d->device = m < 4;
	d->cached = m == 0xf;
	if (m >= 4 && !(m & 3))
		d->bad = "reserved MemAttr";
}

/* XN[1:0] in 54:53: 00 all execute, 01 EL0 only, 10 nobody, 11 EL1 only. */
static bool executes_at_el1(u64 raw)
{
	unsigned int xn = bits(raw, 54, 53);

	if (!(sim_config.features & SIM_XNX))
		return !(xn & 2);
	return xn == 0 || xn == 3;
}

static void decode_leaf(const struct regime *r, int level, u64 raw,
			struct desc *d)
{
	unsigned int below = level_bits(r, level);
	u64 low = raw & GENMASK64(below - 1, 12);

	d->kind = DESC_LEAF;
	d->out = raw & GENMASK64(47, below);
	d->memattr = bits(raw, 5, 2);
	/* Fetching needs to be allowed to read (D8.4.2). */
	d->read = bits(raw, 6, 6);
	d->write = bits(raw, 7, 7);
	d->exec = executes_at_el1(raw) && d->read;
	d->sh = bits(raw, 9, 8);
	d->af = bits(raw, 10, 10);
	d->dbm = bits(raw, 51, 51);
	d->contiguous = bits(raw, 52, 52);
	memory_type(d);
	/* nT, bit 16 of a block, is FEAT_BBM level 1's. */
	if (level < 3 && sim_config.features & SIM_BBM2)
		low &= ~BIT64(16);
	if (low)
		d->bad = "address bits below the leaf's size";
	if (!(sim_config.features & SIM_XNX) && bits(raw, 53, 53))
		d->bad = "XN[0] without FEAT_XNX";
	if (d->sh == 1)
		d->bad = "reserved shareability";
	if (bits(raw, 50, 48))
		d->bad = "RES0 bits 50:48";
	if (d->dbm && !(sim_config.features & SIM_HDBS))
		d->bad = "DBM without FEAT_HAFDBS";
}

/* Without the formats of 52 bits, which are their own. */
struct desc desc_decode(const struct regime *r, int level, u64 raw)
{
	struct desc d = { .kind = DESC_INVALID };

	if (!(raw & 1))
		return d;
	if (raw & 2 && level < 3) {
		d.kind = DESC_TABLE;
		d.out = raw & GENMASK64(47, r->granule_shift);
		/* 63:59 are RES0 at stage 2, 58:51 and 11:2 ignored. */
		if (bits(raw, 50, 48) || bits(raw, 63, 59) ||
		    raw & GENMASK64(r->granule_shift - 1, 12))
			d.bad = "RES0 bits of a table";
		return d;
	}
	/* 0b01 is a block, and reserved at level 3, which is a fault. */
	if (raw & 2 ? level == 3 : level < 3 && block_level(r, level))
		decode_leaf(r, level, raw, &d);
	else
		d.bad = "reserved type";
	return d;
}

/* ---- Walks -------------------------------------------------------------------------- */

static bool size_fault(const struct regime *r, u64 pa)
{
	return r->oa_bits < 64 && pa >> r->oa_bits;
}

struct walk walk_from(const struct regime *r, u64 ia, int level, u64 table,
		      void (*seen)(const struct walk *w, void *arg), void *arg)
{
	struct walk w = { .level = level };
	bool root = level < 0;

	if (root) {
		w.level = r->start;
		table = r->root;
	}
	/* No start level can be: level 0 (D8.2, R_DTHBD). */
	if (!r->valid || size_fault(r, r->root)) {
		w.level = 0;
		w.fault = r->valid ? SIM_ADDRESS_SIZE_FAULT :
				     SIM_TRANSLATION_FAULT;
		return w;
	}
	if (r->ia_bits < 64 && ia >> r->ia_bits) {
		w.fault = SIM_TRANSLATION_FAULT;
		w.level = 0;
		return w;
	}
	for (;; w.level++, root = false) {
		unsigned int below = level_bits(r, w.level);
		u64 index = ia >> below;

		if (!root)
			index &= (1ULL << table_bits(r)) - 1;
		w.entry_pa = table + index * 8;
		w.raw = entry_load(w.entry_pa);
		w.desc = desc_decode(r, w.level, w.raw);
		w.size = 1ULL << below;
		w.ia = ia & ~(w.size - 1);
		w.fault = SIM_NO_FAULT;
		if (w.desc.kind == DESC_INVALID)
			w.fault = SIM_TRANSLATION_FAULT;
		else if (size_fault(r, w.desc.out))
			w.fault = SIM_ADDRESS_SIZE_FAULT;
		if (w.fault)
			return w;
		if (seen)
			seen(&w, arg);
		if (w.desc.kind == DESC_LEAF)
			return w;
		table = w.desc.out;
	}
}

/* The MMU's own write, atomic: only if the entry is what was read. */
static bool update(struct walk *w, u64 set)
{
	u64 *entry = sim_virt(w->entry_pa), old = w->raw;
	struct table *t = table_at(w->entry_pa);

	if (!__atomic_compare_exchange_n(entry, &old, old | set, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return false;
	w->raw |= set;
	if (t && t->seen[(w->entry_pa - t->pa) / 8] == old)
		t->seen[(w->entry_pa - t->pa) / 8] = w->raw;
	trace("hwupdate", w->entry_pa, w->raw);
	return true;
}

bool walk_set_access_flag(struct walk *w)
{
	if (!update(w, BIT64(10)))
		return false;
	w->desc.af = true;
	return true;
}

/*
 * The access flag comes before permissions (D8.15, priorities). A leaf with DBM
 * set may be written: hardware makes it dirty, which is S2AP[1] (D8.5.2).
 */
bool walk_permit(const struct regime *r, struct walk *w, enum sim_access access)
{
	struct desc *d = &w->desc;
	bool hw_dirty = r->ha && r->hd && d->dbm;

	if (!d->af) {
		if (!r->ha) {
			w->fault = SIM_ACCESS_FLAG_FAULT;
			return true;
		}
		if (!walk_set_access_flag(w))
			return false;
	}
	if (access == SIM_WRITE && !d->write && hw_dirty) {
		if (!update(w, BIT64(7)))
			return false;
		d->write = true;
	}
	if ((access == SIM_READ && !d->read) ||
	    (access == SIM_WRITE && !d->write) ||
	    (access == SIM_EXEC && !d->exec))
		w->fault = SIM_PERMISSION_FAULT;
	return true;
}
