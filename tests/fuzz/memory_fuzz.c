// SPDX-License-Identifier: BSD-2-Clause
// link: core/backing.c core/backing_ram.c core/backing_static.c core/fault.c
// link: core/hyp_alloc.c core/memcache.c core/memslot.c core/mmio.c
// link: core/notifier.c core/page_alloc.c core/rwlock.c core/stage2_tables.c
// link: core/vcpu.c core/vm.c core/testing/fake_memory.c
// link: core/testing/fake_sched.c core/testing/fake_stage2.c
// link: core/testing/fake_vcpu.c pgtable/build.c pgtable/format_arm64.c
// link: pgtable/gather.c pgtable/lookup.c pgtable/map.c pgtable/pgtable.c
// link: pgtable/protect.c pgtable/unmap.c lib/log.c lib/printf.c
// link: core/dirty_log.c pgtable/collapse.c pgtable/dirty.c pgtable/split.c
// link: pgtable/step.c pgtable/flush.c
// flags: -fsanitize=fuzzer
// fuzz: -max_len=300 -len_control=20
/*
 * Guest memory of core/: the input is a list of calls of two VMs that share
 * backings: slots, faults, notifiers, reads and writes from outside, resets, and
 * memory that runs out. After each call, what stage 2 maps lies in a slot, is
 * the page that the backing has there, and may be written only if the slot may;
 * what was taken away was invalidated; and what guests and the hypervisor
 * read is what was written last (K1 to K6, K10, B2, B6).
 */
#include <string.h>
#include "core/dirty_log.h"
#include "core/fault.h"
#include "core/notifier.h"
#include "core/page_access.h"
#include "core/testing/fake_arch.h"
#include "lib/errno.h"
#include "tests/fuzz/fuzz.h"

#define RAM      (10 * CHUNK_SIZE)
#define MODULE   (FAKE_RAM + 8 * CHUNK_SIZE) /* 4 MiB that nobody allocates */
#define IMAGE_AT 70
#define IMAGE    600
#define IPA_END  BIT64(40 - PAGE_SHIFT)
#define VMS      2
#define WINDOWS  3
#define WINDOW   1600UL

/* ---- The oracle ---------------------------------------------------------------- */

enum { ZERO, IMAGES, FIXED, DEVICE, BACKINGS };
static const u64 backing_pages[BACKINGS] = {1100, 800, 300, 16};

#define FLAGS (MEMSLOT_READONLY | MEMSLOT_LOG_DIRTY)

/* The bytes that are looked at: at both ends of each page. */
#define EDGE 16
struct page {
	u8 byte[2 * EDGE];
};

struct slot {
	u64 base, pages, offset;
	int backing;
	u32 flags;
	u64 written[18]; /* a bit for each page: what the log must have */
};

struct shown {
	u64 pfn;
	bool mapped, writable;
};

static struct {
	struct vm *vm[VMS];
	struct vcpu *vcpu[VMS];
	struct backing *backing[BACKINGS];
	struct page page[BACKINGS][1100];
	struct slot slot[VMS][VM_MAX_MEMSLOTS];
	unsigned int slots[VMS];
	struct shown shown[VMS][WINDOWS][WINDOW];
	bool scarce; /* a limit is so low that memory may run out */
} t;

static const u64 window[WINDOWS] = {0, 0x40000, IPA_END - WINDOW};

static int edge(u64 offset)
{
	if (offset < EDGE)
		return offset;
	return offset >= PAGE_SIZE - EDGE ? (int)(offset - PAGE_SIZE) + 2 * EDGE
					  : -1;
}

static struct slot *slot_at(int v, u64 gfn)
{
	for (unsigned int i = 0; i < t.slots[v]; i++) {
		struct slot *s = &t.slot[v][i];

		if (gfn >= s->base && gfn - s->base < s->pages)
			return s;
	}
	return NULL;
}

static struct page *page_of(const struct slot *s, u64 gfn)
{
	return &t.page[s->backing][s->offset + gfn - s->base];
}

static u8 module_byte(u64 page, int i)
{
	return page * 7 + i;
}

static void forget_contents(void)
{
	for (unsigned int p = 0; p < IMAGE; p++)
		for (int i = 0; i < 2 * EDGE; i++)
			t.page[IMAGES][IMAGE_AT + p].byte[i] = module_byte(p, i);
}

