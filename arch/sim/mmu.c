// SPDX-License-Identifier: BSD-2-Clause
/*
 * Descriptors and walks, from the Arm ARM (DDI 0487): D8.2 translation process,
 * D8.3 descriptors, D8.4 permissions, D8.5 access flag and dirty state, D8.6
 * memory types; and for ARMv7's Long-descriptor format DDI 0406, B3.6.
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

static bool has(u32 feature)
{
	return sim_config.features & feature;
}

/* ---- Descriptors ----------------------------------------------------------------- */

/* Is there a block at this level? (D8.3.1; table D8-20 and following; B3.6.1) */
static bool block_level(const struct regime *r, int level)
{
	switch (r->granule_shift) {
	case 12:
		return level == 1 || level == 2 || (level == 0 && r->ds);
	case 14:
		return level == 2 || (level == 1 && r->ds);
	default:
		return level == 2 || (level == 1 && has(SIM_LPA));
	}
}

/* Where a leaf's size, or a table's, is 2^below: 47:below, and what formats of 52
 * bits put elsewhere. */
static u64 address_bits(const struct regime *r, u64 raw, unsigned int below)
{
	u64 out = raw & GENMASK64(r->lpae ? 39 : 47, below);

	if (r->ds)
		out |= bits(raw, 9, 8) << 50 | bits(raw, 49, 48) << 48;
	else if (r->lpa)
		out |= bits(raw, 15, 12) << 48;
	return out;
}

/* What is RES0 between the address and the upper attributes. */
static u64 reserved_address_bits(const struct regime *r, u64 raw)
{
	if (r->lpae)
		return bits(raw, 51, 40);
	return r->ds ? bits(raw, 50, 50) : bits(raw, 50, 48);
}

/* Address bits below 2^below, which must be 0. */
static u64 low_address_bits(const struct regime *r, int level, u64 raw,
			    unsigned int below)
{
	u64 low = below > 12 ? raw & GENMASK64(below - 1, 12) : 0;

	if (r->lpa)
		low &= ~GENMASK64(15, 12);
	/* nT, bit 16 of a block, is FEAT_BBM level 1's. */
	if (level < 3 && has(SIM_BBM2))
		low &= ~BIT64(16);
	return low;
}

/* MemAttr[3:0] without FEAT_S2FWB: outer in 3:2, inner in 1:0. */
static void stage2_type(struct desc *d, u64 raw)
{
	u8 m = bits(raw, 5, 2);

	d->memattr = m;
	d->device = m < 4;
	if (has(SIM_FWB)) {
		d->cached = m == 6;
		if (m == 4 || m >= 8)
			d->bad = "reserved MemAttr";
		return;
	}
	d->cached = m == 0xf;
	if (m >= 4 && !(m & 3))
		d->bad = "reserved MemAttr";
}

/* XN[1:0] in 54:53: 00 all execute, 01 EL0 only, 10 nobody, 11 EL1 only. */
static bool executes_at_el1(const struct regime *r, u64 raw)
{
	unsigned int xn = bits(raw, 54, 53);

	if (!has(SIM_XNX) || r->lpae)
		return !(xn & 2);
	return xn == 0 || xn == 3;
}

static void decode_stage2_leaf(const struct regime *r, u64 raw, struct desc *d)
{
	stage2_type(d, raw);
	/* Fetching needs to be allowed to read (D8.4.2). */
	d->read = bits(raw, 6, 6);
	d->write = bits(raw, 7, 7);
	d->exec = executes_at_el1(r, raw) && d->read;
	if (bits(raw, 53, 53) && (!has(SIM_XNX) || r->lpae))
		d->bad = "XN[0] without FEAT_XNX";
}

/* The byte of MAIR: 0b0000dd00 is Device; 0xff, here, what caches do (D24.2). */
static void stage1_type(const struct regime *r, struct desc *d, u64 raw)
{
	u8 attr = r->mair >> 8 * bits(raw, 4, 2);

	d->memattr = attr;
	d->device = !(attr >> 4);
	d->cached = attr == 0xff;
	if (d->device && attr & 3)
		d->bad = "reserved MAIR attribute";
}

