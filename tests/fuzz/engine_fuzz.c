// SPDX-License-Identifier: BSD-2-Clause
// link: pgtable/pgtable.c pgtable/map.c pgtable/unmap.c pgtable/protect.c
// link: pgtable/lookup.c pgtable/build.c pgtable/gather.c pgtable/split.c
// link: pgtable/collapse.c pgtable/dirty.c pgtable/step.c pgtable/flush.c
// link: pgtable/format_arm64.c pgtable/format_mips.c pgtable/testing/host.c
// flags: -fsanitize=fuzzer
// fuzz: -max_len=400 -len_control=20
/*
 * The page-table engine: the input is a tree's format, size and features, and
 * operations on it, bad arguments and tables that run out among them. After
 * each, what is mapped is what a flat oracle says, tables and counts are right,
 * what may be in a TLB and has changed was invalidated, and what failed has
 * changed nothing (K4, K5, K20, K21).
 */
#include <string.h>
#include "lib/errno.h"
#include "pgtable/testing/host.h"
#include "tests/fuzz/fuzz.h"

/* Where something ends or begins; the last two by blocks, not pages. */
#define WINDOWS 5
#define UNITS   700
#define ARENA   96

struct unit {
	bool mapped;
	u64 pa;
	u32 attr;
	bool reported; /* as dirty, by the call that runs */
	bool cached; /* its first page was young: a TLB may hold it */
};

static struct {
	struct host *host;
	struct pgtable pt;
	u64 granule, base[WINDOWS], size[WINDOWS], count[WINDOWS];
	struct unit now[WINDOWS][UNITS];
	u32 features;
} t;

static const struct kind {
	const struct pgtable_format *format;
	u8 granule_shift, ia_bits_least, ia_bits_most, oa_bits;
	bool stage1;
	bool dirty; /* the hardware can keep dirty state */
	u32 wide; /* the feature of 52 bits: always on */
	u8 entries;
} kinds[] = {
	{&pgtable_arm64_s2_4k, 12, 32, 48, 44, false, true, 0, HOST_VMSA},
	{&pgtable_arm64_s2_16k, 14, 32, 48, 44, false, true, 0, HOST_VMSA},
	{&pgtable_arm64_s2_64k, 16, 32, 48, 44, false, true, 0, HOST_VMSA},
	{&pgtable_arm64_el2_4k, 12, 32, 48, 44, true, false, 0, HOST_VMSA},
	{&pgtable_arm64_el2_16k, 14, 32, 48, 44, true, false, 0, HOST_VMSA},
	{&pgtable_arm64_el2_64k, 16, 32, 48, 44, true, false, 0, HOST_VMSA},
	{&pgtable_lpae_s2, 12, 32, 40, 40, false, false, 0, HOST_VMSA},
	{&pgtable_lpae_hyp, 12, 32, 32, 40, true, false, 0, HOST_VMSA},
	{&pgtable_arm64_s2_4k, 12, 32, 52, 52, false, true, PGT_FEAT_LPA2,
	 HOST_VMSA_52},
	{&pgtable_arm64_s2_16k, 14, 32, 52, 52, false, true, PGT_FEAT_LPA2,
	 HOST_VMSA_52},
	{&pgtable_arm64_s2_64k, 16, 32, 52, 52, false, true, PGT_FEAT_LPA,
	 HOST_VMSA_52},
	{&pgtable_arm64_el2_4k, 12, 32, 52, 52, true, false, PGT_FEAT_LPA2,
	 HOST_VMSA_52},
	{&pgtable_mips32, 12, 32, 32, 32, true, false, 0, HOST_MIPS},
};

/* Where tables are, by what entries they have: their own addresses are as large
 * as they can be. */
static const u64 bases[] = {
	[HOST_VMSA] = 0x7a40000000,
	[HOST_VMSA_52] = 0xa5a5000000000,
	[HOST_MIPS] = 0x1a400000,
};