/* ---- What holds at all times --------------------------------------------------- */

static void check_leaf_page(int v, u64 gfn, u64 pfn, u32 attr)
{
	const struct slot *s = slot_at(v, gfn);
	struct backing *b;
	struct backing_page page;

	MUST(s);
	b = t.backing[s->backing];
	MUST(!(attr & PGT_W) || !(s->flags & MEMSLOT_READONLY));
	MUST(!(attr & PGT_DEVICE) == (s->backing != DEVICE));
	MUST(!(attr & PGT_X) || s->backing != DEVICE);
	/* What is mapped is there: to ask for it allocates nothing. */
	MUST(!b->ops->get(b, s->offset + gfn - s->base, false, &page));
	MUST(page.pfn.v == pfn);
	MUST(!(attr & PGT_W) || page.writable);
	if (s->backing != DEVICE)
		MUST(!fake_page_dirty(PFN(pfn)) &&
		     !fake_page_icache_stale(PFN(pfn)));
}

struct look {
	int v;
	struct shown now[WINDOWS][WINDOW];
};

static int look_at(const struct pgtable_leaf *leaf, void *arg)
{
	struct look *look = arg;
	u64 gfn = leaf->ia.v >> PAGE_SHIFT, n = leaf->size >> PAGE_SHIFT;

	for (u64 i = 0; i < n; i++, gfn++) {
		u64 pfn = (leaf->pa.v >> PAGE_SHIFT) + i;
		struct shown *now = NULL, *old;

		for (int w = 0; w < WINDOWS; w++) {
			if (gfn < window[w] || gfn - window[w] >= WINDOW)
				continue;
			now = &look->now[w][gfn - window[w]];
			old = &t.shown[look->v][w][gfn - window[w]];
		}
		/* Nothing is mapped where no slot can be. */
		MUST(now);
		*now = (struct shown){pfn, true, leaf->attr & PGT_W};
		if (memcmp(now, old, sizeof(*now)))
			check_leaf_page(look->v, gfn, pfn, leaf->attr);
	}
	return 0;
}

static void check_vm(int v, unsigned long flushes)
{
	static struct look look;
	struct vm *vm = t.vm[v];
	struct shown *old = &t.shown[v][0][0], *now = &look.now[0][0];

	memset(&look, 0, sizeof(look));
	look.v = v;
	MUST(!pgtable_visit(&vm->s2, IA(0), vm->s2.ia_size, look_at, &look));
	for (u64 i = 0; i < WINDOWS * WINDOW; i++, old++, now++)
		if (old->mapped && (!now->mapped || now->pfn != old->pfn ||
				    (old->writable && !now->writable)))
			MUST(fake_flushes() != flushes);
	memcpy(t.shown[v], look.now, sizeof(look.now));
	MUST(vm->slot_count == t.slots[v]);
	MUST(!vm->page_budget.limit ||
	     vm->page_budget.used <= vm->page_budget.limit || t.scarce);
}

/* ---- Slots --------------------------------------------------------------------- */

static u64 input_gfn(struct input *in)
{
	return window[input_below(in, WINDOWS)] + input_below(in, WINDOW);
}

/* Adding `s`, while `but` (NULL: none) does not count. */
static int expected_add(int v, const struct slot *s, const struct slot *but)
{
	if (!s->pages || s->base + s->pages > IPA_END ||
	    s->offset + s->pages > backing_pages[s->backing] ||
	    s->flags & ~FLAGS)
		return -EINVAL;
	for (unsigned int i = 0; i < t.slots[v]; i++)
		if (&t.slot[v][i] != but &&
		    ranges_overlap(t.slot[v][i].base, t.slot[v][i].pages,
				   s->base, s->pages))
			return -EEXIST;
	return t.slots[v] == VM_MAX_MEMSLOTS ? -ENOSPC : 0;
}

static bool inside_window(u64 base, u64 pages)
{
	for (int w = 0; w < WINDOWS; w++)
		if (base >= window[w] && base + pages <= window[w] + WINDOW)
			return true;
	return false;
}