/* One exception level: AP[1] is RES1, nG and PXN are RES0 (D8.4.1; B3.7). */
static void decode_stage1_leaf(const struct regime *r, u64 raw, struct desc *d)
{
	stage1_type(r, d, raw);
	d->read = true;
	d->write = !bits(raw, 7, 7);
	d->exec = !bits(raw, 54, 54);
	if (!bits(raw, 6, 6))
		d->bad = "AP[1] is RES1";
	if (bits(raw, 11, 11) || bits(raw, 53, 53))
		d->bad = "nG and PXN are RES0";
	if (d->device && d->exec)
		d->bad = "Device memory that executes";
}

static void decode_leaf(const struct regime *r, int level, u64 raw,
			struct desc *d)
{
	unsigned int below = level_bits(r, level);

	d->kind = DESC_LEAF;
	d->out = address_bits(r, raw, r->lpa && below < 16 ? 16 : below);
	d->af = bits(raw, 10, 10);
	d->dbm = bits(raw, 51, 51);
	d->contiguous = bits(raw, 52, 52);
	/* VTCR_EL2.SH0 says it for all, with FEAT_LPA2. */
	d->sh = r->ds ? 3 : bits(raw, 9, 8);
	if (r->stage1)
		decode_stage1_leaf(r, raw, d);
	else
		decode_stage2_leaf(r, raw, d);
	if (low_address_bits(r, level, raw, below))
		d->bad = "address bits below the leaf's size";
	if (d->sh == 1)
		d->bad = "reserved shareability";
	if (reserved_address_bits(r, raw))
		d->bad = "RES0 bits above the address";
	if (d->dbm && !r->lpae && !has(SIM_HDBS))
		d->bad = "DBM without FEAT_HAFDBS";
}

/* 63:59 are RES0 at stage 2, and at stage 1 restrict what is below, which this
 * machine does not follow; 58:51 and 11:2 are ignored. */
static void decode_table(const struct regime *r, u64 raw, struct desc *d)
{
	d->kind = DESC_TABLE;
	d->out = address_bits(r, raw, r->granule_shift);
	if (reserved_address_bits(r, raw) || bits(raw, 63, 59) ||
	    low_address_bits(r, 3, raw, r->granule_shift))
		d->bad = "RES0 bits of a table";
}

struct desc desc_decode(const struct regime *r, int level, u64 raw)
{
	struct desc d = { .kind = DESC_INVALID };

	if (!(raw & 1))
		return d;
	/* 0b01 is a block, and reserved at level 3, which is a fault. */
	if (raw & 2 && level < 3)
		decode_table(r, raw, &d);
	else if (raw & 2 ? level == 3 : level < 3 && block_level(r, level))
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
	bool root = level == FROM_ROOT;

	if (root) {
		w.level = r->start;
		table = r->root;
	}
	/* Where no walk can start, the level is 0 (D8.2, R_DTHBD). */
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
static bool update(struct walk *w, u64 new)
{
	u64 *entry = sim_virt(w->entry_pa), old = w->raw;
	struct table *t = table_at(w->entry_pa);

	if (!__atomic_compare_exchange_n(entry, &old, new, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return false;
	w->raw = new;
	if (t && t->seen[(w->entry_pa - t->pa) / 8] == old)
		t->seen[(w->entry_pa - t->pa) / 8] = w->raw;
	trace("hwupdate", w->entry_pa, w->raw);
	return true;
}

bool walk_set_access_flag(struct walk *w)
{
	if (!update(w, w->raw | BIT64(10)))
		return false;
	w->desc.af = true;
	return true;
}

/*
 * The access flag comes before permissions (D8.15, priorities). A leaf with DBM
 * set may be written: hardware makes it dirty, which is S2AP[1] set, or in stage
 * 1 AP[2] clear (D8.5.2).
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
		if (!update(w, w->raw ^ BIT64(7)))
			return false;
		d->write = true;
	}
	if ((access == SIM_READ && !d->read) ||
	    (access == SIM_WRITE && !d->write) ||
	    (access == SIM_EXEC && !d->exec))
		w->fault = SIM_PERMISSION_FAULT;
	return true;
}