static const struct kind *kind;

/* ---- The oracle ---------------------------------------------------------------- */

static u64 address(int w, u64 i)
{
	return t.base[w] + i * t.size[w];
}

static void check_unit(int w, u64 i)
{
	const struct unit *u = &t.now[w][i];
	u64 ia = address(w, i), last = ia + t.size[w] - t.granule;
	struct pgtable_leaf leaf;
	int level;

	MUST(pgtable_lookup(&t.pt, IA(ia), &leaf) == (u->mapped ? 0 : -ENOENT));
	MUST(ia >= leaf.ia.v && ia - leaf.ia.v < leaf.size);
	MUST(!host_walk(&t.pt, ia, &level) == !u->mapped);
	if (!u->mapped) {
		MUST(pgtable_lookup(&t.pt, IA(last), &leaf) == -ENOENT);
		return;
	}
	MUST(level == leaf.level);
	MUST(leaf.pa.v + (ia - leaf.ia.v) == u->pa);
	MUST((leaf.attr & ~(PGT_YOUNG | PGT_DIRTY)) == u->attr);
	MUST(!pgtable_lookup(&t.pt, IA(last), &leaf));
	MUST(leaf.pa.v + (last - leaf.ia.v) == u->pa + (last - ia));
}

static void check_near(int w, u64 first, u64 n)
{
	u64 from = first > 2 ? first - 2 : 0;
	u64 to = min(first + n + 2, t.count[w]);

	for (u64 i = from; i < to; i++)
		check_unit(w, i);
	MUST(host_check_tree(&t.pt) == t.host->used);
}

static void check_all(void)
{
	for (int w = 0; w < WINDOWS; w++)
		check_near(w, 0, t.count[w]);
}

static bool young(u64 ia)
{
	struct pgtable_leaf leaf;

	return !pgtable_lookup(&t.pt, IA(ia), &leaf) && leaf.attr & PGT_YOUNG;
}

/* Before an operation on [first, first + n). */
static struct unit old[UNITS];

static void remember(int w, u64 first, u64 n)
{
	for (u64 i = first; i < first + n; i++) {
		old[i] = t.now[w][i];
		old[i].cached = young(address(w, i));
	}
	host_forget_flushes(t.host);
}

/* Whatever changed, and could be in a TLB, is in none. */
static void check_flushed(int w, u64 first, u64 n)
{
	/* A shared map has one for each leaf; there may be more than are kept. */
	if (t.host->flushes > HOST_FLUSHES)
		return;
	for (u64 i = first; i < first + n; i++) {
		const struct unit *a = &old[i], *b = &t.now[w][i];

		if (!a->mapped || !a->cached)
			continue;
		if (!b->mapped || a->pa != b->pa ||
		    ((a->attr ^ b->attr) & ~PGT_SW_MASK))
			MUST(host_flushed(t.host, address(w, i), t.granule));
	}
}

/* ---- Operations ---------------------------------------------------------------- */

/* Made to fail, or the arena is all but full. */
static bool no_table(void)
{
	return t.host->fail_after == 0 || t.host->used + 8 > ARENA;
}

static bool hardware_dirty(void)
{
	return (t.features & PGT_FEAT_HAFDBS) && kind->dirty;
}

static bool expressible(u32 attr)
{
	if ((attr & PGT_DEVICE) && (attr & (PGT_X | PGT_NOCACHE)))
		return false;
	return kind->stage1 ? attr & PGT_R : (attr & PGT_RX) != PGT_X;
}

/* Mapped partly, when there was no table for the rest of a large unit. */
static void forget_partly(int w, u64 i)
{
	int left = t.host->fail_after;

	t.host->fail_after = -1;
	MUST(!pgtable_unmap(&t.pt, IA(address(w, i)), t.size[w], NULL));
	t.host->fail_after = left;
	t.now[w][i].mapped = false;
}