static void do_add(struct input *in, int v)
{
	struct slot s = {
		.base = input_gfn(in),
		.backing = input_below(in, BACKINGS),
		.flags = input_below(in, 8) ? input_below(in, 4) : ~FLAGS,
	};
	int r, want;

	s.pages = input_below(in, backing_pages[s.backing] + 2);
	s.offset = input_below(in, 4) ? s.base % 512 : input_below(in, 1200);
	/* As a rule inside the backing, and inside the window. */
	if (input_below(in, 8)) {
		s.offset %= backing_pages[s.backing];
		s.pages = min(s.pages, backing_pages[s.backing] - s.offset);
	}
	want = expected_add(v, &s, NULL);
	/* What is mapped is looked for in the windows. */
	if (!want && !inside_window(s.base, s.pages))
		return;
	r = memslot_add(t.vm[v], GFN(s.base), s.pages, t.backing[s.backing],
			s.offset, s.flags);
	MUST(r == want || (r == -ENOMEM && t.scarce));
	if (!r)
		t.slot[v][t.slots[v]++] = s;
}

static void do_delete(struct input *in, int v)
{
	u64 base = input_gfn(in);
	unsigned int i = 0;
	int r;

	if (t.slots[v] && input_below(in, 4))
		base = t.slot[v][input_below(in, t.slots[v])].base;
	while (i < t.slots[v] && t.slot[v][i].base != base)
		i++;
	r = memslot_delete(t.vm[v], GFN(base));
	MUST(r == (i < t.slots[v] ? 0 : -ENOENT));
	if (!r)
		t.slot[v][i] = t.slot[v][--t.slots[v]];
}

static void do_move(struct input *in, int v)
{
	u64 to = input_gfn(in);
	struct slot *s, old;
	int r, want;

	if (!t.slots[v]) {
		MUST(memslot_move(t.vm[v], GFN(to), GFN(0)) == -ENOENT);
		return;
	}
	s = &t.slot[v][input_below(in, t.slots[v])];
	old = *s;
	if (input_below(in, 8) && !inside_window(to, s->pages))
		return;
	old.base = to;
	want = expected_add(v, &old, s);
	/* There are as many as before. */
	want = want == -ENOSPC ? 0 : want;
	/* Past the window, but not wrong: not looked at. */
	if (!want && !inside_window(to, s->pages))
		return;
	r = memslot_move(t.vm[v], GFN(s->base), GFN(to));
	MUST(r == want);
	if (!r)
		s->base = to;
}

static void do_flags(struct input *in, int v)
{
	u32 flags = input_below(in, 8) ? input_below(in, 4) : ~FLAGS;
	struct slot *s;
	int r;

	if (!t.slots[v])
		return;
	s = &t.slot[v][input_below(in, t.slots[v])];
	r = memslot_set_flags(t.vm[v], GFN(s->base), flags);
	MUST(r == (flags & ~FLAGS ? -EINVAL : 0) || (r == -ENOMEM && t.scarce));
	if (r)
		return;
	/* A new log is empty. */
	if (!(flags & s->flags & MEMSLOT_LOG_DIRTY))
		memset(s->written, 0, sizeof(s->written));
	s->flags = flags;
}

static void note_written(int v, u64 gfn)
{
	struct slot *s = slot_at(v, gfn);
	u64 n = gfn - s->base;

	if (s->flags & MEMSLOT_LOG_DIRTY)
		s->written[n / 64] |= BIT64(n % 64);
}

/* What was written is in the log, and the next has none of it. */
static void do_take_log(struct input *in, int v)
{
	u64 bitmap[18] = {0}, first = input_below(in, 18) * 64, pages, count = 0;
	struct slot *s;
	s64 r;

	if (!t.slots[v])
		return;
	s = &t.slot[v][input_below(in, t.slots[v])];
	if (first >= s->pages)
		first = 0;
	pages = s->pages - first;
	r = dirty_log_take(t.vm[v], GFN(s->base), first, pages, bitmap);
	if (!(s->flags & MEMSLOT_LOG_DIRTY)) {
		MUST(r == -ENOENT);
		return;
	}
	for (u64 i = 0; i < DIV_ROUND_UP(pages, 64); i++) {
		u64 *written = &s->written[first / 64 + i];

		MUST(!(*written & ~bitmap[i]));
		*written = 0;
		count += __builtin_popcountll(bitmap[i]);
	}
	MUST(r == (s64)count);
	MUST(!dirty_log_take(t.vm[v], GFN(s->base), first, pages, bitmap));
	MUST(dirty_log_take(t.vm[v], GFN(s->base), first + 1, 1, bitmap) ==
	     -EINVAL);
}

