// SPDX-License-Identifier: BSD-2-Clause
// link: pgtable/pgtable.c pgtable/map.c pgtable/unmap.c pgtable/protect.c
// link: pgtable/lookup.c pgtable/build.c pgtable/gather.c pgtable/dirty.c
// link: pgtable/format_arm64.c pgtable/testing/host.c
// flags: -fsanitize=thread
/*
 * The hardware changes an entry between an operation's load of it and its first
 * store: every time, for the table is read-only until that store traps. Under
 * ThreadSanitizer, which lets a program handle its own SIGSEGV (K4, B3).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "pgtable/testing/kinds.h"

#define RW_C (PGT_RW | PGT_CLEAN)

static int protect(u64 ia, u64 size, u32 clear, u32 set)
{
	return pgtable_protect(&pt, IA(ia), size, clear, set, NULL);
}

static void ignore(void *arg, ia_t ia, u64 size)
{
}

static int harvest(u64 ia, u64 size)
{
	return pgtable_harvest_dirty(&pt, IA(ia), size, ignore, NULL);
}

static char *trapped;

static void on_store(int signal, siginfo_t *info, void *context)
{
	char *table = trapped;
	u64 *entry = info->si_addr;

	if (!table || (size_t)((char *)entry - table) >= SZ_4K)
		abort();
	trapped = NULL;
	mprotect(table, SZ_4K, PROT_READ | PROT_WRITE);
	*entry |= D_AF | (*entry & D_DBM ? D_WRITE : 0);
}

static void trap_stores(u64 ia)
{
	struct sigaction action = {.sa_sigaction = on_store,
				   .sa_flags = SA_SIGINFO};

	assert_int_equal(sigaction(SIGSEGV, &action, NULL), 0);
	trapped = (char *)ALIGN_DOWN((uintptr_t)descriptor(ia), SZ_4K);
	assert_int_equal(mprotect(trapped, SZ_4K, PROT_READ), 0);
}

static int take_x(u64 ia, u64 size)
{
	return protect(ia, size, PGT_X, 0);
}

static int take_w(u64 ia, u64 size)
{
	return protect(ia, size, PGT_W, 0);
}

static int set_sw(u64 ia, u64 size)
{
	return protect(ia, size, 0, PGT_SW(0));
}

static int age(u64 ia, u64 size)
{
	return pgtable_test_young(&pt, IA(ia), size, true) ? 0 : -EALREADY;
}

static int mark(u64 ia, u64 size)
{
	return pgtable_mark_young(&pt, IA(ia));
}

static int over_alone(u64 ia, u64 size)
{
	return map(ia, size, ia, RW_C | PGT_EXCLUSIVE);
}

static int over_shared(u64 ia, u64 size)
{
	int r;

	do
		r = map(ia, size, ia, RW_C);
	while (r == -EAGAIN);
	return r;
}

static int over_elsewhere(u64 ia, u64 size)
{
	return map(ia, size, SZ_1G, RW_C | PGT_EXCLUSIVE);
}

static const struct {
	const char *shows;
	int (*op)(u64 ia, u64 size);
	bool young, dirty; /* what stands: PGT_RWX */
	u32 found; /* what stands then */
	int r;
	bool flushes; /* the hardware may have cached it just before */
} races[] = {
	{"a permission goes", take_x, false, false,
	 PGT_RW | PGT_YOUNG | PGT_DIRTY, 0, true},
	{"of a page in use", take_x, true, false,
	 PGT_RW | PGT_YOUNG | PGT_DIRTY, 0, true},
	{"writing goes", take_w, false, false, PGT_RX | PGT_YOUNG, 0, true},
	{"a software bit", set_sw, false, false,
	 PGT_RWX | PGT_SW(0) | PGT_YOUNG | PGT_DIRTY, 0, false},
	{"age", age, true, false, PGT_RWX | PGT_DIRTY, 0, true},
	{"harvest", harvest, false, true, PGT_RWX | PGT_YOUNG, 0, true},
	{"mark young", mark, false, false, PGT_RWX | PGT_YOUNG | PGT_DIRTY,
	 -EALREADY, false},
	{"map over it", over_alone, false, false,
	 PGT_RW | PGT_YOUNG | PGT_DIRTY, 0, true},
	{"map over it, shared", over_shared, false, false,
	 PGT_RW | PGT_YOUNG | PGT_DIRTY, 0, true},
	{"map another over it", over_elsewhere, false, false,
	 PGT_RW | PGT_YOUNG, 0, true},
};

/* A page by itself, and as the first of a range. */
static void the_hardware_between_load_and_store(void **state)
{
	for (size_t i = 0; i < 2 * ARRAY_SIZE(races); i++) {
		u64 size = i & 1 ? 8 * SZ_4K : SZ_4K;

		print_message("%s\n", races[i / 2].shows);
		tree_make(KIND_S2_4K, PGT_FEAT_HAFDBS, false);
		map_pages(0, size, 0, PGT_RWX | PGT_CLEAN);
		if (!races[i / 2].young)
			pgtable_test_young(&pt, IA(0), size, true);
		if (races[i / 2].dirty)
			*descriptor(0) |= D_WRITE;
		host_forget_flushes(&host);
		trap_stores(0);
		assert_int_equal(races[i / 2].op(0, size), races[i / 2].r);
		assert_null(trapped);
		assert_int_equal(attr(0), races[i / 2].found);
		assert_int_equal(host_flushed(&host, 0, page),
				 races[i / 2].flushes);
		tree_drop();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_hardware_between_load_and_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