static void do_map(struct input *in, int w, u64 first, u64 n)
{
	u64 size = n * t.size[w], ia = address(w, first), done = ~0ULL;
	u32 attr = input_number(in, 2) & (PGT_PROT_MASK | PGT_DEVICE |
					  PGT_NOCACHE | PGT_SW_MASK);
	u64 how = input_below(in, 16), pa = ia & 0x3fffffffffULL;
	u32 clean = (how & 8) && (attr & PGT_W) ? PGT_CLEAN : 0;
	int r;

	/* In step with the address, or a little off; in the upper half of what
	 * has 52 bits. */
	pa = ALIGN_DOWN(pa % BIT64(kind->oa_bits - 2), t.granule);
	if (kind->wide)
		pa |= BIT64(51) | (u64)w << 48;
	if (how & 1)
		pa += input_below(in, 256) * t.granule;
	if (how & 2)
		pa += input_below(in, 16) * t.size[WINDOWS - 1];
	r = pgtable_map(&t.pt, IA(ia), size, HPA(pa),
			attr | clean | (how & 4 ? PGT_EXCLUSIVE : 0), NULL,
			&done);
	if (!expressible(attr) || (clean && !hardware_dirty())) {
		MUST(r == -EINVAL && !done);
		return;
	}
	MUST(!r || r == -EALREADY || r == -ENOMEM);
	MUST(r == -ENOMEM ? done < size && no_table() :
			    done == size);
	MUST(done % t.granule == 0);
	for (u64 i = 0; i < done / t.size[w]; i++) {
		struct unit *u = &t.now[w][first + i];
		u64 to = pa + i * t.size[w];

		MUST(r != -EALREADY ||
		     (u->mapped && u->pa == to && u->attr == attr));
		*u = (struct unit){.mapped = true, .pa = to, .attr = attr};
	}
	if (done % t.size[w])
		forget_partly(w, first + done / t.size[w]);
}

/* Whole, or in bounded steps: what has been done stays so, then. */
static void do_unmap(struct input *in, int w, u64 first, u64 n)
{
	u64 ia = address(w, first), left = n * t.size[w], size = left;
	u64 tables = input_below(in, 8);
	int r;

	do {
		if (tables) {
			size = pgtable_step(&t.pt, IA(ia), left, tables);
			MUST(size && size <= left && size % t.granule == 0);
			/* Not cut within a unit, for the oracle. */
			size = min(left, ALIGN_UP(size, t.size[w]));
		}
		r = pgtable_unmap(&t.pt, IA(ia), size, NULL);
		MUST(!r || (r == -ENOMEM && no_table()));
		ia += size;
		left -= size;
	} while (!r && left);
	MUST(tables || t.host->flushes <= 1);
	if (r)
		n = (ia - size - address(w, first)) / t.size[w];
	for (u64 i = first; i < first + n; i++)
		t.now[w][i].mapped = false;
}

static void do_protect(struct input *in, int w, u64 first, u64 n)
{
	u32 clear = input_number(in, 2) & (PGT_PROT_MASK | PGT_SW_MASK);
	u32 set = input_number(in, 2) & (PGT_PROT_MASK | PGT_SW_MASK);
	int r = pgtable_protect(&t.pt, IA(address(w, first)), n * t.size[w],
				clear, set, NULL);
	bool same = true;
	/* What was clean and is granted again may have been written. */
	bool dirtied = hardware_dirty() && set & PGT_W;

	if (kind->stage1 && (clear & ~set & PGT_R)) {
		MUST(r == -EINVAL);
		return;
	}
	MUST(!r || r == -EALREADY ||
	     (r == -ENOMEM && no_table()));
	MUST(t.host->flushes <= 1);
	for (u64 i = first; r != -ENOMEM && i < first + n; i++) {
		struct unit *u = &t.now[w][i];
		u32 attr = (u->attr & ~clear) | set;

		if (u->attr & PGT_DEVICE)
			attr &= ~PGT_X;
		same &= !u->mapped || attr == u->attr;
		if (u->mapped)
			u->attr = attr;
	}
	MUST(r == -ENOMEM || (r == -EALREADY) == same || (!r && dirtied));
}