/* ---- Guests -------------------------------------------------------------------- */

/* Where there is something, mostly. */
static u64 input_place(struct input *in, int v)
{
	const struct slot *s;

	if (!t.slots[v] || !input_below(in, 8))
		return input_gfn(in);
	s = &t.slot[v][input_below(in, t.slots[v])];
	return s->base + input_below(in, 2048) % s->pages;
}

static int expected_fault(int v, u64 gfn, u32 need)
{
	const struct slot *s = slot_at(v, gfn);

	if (!s)
		return need & PGT_X ? FAULT_ABORT : FAULT_MMIO;
	if ((need & PGT_W) && (s->flags & MEMSLOT_READONLY))
		return FAULT_ABORT;
	return (need & PGT_X) && s->backing == DEVICE ? FAULT_ABORT :
							FAULT_HANDLED;
}

static void do_access(struct input *in, int v)
{
	static const u32 needs[] = {PGT_R, PGT_RW, PGT_RX};
	u32 need = needs[input_below(in, ARRAY_SIZE(needs))];
	u64 gfn = input_place(in, v), at = input_below(in, 2) ? PAGE_SIZE - 1 : 0;
	u8 value = input_number(in, 1), *host;
	struct guest_fault f = {
		.gpa = GPA((gfn << PAGE_SHIFT) + at),
		.write = need & PGT_W, .exec = need & PGT_X,
	};
	struct pgtable_leaf leaf;
	const struct slot *s;

	for (int i = 0;; i++) {
		int r = pgtable_lookup(&t.vm[v]->s2, gpa_to_ia(f.gpa), &leaf);

		if (!r && (leaf.attr & PGT_YOUNG) &&
		    (leaf.attr & need) == need)
			break;
		MUST(i < 6);
		f.access_flag = !r && !(leaf.attr & PGT_YOUNG);
		f.permission = !r && !f.access_flag;
		r = fault_handle(t.vcpu[v], &f);
		if (r == -ENOMEM && t.scarce)
			return;
		if (f.access_flag && !r)
			continue;
		MUST(r == expected_fault(v, gfn, need));
		if (r)
			return;
	}
	s = slot_at(v, gfn);
	MUST(s);
	if (s->backing == DEVICE)
		return;
	host = fake_bytes(hpa_to_pfn(leaf.pa)) + (f.gpa.v - leaf.ia.v);
	MUST(*host == page_of(s, gfn)->byte[edge(at)]);
	if (!(need & PGT_W))
		return;
	*host = page_of(s, gfn)->byte[edge(at)] = value;
	note_written(v, gfn);
}

/* Any syndrome whatever. */
static void do_wild_fault(struct input *in, int v)
{
	u64 bits = input_number(in, 1);
	struct guest_fault f = {
		.gpa = GPA(input_place(in, v) << PAGE_SHIFT),
		.write = bits & 1, .exec = bits & 2, .s1ptw = bits & 4,
		.permission = bits & 8, .access_flag = bits & 16,
	};
	int r;

	if (bits & 32)
		f.gpa = GPA(input_number(in, 8));
	r = fault_handle(t.vcpu[v], &f);
	MUST(r == FAULT_HANDLED || r == FAULT_MMIO || r == FAULT_ABORT ||
	     r == FAULT_SIZE || (r == -ENOMEM && t.scarce));
	MUST((r == FAULT_SIZE) == (f.gpa.v >= IPA_END << PAGE_SHIFT));
}

/* ---- From outside -------------------------------------------------------------- */

static void check_read(int v, u64 gpa, const u8 *buf, u64 len)
{
	for (u64 i = 0; i < len; i++, gpa++) {
		const struct slot *s = slot_at(v, gpa >> PAGE_SHIFT);
		int at = edge(gpa % PAGE_SIZE);

		if (at >= 0)
			MUST(buf[i] ==
			     page_of(s, gpa >> PAGE_SHIFT)->byte[at]);
	}
}

