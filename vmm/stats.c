// SPDX-License-Identifier: BSD-2-Clause
/*
 * The report is for people and for programs: one subject a line, "name value"
 * pairs, the VM's name in front. docs/performance.md explains the numbers.
 */
#include "vmm/stats.h"

#include "core/page_alloc.h"
#include "core/timer.h"
#include "core/vcpu.h"
#include "core/vm.h"
#include "lib/log.h"
#include "lib/printf.h"
#include "vmm/guest.h"

typedef unsigned long long ull;

static void exits(const struct vm *vm)
{
	u64 sum[CAUSES] = {0}, total = 0;
	const struct vcpu *v;
	unsigned int i, c;
	char line[200];
	size_t n = 0;

	for_each_vcpu(i, v, vm)
		for (c = 0; c < CAUSES; c++)
			sum[c] += __atomic_load_n(&v->exits[c],
						  __ATOMIC_RELAXED);
	for (c = 0; c < CAUSES; c++) {
		total += sum[c];
		n += scnprintf(line + n, sizeof(line) - n, ", %s %llu",
			       exit_cause_name[c], (ull)sum[c]);
	}
	log_info("%s: exits: total %llu%s", vm->name, (ull)total, line);
}

void stats_guest(const struct guest *g)
{
	const struct vm *vm = g->vm;
	struct vcpu_stats faults = vm_stats(vm);
	struct page_stats st;

	page_alloc_stats(&st);
	exits(vm);
	log_info("%s: faults: pages mapped %llu, blocks mapped %llu, pages "
		 "copied %llu, nothing there %u",
		 vm->name, (ull)faults.pages_mapped,
		 (ull)faults.blocks_mapped, (ull)faults.pages_copied,
		 g->unanswered);
	log_info("%s: memory: table bytes %llu, table and cache bytes %llu, "
		 "private pages %llu of %llu, all that the hypervisor uses "
		 "%llu bytes",
		 vm->name, (ull)(vm->s2.tables * PAGE_SIZE << vm->granule_order),
		 (ull)(vm->table_budget.used * PAGE_SIZE),
		 (ull)vm->page_budget.used,
		 (ull)vm->page_budget.limit,
		 (ull)(st.used[PAGE_HYP] * PAGE_SIZE));
}

void stats_instructions(const struct guest *g)
{
	u64 hz = arch_counter_hz();

	if (hz)
		log_info("%s: instructions to power-off: %llu", g->vm->name,
			 (ull)(g->ended_at * (1000000000 / hz)));
}

void stats_hypervisor(void)
{
	struct page_stats st;

	page_alloc_stats(&st);
	log_info("hypervisor: memory: own pages %llu, guest pages %llu, free "
		 "pages %llu",
		 (ull)st.used[PAGE_HYP], (ull)st.used[PAGE_GUEST],
		 (ull)st.free);
}