static void do_age(struct input *in, int w, u64 first, u64 n)
{
	ia_t ia = IA(address(w, first));
	u64 size = n * t.size[w];
	bool was = pgtable_test_young(&t.pt, ia, size, false);

	MUST(pgtable_test_young(&t.pt, ia, size, true) == was);
	MUST(t.host->flushes == was);
	MUST(!pgtable_test_young(&t.pt, ia, size, false));
	if (!t.now[w][first].mapped) {
		MUST(pgtable_mark_young(&t.pt, ia) == -ENOENT);
	} else if (input_below(in, 2)) {
		MUST(!pgtable_mark_young(&t.pt, ia));
		MUST(pgtable_mark_young(&t.pt, ia) == -EALREADY);
		MUST(pgtable_test_young(&t.pt, ia, t.granule, false));
	}
}

/* ---- Leaves split, put together, made clean -------------------------------------- */

static int too_large(const struct pgtable_leaf *leaf, void *arg)
{
	return leaf->size > *(u64 *)arg;
}

/* What is mapped stays as it is. */
static void do_split(struct input *in, int w, u64 first, u64 n)
{
	u64 most = pgtable_leaf_size(&t.pt, input_below(in, 4));
	u64 size = n * t.size[w], done = 0;
	ia_t ia = IA(address(w, first));
	int r = pgtable_split(&t.pt, ia, size, most, NULL, &done);

	MUST(done <= size && done % t.granule == 0);
	if (!most) {
		MUST(r == -EINVAL && !done);
		return;
	}
	MUST(r == -ENOMEM ? no_table() : done == size);
	MUST(!r || r == -EALREADY || r == -ENOMEM);
	if (done)
		MUST(!pgtable_visit(&t.pt, ia, done, too_large, &most));
}

static void do_collapse(struct input *in, int w, u64 first, u64 n)
{
	u64 most = pgtable_leaf_size(&t.pt, input_below(in, 4));
	ia_t ia = IA(address(w, first));
	int r = pgtable_collapse(&t.pt, ia, n * t.size[w], most);

	MUST(r == -EALREADY || (!r && t.host->flushes));
	MUST(pgtable_collapse(&t.pt, ia, n * t.size[w], most) == -EALREADY);
}

static u64 reported; /* where the last report ended */

static void report(void *arg, ia_t ia, u64 size)
{
	MUST(size && ia.v >= reported);
	reported = ia.v + size;
	for (int w = 0; w < WINDOWS; w++) {
		for (u64 i = 0; i < t.count[w]; i++) {
			struct unit *u = &t.now[w][i];

			if (!ranges_overlap(address(w, i), t.size[w], ia.v, size))
				continue;
			u->reported = true;
			if (!hardware_dirty())
				u->attr &= ~PGT_W;
		}
	}
}

static bool dirty(u64 ia)
{
	struct pgtable_leaf leaf;

	return !pgtable_lookup(&t.pt, IA(ia), &leaf) && (leaf.attr & PGT_DIRTY);
}

static void do_harvest(struct input *in, int w, u64 first, u64 n)
{
	ia_t ia = IA(address(w, first));
	bool was[UNITS], any = false;
	int r;

	for (u64 i = 0; i < n; i++)
		was[i] = dirty(address(w, first + i));
	reported = 0;
	r = pgtable_harvest_dirty(&t.pt, ia, n * t.size[w], report, NULL);
	MUST(!r || r == -EALREADY);
	MUST(!!t.host->flushes == !r || !hardware_dirty());
	for (u64 i = 0; i < n; i++) {
		struct unit *u = &t.now[w][first + i];

		MUST(!was[i] || u->reported);
		MUST(!dirty(address(w, first + i)));
		any |= u->reported;
	}
	MUST(any == !r);
	for (int k = 0; k < WINDOWS; k++)
		for (u64 i = 0; i < t.count[k]; i++)
			t.now[k][i].reported = false;
	MUST(pgtable_harvest_dirty(&t.pt, ia, n * t.size[w], report, NULL) ==
	     -EALREADY);
}