/* The fake takes every page that was opened for one that was written. */
static void publish(int v, u64 gpa, u64 len)
{
	for (u64 gfn = gpa >> PAGE_SHIFT;
	     len && gfn << PAGE_SHIFT < gpa + len; gfn++) {
		const struct slot *s = slot_at(v, gfn);
		struct backing *b = t.backing[s->backing];
		struct backing_page page;

		MUST(!b->ops->get(b, s->offset + gfn - s->base, false, &page));
		arch_page_publish(page.pfn, 1);
	}
}

static void lift_limits(void)
{
	t.scarce = false;
	for (int v = 0; v < VMS; v++)
		t.vm[v]->page_budget.limit = t.vm[v]->table_budget.limit = 0;
}

/* How far it goes, and why not further. */
static u64 accessible(int v, u64 gpa, u64 len, bool write, int *err)
{
	u64 done = 0;

	*err = gpa + len < gpa ? -EFAULT : 0;
	while (!*err && done < len) {
		const struct slot *s = slot_at(v, (gpa + done) >> PAGE_SHIFT);

		if (s && write && s->flags & MEMSLOT_READONLY)
			*err = -EPERM;
		else if (!s || s->backing == DEVICE)
			*err = -EFAULT;
		else
			done += PAGE_SIZE - (gpa + done) % PAGE_SIZE;
	}
	return min(done, len);
}

static void do_copy(struct input *in, int v)
{
	static u8 buf[3 * PAGE_SIZE];
	u64 gpa = (input_place(in, v) << PAGE_SHIFT) + input_below(in, 32) - 16;
	u64 len = input_below(in, 40), done;
	bool write = input_below(in, 2);
	int r, want;

	if (!input_below(in, 4))
		len = input_below(in, 2 * PAGE_SIZE + 40);
	if (!input_below(in, 16))
		gpa = 0 - input_below(in, 64);
	memset(buf, input_number(in, 1), len);
	done = accessible(v, gpa, len, write, &want);
	r = write ? guest_write(t.vm[v], GPA(gpa), buf, len) :
		    guest_read(t.vm[v], GPA(gpa), buf, len);
	if (r == -ENOMEM && t.scarce) {
		/* A prefix, nobody knows how long: all of it, then. */
		lift_limits();
		r = write ? guest_write(t.vm[v], GPA(gpa), buf, done) :
			    guest_read(t.vm[v], GPA(gpa), buf, done);
		MUST(!r);
	} else {
		MUST(r == want);
	}
	if (!write) {
		check_read(v, gpa, buf, done);
		publish(v, gpa, done);
	}
	for (u64 i = 0; write && i < done; i++) {
		u64 gfn = (gpa + i) >> PAGE_SHIFT;
		int at = edge((gpa + i) % PAGE_SIZE);

		note_written(v, gfn);
		if (at >= 0)
			page_of(slot_at(v, gfn), gfn)->byte[at] = buf[i];
	}
}

/* The owner says that there is another page: the one that is there. */
static void change(int v, u64 gfn)
{
	const struct slot *s = slot_at(v, gfn);
	struct backing_page page;
	struct pgtable_leaf leaf;
	struct backing *b;

	if (!s || s->backing == DEVICE)
		return;
	b = t.backing[s->backing];
	if (b->ops->get(b, s->offset + gfn - s->base, false, &page))
		return;
	notifier_change(t.vm[v], GFN(gfn), page.pfn);
	if (!pgtable_lookup(&t.vm[v]->s2, IA(gfn << PAGE_SHIFT), &leaf))
		MUST(!(leaf.attr & PGT_W));
}

static void do_notify(struct input *in, int v)
{
	u64 gfn = input_place(in, v), pages = input_below(in, 2000);
	struct vm *vm = t.vm[v];

	if (!input_below(in, 8))
		pages = input_number(in, 8);
	switch (input_below(in, 5)) {
	case 4:
		change(v, gfn);
		break;
	case 0:
		notifier_age(vm, GFN(gfn), pages);
		MUST(!notifier_test_age(vm, GFN(gfn), pages));
		break;
	case 1:
		notifier_unmap_steps(vm, GFN(gfn), input_below(in, 2000));
		break;
	default:
		notifier_unmap(vm, GFN(gfn), pages);
		for (u64 i = 0; i < min(pages, (u64)600); i++) {
			struct pgtable_leaf leaf;

			MUST(pgtable_lookup(&vm->s2, IA((gfn + i) << PAGE_SHIFT),
					    &leaf) == -ENOENT);
		}
	}
}

