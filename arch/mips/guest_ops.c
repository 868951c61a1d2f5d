// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the emulated CPU asks of the port (arch/mips/guest.h): the guest's memory,
 * its tables, and time. There is one CPU, and nothing comes between where nobody
 * yields: so what is read, compared and written in one go is atomic.
 */
#include "arch/mips/gva.h"
#include "arch/mips/mips.h"
#include "core/arch.h"
#include "core/fault.h"
#include "lib/errno.h"

static struct mips_vcpu *of(struct mips_guest *g)
{
	return container_of(g, struct mips_vcpu, guest);
}

/* ---- Memory ------------------------------------------------------------------- */

/* The table in use, for direct access (K43): as the guest itself would. */
static void activate(struct mips_vcpu *v)
{
	if (v->stale)
		gva_activate(v);
}

static int fetch(struct mips_guest *g, u32 va, u32 *insn)
{
	activate(of(g));
	return guest_fetch_word(va, insn);
}

static int fetch_words(struct mips_guest *g, u32 va, u32 *insns)
{
	activate(of(g));
	return guest_fetch_words(va, insns);
}

/* Nor is it looked for as RAM, which is nowhere that a device is. */
static bool is_device(struct mips_guest *g, u64 gpa)
{
	return mmio_last(&of(g)->vcpu.vm->bus, GPA(gpa));
}

static int read_memory(struct mips_guest *g, u64 gpa, u32 *value,
		       unsigned int size)
{
	*value = 0;
	if (is_device(g, gpa))
		return -EFAULT;
	return guest_read(of(g)->vcpu.vm, GPA(gpa), value, size) ? -EFAULT : 0;
}

static int write_memory(struct mips_guest *g, u64 gpa, u32 value,
			unsigned int size)
{
	if (is_device(g, gpa))
		return -EFAULT;
	return guest_write(of(g)->vcpu.vm, GPA(gpa), &value, size) ? -EFAULT : 0;
}

/* No other vCPU runs between: neither access waits for anything. */
static int exchange(struct mips_guest *g, u64 gpa, u32 old, u32 new)
{
	u32 is;

	if (read_memory(g, gpa, &is, sizeof(is)))
		return -EFAULT;
	return is == old ? write_memory(g, gpa, new, sizeof(new)) : -EAGAIN;
}

static int read_kseg0(struct mips_guest *g, u32 va, u32 *value)
{
	activate(of(g));
	return guest_load_word(va, value);
}

static int exchange_kseg0(struct mips_guest *g, u32 va, u32 old, u32 new)
{
	activate(of(g));
	return guest_exchange_word(va, old, new);
}

/* What they do to a line, they do to both caches. */
static bool has_caches(void)
{
	return features.icache.line && features.dcache.line;
}

/* Where the page is not in the table, or not to be written by the guest, it is
 * written by guest-physical address: that is published, to instruction fetch too. */
static int patch(struct mips_guest *g, u32 va, u32 old, u32 new)
{
	struct mips_mapping m;
	bool refill;
	int err;

	activate(of(g));
	err = has_caches() ? guest_patch_word(va, old, new) : -EFAULT;
	if (err != -EFAULT)
		return err;
	if (mips_guest_translate(g, va, MIPS_FETCH, &m, &refill) || m.commpage)
		return -EFAULT;
	return exchange(g, m.gpa + (va - m.va), old, new);
}

static void sync_icache(struct mips_guest *g)
{
	cache_sync_instructions();
}

/* In the colour that `va` has: of others, guests know where there are any. */
static int sync_line(struct mips_guest *g, u32 va)
{
	u32 insn;
	int err;

	activate(of(g));
	va &= ~3U;
	if (has_caches())
		return guest_sync_line(va);
	err = guest_load_word(va, &insn);
	if (!err)
		cache_sync_instructions();
	return err;
}

static void sync_place(struct mips_guest *g, u32 va)
{
	cache_sync_place(va, g->line);
}

/* ---- Tables ------------------------------------------------------------------- */

static void drop(struct mips_guest *g, u32 space, u32 va, u32 size)
{
	gva_drop(of(g), space, va, size);
}

static void use(struct mips_guest *g)
{
	of(g)->stale = true;
}

/* ---- Time --------------------------------------------------------------------- */

static u64 now(struct mips_guest *g)
{
	return arch_counter();
}

static void set_timer(struct mips_guest *g, u64 due)
{
	struct mips_vcpu *v = of(g);

	if (due == MIPS_NEVER)
		timer_cancel(&v->timer);
	else
		timer_set(&v->timer, due);
}

const struct mips_guest_ops guest_ops = {
	.fetch = fetch,
	.fetch_words = fetch_words,
	.patch = patch,
	.read = read_memory,
	.write = write_memory,
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