struct seen {
	int w;
	u64 next, stop_after;
};

static int see(const struct pgtable_leaf *leaf, void *arg)
{
	struct seen *s = arg;

	MUST(leaf->size && leaf->ia.v + leaf->size - 1 >= s->next);
	s->next = leaf->ia.v + leaf->size;
	return s->stop_after-- ? 0 : 77;
}

static void do_visit(struct input *in, int w, u64 first, u64 n)
{
	struct seen s = {.w = w, .next = address(w, first),
			 .stop_after = input_below(in, 64)};
	u64 end = s.next + n * t.size[w] - 1;
	int r = pgtable_visit(&t.pt, IA(s.next), n * t.size[w], see, &s);

	MUST(r == 0 || r == 77);
	for (u64 i = 0; i < n; i++) {
		u64 ia = address(w, first + i);

		/* What was visited lies behind, and after it only holes. */
		if (!r && t.now[w][first + i].mapped)
			MUST(ia < s.next || s.next - 1 > end);
	}
}

/* Arguments that are wrong: refused by name, and nothing is touched. */
static void do_wrong(struct input *in, int w, u64 first, u64 n)
{
	u64 end = t.pt.ia_size, ia = address(w, first), size = t.granule;
	u64 off = 1 + input_below(in, t.granule - 1), done = 1;
	int want = -EINVAL;

	switch (input_below(in, 6)) {
	case 0:
		ia += off;
		break;
	case 1:
		size += off;
		break;
	case 2:
		size = 0;
		break;
	case 3:
		ia = end - t.granule;
		size = 2 * t.granule;
		want = -ERANGE;
		break;
	case 4:
		ia = end + input_below(in, 16) * t.granule;
		want = -ERANGE;
		break;
	default:
		/* Wraps, exactly to 0 too. */
		ia = 0 - (1 + input_below(in, 4)) * t.granule;
		size = 0 - ia + input_below(in, 2) * t.granule;
		want = -ERANGE;
	}
	MUST(pgtable_map(&t.pt, IA(ia), size, HPA(0), PGT_RW, NULL, &done) ==
	     want);
	MUST(!done);
	MUST(pgtable_unmap(&t.pt, IA(ia), size, NULL) == want);
	MUST(pgtable_protect(&t.pt, IA(ia), size, PGT_W, 0, NULL) == want);
	MUST(!pgtable_test_young(&t.pt, IA(ia), size, true));
	MUST(pgtable_visit(&t.pt, IA(ia), size, see, NULL) == want);
	MUST(pgtable_split(&t.pt, IA(ia), size, t.granule, NULL, NULL) == want);
	MUST(pgtable_collapse(&t.pt, IA(ia), size, ~0ULL) == want);
	MUST(pgtable_harvest_dirty(&t.pt, IA(ia), size, report, NULL) == want);
	MUST(pgtable_flush(&t.pt, IA(ia), size) == want);
	MUST(!pgtable_step(&t.pt, IA(ia), size, 1));
	MUST(pgtable_map(&t.pt, IA(address(w, first)), t.granule, HPA(off),
			 PGT_RW, NULL, NULL) == -EINVAL);
	MUST(pgtable_map(&t.pt, IA(address(w, first)), 2 * t.granule,
			 HPA(BIT64(t.pt.oa_bits) - t.granule), PGT_RW, NULL,
			 NULL) == -ERANGE);
	MUST(!t.host->flushes);
}