/* What all slots of the VM show is as it was at first. */
static void do_reset(struct input *in, int v)
{
	static struct page at_first[BACKINGS][1100];

	if (input_below(in, 4))
		return;
	vm_reset_memory(t.vm[v]);
	memcpy(at_first, t.page, sizeof(t.page));
	memset(t.page, 0, sizeof(t.page));
	forget_contents();
	for (int b = 0; b < BACKINGS; b++) {
		for (u64 p = 0; p < backing_pages[b]; p++) {
			bool lost = false;

			for (unsigned int i = 0; i < t.slots[v]; i++) {
				const struct slot *s = &t.slot[v][i];

				lost |= s->backing == b && p >= s->offset &&
					p - s->offset < s->pages;
			}
			if (!lost || b >= FIXED)
				t.page[b][p] = at_first[b][p];
		}
	}
}

/* Limits come and go: of pages, of tables. */
static void do_limit(struct input *in, int v)
{
	struct vm *vm = t.vm[v];
	u64 spare = input_below(in, 8);

	lift_limits();
	if (!input_below(in, 2))
		return;
	t.scarce = true;
	vm->page_budget.limit = vm->page_budget.used + spare + 1;
	if (spare & 1)
		vm->table_budget.limit = vm->table_budget.used + spare;
}

/* ---- A run --------------------------------------------------------------------- */

static void step(struct input *in)
{
	static void (*const ops[])(struct input *, int) = {
		do_access, do_access, do_access, do_access, do_move, do_flags,
		do_add, do_add, do_delete, do_wild_fault, do_copy, do_copy,
		do_notify, do_take_log, do_reset, do_limit,
	};
	unsigned long flushes = fake_flushes();
	u64 op = input_below(in, 32);

	ops[op % 16](in, op / 16);
	for (int v = 0; v < VMS; v++)
		check_vm(v, flushes);
}

static void fill_module(void)
{
	for (u64 p = 0; p < IMAGE; p++) {
		u8 *bytes = fake_bytes(PFN((MODULE >> PAGE_SHIFT) + p));

		for (int i = 0; i < EDGE; i++) {
			bytes[i] = module_byte(p, i);
			bytes[PAGE_SIZE - EDGE + i] = module_byte(p, EDGE + i);
		}
	}
	forget_contents();
}

static void start(struct input *in)
{
	struct vm_config config = {.name = "fuzz"};
	u64 fixed = FAKE_RAM + 7 * CHUNK_SIZE;

	memset(&t, 0, sizeof(t));
	fake_cpus_init(1);
	fake_memory_init(RAM);
	page_alloc_reserve(HPA(fixed), 3 * CHUNK_SIZE);
	fake_no_blocks = !input_below(in, 8);
	for (int v = 0; v < VMS; v++) {
		MUST(!vm_create(&config, &t.vm[v]));
		MUST(!vcpu_create(t.vm[v], 0, &t.vcpu[v]));
	}
	t.backing[ZERO] = backing_ram_create(backing_pages[ZERO],
					     &t.vm[0]->page_budget);
	t.backing[IMAGES] = backing_ram_create(backing_pages[IMAGES],
					       &t.vm[1]->page_budget);
	t.backing[FIXED] = backing_static_create(HPA(fixed),
						 backing_pages[FIXED], true,
						 false);
	t.backing[DEVICE] = backing_static_create(HPA(0x8010000), 16, true, true);
	fill_module();
	MUST(!backing_ram_add_image(t.backing[IMAGES], IMAGE_AT << PAGE_SHIFT,
				    HPA(MODULE), IMAGE << PAGE_SHIFT));
}

static void finish(void)
{
	/* Backings outlive one VM, and their pages the budgets. */
	for (int v = 0; v < VMS; v++) {
		while (t.slots[v])
			MUST(!memslot_delete(t.vm[v],
					     GFN(t.slot[v][--t.slots[v]].base)));
	}
	for (int b = 0; b < BACKINGS; b++)
		backing_put_ref(t.backing[b]);
	for (int v = 0; v < VMS; v++) {
		MUST(!t.vm[v]->page_budget.used);
		vm_destroy(t.vm[v]);
	}
	MUST(!fake_pages_used());
	fake_memory_exit();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};

	start(&in);
	while (in.left)
		step(&in);
	finish();
	return 0;
}
