/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Trees of every format, of any size, and descriptors to compare with: for
 * tests, one program each. Include <cmocka.h> first.
 */
#ifndef PGTABLE_TESTING_REGIME_H
#define PGTABLE_TESTING_REGIME_H

#include "lib/errno.h"
#include "pgtable/testing/host.h"

#define S2_4K	(&pgtable_arm64_s2_4k)
#define S2_16K	(&pgtable_arm64_s2_16k)
#define S2_64K	(&pgtable_arm64_s2_64k)
#define EL2_4K	(&pgtable_arm64_el2_4k)
#define EL2_16K (&pgtable_arm64_el2_16k)
#define EL2_64K (&pgtable_arm64_el2_64k)
#define V7_S2	(&pgtable_lpae_s2)
#define V7_HYP	(&pgtable_lpae_hyp)
#define MIPS	(&pgtable_mips32)

#define SZ_16K	0x4000UL
#define SZ_32M	(32 * SZ_1M)
#define SZ_64G	(64 * SZ_1G)
#define SZ_512G (512 * SZ_1G)
#define SZ_4T	(4096 * SZ_1G)

/* What LPA, and LPA2, make of a format. */
#define LPA  PGT_FEAT_LPA
#define LPA2 PGT_FEAT_LPA2

static const struct {
	const struct pgtable_format *format;
	unsigned int granule_shift;
} granules[] = {
	{S2_4K, 12},  {S2_16K, 14},  {S2_64K, 16},  {EL2_4K, 12}, {EL2_16K, 14},
	{EL2_64K, 16}, {V7_S2, 12},  {V7_HYP, 12},  {MIPS, 12},
};

static struct host host;
static struct pgtable pt;

static inline int regime_open(const struct pgtable_format *format, unsigned int ia_bits,
		unsigned int oa_bits, u32 features)
{
	struct pgtable_config config = {.format = format,
					.ia_bits = ia_bits,
					.oa_bits = oa_bits,
					.features = features};
	unsigned int i = 0;

	while (granules[i].format != format)
		i++;
	host_init(&host, 1UL << granules[i].granule_shift, 64);
	if (format == MIPS) {
		host.entries = HOST_MIPS;
		host.phys_base = 0x1a400000;
	} else if (features & (granules[i].granule_shift == 16 ? LPA : LPA2)) {
		host.entries = HOST_VMSA_52;
		host.phys_base = 0xa5a5000000000;
	}
	return pgtable_init(&pt, &config, &host_ops, &host);
}

static inline void regime_close(void)
{
	pgtable_destroy(&pt);
	pgtable_destroy(&pt);
	host_fini(&host);
}

/* ---- Descriptors ------------------------------------------------------- */

struct descriptor {
	const char *shows;
	const struct pgtable_format *format;
	u32 features;
	u64 size;
	u32 attr;
	u64 pa;
	u64 descriptor; /* 0: -EINVAL */
};

/* The largest space: as many bits of input as of output. */
static inline unsigned int bits_of(const struct descriptor *d)
{
	if (d->format == MIPS)
		return 32;
	if (d->format == V7_S2)
		return 40;
	if (d->format == V7_HYP)
		return 32;
	return d->features & (LPA | LPA2) ? 52 : 48;
}

/* What lookup says of a new leaf. */
static inline u32 reported(u32 attr)
{
	if ((attr & PGT_W) && !(attr & PGT_CLEAN))
		attr |= PGT_DIRTY;
	return (attr | PGT_YOUNG) & ~PGT_CLEAN;
}

static inline void check_descriptor(const struct descriptor *d)
{
	unsigned int bits = bits_of(d);
	/* The second leaf of the space, so that no address is 0. */
	u64 ia = d->size;
	struct pgtable_leaf leaf;
	int level, r;

	print_message("%s\n", d->shows);
	assert_int_equal(regime_open(d->format, bits,
				     d->format == V7_HYP ? 40 : bits,
				     d->features),
			 0);
	r = pgtable_map(&pt, IA(ia), d->size, HPA(d->pa), d->attr, NULL, NULL);
	assert_int_equal(r, d->descriptor ? 0 : -EINVAL);
	assert_int_equal(host_walk(&pt, ia, &level), d->descriptor);
	if (!r) {
		assert_int_equal(host_output(&pt, d->descriptor), d->pa);
		assert_int_equal(pgtable_lookup(&pt, IA(ia), &leaf), 0);
		assert_int_equal(leaf.attr, reported(d->attr));
		assert_int_equal(leaf.size, d->size);
		assert_int_equal(leaf.pa.v, d->pa);
		assert_int_equal(leaf.level, level);
	}
	regime_close();
}

#define DESCRIPTORS(table)                                                     \
	static void table##_descriptors(void **state)                          \
	{                                                                      \
		for (unsigned int i = 0; i < ARRAY_SIZE(table); i++)           \
			check_descriptor(&table[i]);                           \
	}

#endif
