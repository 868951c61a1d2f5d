// SPDX-License-Identifier: BSD-2-Clause
/*
 * The page-table engine in a program of its own: a guest's stage 2, on a PC.
 *
 *   cc example.c $(pkg-config --cflags --libs twofold-pgtable) -o example
 */
#include <errno.h>
#include "environment.h"

#define GIB 0x40000000ULL

/* A line for each leaf that is not just one more of the same. */
static int show(const struct pgtable_leaf *leaf, void *arg)
{
	struct pgtable_leaf *last = arg;

	if (last->size != leaf->size || last->attr != leaf->attr)
		printf("    %#llx -> %#llx, leaves of %llu KiB, %s\n",
		       leaf->ia.v,
		       leaf->pa.v,
		       leaf->size / 1024,
		       leaf->attr & PGT_W ? "writable" : "read-only");
	*last = *leaf;
	return 0;
}

static int report(struct pgtable *pt, int result)
{
	struct pgtable_leaf last = {.size = 0};

	printf("  %s; mapped:\n", result ? "failed" : "done");
	pgtable_visit(pt, IA(0), pt->ia_size, show, &last);
	if (!last.size)
		puts("    nothing");
	return result;
}

/* What a hypervisor does when a guest's access is not translated. */
static int fault(struct pgtable *pt, u64 ia)
{
	struct pgtable_leaf hole;

	if (pgtable_lookup(pt, IA(ia), &hole) != -ENOENT)
		return -1;
	return pgtable_map(pt, IA(ia & ~(SZ_4K - 1)), SZ_4K, HPA(16 * GIB),
			   PGT_RW, NULL, NULL);
}

int main(void)
{
	struct pgtable_config config = {
		.format = &pgtable_arm64_s2_4k, .ia_bits = 40, .oa_bits = 40};
	struct pgtable pt;
	int failed = 0;

	if (pgtable_init(&pt, &config, &environment, NULL))
		return 1;
	puts("Map 2 GiB.");
	failed |= report(&pt, pgtable_map(&pt, IA(GIB), 2 * GIB, HPA(4 * GIB),
					  PGT_RWX | PGT_EXCLUSIVE, NULL, NULL));
	puts("A fault at 8 GiB.");
	failed |= report(&pt, fault(&pt, 8 * GIB + 123));
	puts("Write-protect a page, which splits its block.");
	failed |= report(&pt, pgtable_protect(&pt, IA(GIB + SZ_2M), SZ_4K,
					      PGT_W, 0, NULL));
	puts("Unmap all.");
	failed |= report(&pt, pgtable_unmap(&pt, IA(0), pt.ia_size, NULL));
	puts("Destroy the tree.");
	pgtable_destroy(&pt);
	return failed ? 1 : 0;
}
