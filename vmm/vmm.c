// SPDX-License-Identifier: BSD-2-Clause
#include "vmm/vmm.h"

#include "core/page_alloc.h"
#include "core/sched.h"
#include "core/timer.h"
#include "lib/lock.h"
#include "lib/log.h"
#include "lib/printf.h"
#include "lib/util.h"
#include "vmm/console.h"
#include "vmm/description.h"
#include "vmm/guest.h"
#include "vmm/inspect.h"
#include "vmm/machine.h"
#include "vmm/stats.h"

enum result { RESULT_OFF, RESULT_ERROR, RESULT_REFUSED };

struct monitor {
	const void *board_fdt;
	struct description description;
	struct vm_description *vms;
	struct guest **guests; /* in the order of vms */
	char why[DESCRIPTION_WHY_SIZE];
};

static struct monitor monitor;

/*
 * What VMs may have together: not all that is free, for tables (one page for
 * 512) and each VM's own structures come out of it too.
 */
static u64 memory_for_vms(void)
{
	struct page_stats st;
	u64 keep;

	page_alloc_stats(&st);
	keep = st.free / 128 + 2 * CHUNK_SIZE / PAGE_SIZE;
	return st.free > keep ? (st.free - keep) * PAGE_SIZE : 0;
}

/* An array for the whole run: never freed. NULL: no memory. */
static void *alloc_array(size_t count, size_t size)
{
	unsigned int order = 0;

	while (PAGE_SIZE << order < count * size)
		order++;
	return order > CHUNK_ORDER ? NULL : hyp_alloc_pages(order, NULL);
}

static enum result no_memory(const char *name)
{
	log_err("%s: no memory to build it", name);
	return RESULT_ERROR;
}

/* ---- Preparing ---------------------------------------------------------- */

static enum result read_descriptions(struct monitor *m)
{
	unsigned int max = min(description_count(m->board_fdt),
			       (unsigned int)DESCRIPTION_MAX_VMS);

	_Static_assert(sizeof(struct vm_description) * DESCRIPTION_MAX_VMS <=
			       CHUNK_SIZE,
		       "one allocation holds them all");
	m->vms = alloc_array(max(max, 1U), sizeof(*m->vms));
	m->guests = alloc_array(max(max, 1U), sizeof(*m->guests));
	if (!m->vms || !m->guests)
		return no_memory("/chosen");
	if (description_parse(m->board_fdt, memory_for_vms(), &m->description,
			      m->vms, max, m->why, sizeof(m->why)) ||
	    description_check_machine(m->board_fdt, machine.ram_base,
				      machine.vcpu_least_tables, m->vms,
				      m->description.vm_count, m->why,
				      sizeof(m->why)))
		return RESULT_REFUSED;
	return RESULT_OFF;
}

static enum result plan_guests(struct monitor *m)
{
	unsigned int i;

	_Static_assert(sizeof(struct guest) <= PAGE_SIZE, "hyp_alloc()");
	for (i = 0; i < m->description.vm_count; i++) {
		m->guests[i] = hyp_alloc(sizeof(*m->guests[i]));
		if (!m->guests[i])
			return no_memory(m->vms[i].name);
		if (guest_plan(m->guests[i], m->board_fdt, &m->vms[i], m->why,
			       sizeof(m->why)))
			return RESULT_REFUSED;
	}
	return RESULT_OFF;
}

static enum result build_guests(struct monitor *m)
{
	char size[DESCRIPTION_SIZE_LEN];
	unsigned int i;
	int err;

	for (i = 0; i < m->description.vm_count; i++) {
		const struct vm_description *d = &m->vms[i];

		err = guest_build(m->guests[i]);
		if (err) {
			log_err("%s: cannot be built (error %d)", d->name,
				-err);
			return RESULT_ERROR;
		}
		log_info("%s: %s, %u vCPU%s%s", d->name,
			 description_size(size, d->memory), d->cpus,
			 d->cpus > 1 ? "s" : "",
			 d->granule == SZ_16K ? ", stage 2 by 16 KiB" :
			 d->granule == SZ_64K ? ", stage 2 by 64 KiB" : "");
	}
	return RESULT_OFF;
}

/* ---- Running ------------------------------------------------------------ */

static enum result finish_guest(struct monitor *m, struct guest *g)
{
	bool off = g->end == GUEST_OFF;

	log_info("%s: %s", g->description->name,
		 off ? "powered off" : "stopped for an error");
	if (m->description.stats)
		stats_guest(g);
	if (m->description.icount)
		stats_instructions(g);
	guest_destroy(g);
	return off ? RESULT_OFF : RESULT_ERROR;
}

static enum result run_guests(struct monitor *m)
{
	unsigned int i, running = m->description.vm_count;
	enum result result = RESULT_OFF, r;

	console_start(running > 1);
	inspect_open(m->guests, running);
	for (i = 0; i < m->description.vm_count; i++)
		guest_start(m->guests[i]);
	while (running) {
		for (i = 0; i < m->description.vm_count; i++) {
			struct guest *g = m->guests[i];

			if (!g || guest_service(g))
				continue;
			/* Whoever inspects us does not find it half gone. */
			WRITE_ONCE(m->guests[i], NULL);
			r = finish_guest(m, g);
			result = max(result, r);
			hyp_free(g, sizeof(*g));
			running--;
		}
		if (running)
			thread_block();
	}
	if (m->description.stats)
		stats_hypervisor();
	return result;
}

/* The last bytes are in the UART's FIFO, and nothing says when they have left
 * it: at 115200 baud, 64 bytes take 6 ms. */
static _Noreturn void power_off(void)
{
	console_flush();
	thread_sleep_until(arch_counter() + arch_counter_hz() / 100);
	vmm_power_off();
}

_Noreturn void vmm_main(const void *board_fdt)
{
	struct monitor *m = &monitor;
	enum result result;
	char line[CONSOLE_LINE];

	m->board_fdt = board_fdt;
	result = read_descriptions(m);
	if (result == RESULT_OFF)
		result = plan_guests(m);
	if (result == RESULT_OFF)
		result = build_guests(m);
	if (result == RESULT_OFF)
		result = run_guests(m);
	else if (result == RESULT_REFUSED)
		log_err("%s", m->why);
	if (m->description.status_token) {
		scnprintf(line, sizeof(line), "%s %d",
			  m->description.status_token, result);
		console_line(line);
	}
	power_off();
}