/* The whole space at once. */
static void do_unmap_all(struct input *in, int w, u64 first, u64 n)
{
	if (input_below(in, 4))
		return;
	MUST(!pgtable_unmap(&t.pt, IA(0), t.pt.ia_size, NULL));
	MUST(t.pt.tables == t.pt.root_tables);
	for (w = 0; w < WINDOWS; w++)
		for (u64 i = 0; i < t.count[w]; i++)
			t.now[w][i].mapped = false;
}

static void step(struct input *in)
{
	static void (*const ops[])(struct input *, int, u64, u64) = {
		do_map, do_unmap, do_protect, do_age, do_map, do_visit,
		do_wrong, do_unmap_all, do_split, do_collapse, do_harvest,
	};
	u64 op = input_below(in, 2 * ARRAY_SIZE(ops)), fail = input_below(in, 8), first, n;
	int w = input_below(in, WINDOWS);

	if (!t.count[w])
		return;
	first = input_below(in, t.count[w]);
	n = input_below(in, 256) + 1;
	if (op >= ARRAY_SIZE(ops)) {
		/* Whole tables, of a 4 KiB granule. */
		first = ALIGN_DOWN(first, 512);
		n = 512;
	}
	n = min(n, t.count[w] - first);
	/* Some of these find no table: the first, or one after. */
	t.host->fail_after = fail < 4 ? -1 : (int)fail - 4;
	remember(w, first, n);
	ops[op % ARRAY_SIZE(ops)](in, w, first, n);
	t.host->fail_after = -1;
	check_flushed(w, first, n);
	check_near(w, first, n);
}

/* ---- A run --------------------------------------------------------------------- */

/* Windows lie apart: a quarter of the smallest space is 1 GiB. */
static void lay_windows(void)
{
	u64 end = t.pt.ia_size, top = 0;

	for (int level = 3; level >= 0; level--)
		if (pgtable_leaf_size(&t.pt, level))
			top = pgtable_leaf_size(&t.pt, level);
	for (int w = 0; w < WINDOWS; w++) {
		t.size[w] = t.granule;
		t.count[w] = min((u64)UNITS, end / 4 / t.granule);
	}
	t.base[0] = 0;
	t.base[1] = end / 4 - 100 * t.granule;
	t.base[2] = end - t.count[2] * t.granule;
	/* Blocks of the lowest level, and of the topmost. */
	t.base[3] = end / 2;
	t.size[3] = max(pgtable_leaf_size(&t.pt, 2), t.granule);
	t.base[4] = end / 4 * 3;
	t.size[4] = max(top, t.granule);
	t.count[3] = min((u64)UNITS, end / 8 / t.size[3]);
	t.count[4] = min((u64)16, end / 8 / t.size[4]);
}

static void start(struct input *in)
{
	static struct host hosts[3];
	struct pgtable_config config;

	kind = &kinds[input_below(in, ARRAY_SIZE(kinds))];
	config.format = kind->format;
	config.oa_bits = kind->oa_bits;
	config.ia_bits = kind->ia_bits_least +
			 input_below(in, kind->ia_bits_most -
						 kind->ia_bits_least + 1);
	config.no_blocks = !input_below(in, 8);
	config.features = t.features =
		(input_number(in, 1) & (PGT_FEAT_XNX | PGT_FEAT_FWB |
					PGT_FEAT_HAFDBS | PGT_FEAT_BBM2)) |
		kind->wide;
	t.granule = BIT64(kind->granule_shift);
	t.host = &hosts[(kind->granule_shift - 12) / 2];
	if (!t.host->arena)
		host_init(t.host, t.granule, ARENA);
	t.host->watch = true;
	t.host->entries = kind->entries;
	t.host->phys_base = bases[kind->entries];
	t.host->fail_after = -1;
	MUST(!pgtable_init(&t.pt, &config, &host_ops, t.host));
	memset(t.now, 0, sizeof(t.now));
	lay_windows();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};

	start(&in);
	while (in.left)
		step(&in);
	check_all();
	pgtable_destroy(&t.pt);
	MUST(!t.host->used);
	pgtable_destroy(&t.pt);
	return 0;
}
