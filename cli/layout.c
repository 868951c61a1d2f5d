// SPDX-License-Identifier: BSD-2-Clause
/* How much memory the board gets, and where in it the files go. */
#include "cli/board.h"
#include "cli/layout.h"
#include "cli/report.h"
#include "cli/settings.h"
#include "cli/size.h"
#include "lib/util.h"

#define BLOCK SZ_2M
#define DEVICE_TREE_ROOM (8 * SZ_1M)
#define DEVICE_TREE_HIGHEST (128 * SZ_1M)
#define SPARE (192 * SZ_1M)
#define STEP (64 * SZ_1M)

/* Whole blocks, with the offset in the first. */
static u64 payload_room(const struct payload *f)
{
	return ALIGN_UP(f->offset % BLOCK + f->size, BLOCK);
}

static u64 payloads_room(const struct plan *p)
{
	u64 sum = 0;

	for (unsigned int i = 0; i < p->payload_count; i++)
		sum += payload_room(&p->payloads[i]);
	return sum;
}

/* a + b, or the most that there is. */
static u64 add(u64 a, u64 b)
{
	return a + b < a ? UINT64_MAX : a + b;
}

static int refuse_needs(const struct plan *p, u64 needs, u64 memory)
{
	const struct settings *s = p->settings;
	char have[SIZE_TEXT], want[SIZE_TEXT], vms[SIZE_TEXT];
	const char *whose = s->is_description ? s->operand : "--memory";

	size_text(plan_memory(p), vms);
	size_text(memory, have);
	if (s->board_memory)
		return refuse("--board-memory: %s is too little: %s of VM memory (%s), their files and the hypervisor need %s",
			      have, vms, whose,
			      size_text(ALIGN_UP(needs, SZ_1M), want));
	return refuse("%s: %s of VM memory, the files and the hypervisor need more than the board %s can have, %s",
		      whose, vms, s->board->name, have);
}

int layout_board_memory(const struct plan *p, u64 *memory)
{
	const struct settings *s = p->settings;
	u64 needs = add(plan_memory(p), payloads_room(p));
	u64 wanted;

	if (s->board_memory)
		*memory = s->board_memory;
	else if (needs > s->board->max_memory)
		*memory = s->board->max_memory;
	else {
		wanted = ALIGN_UP(needs + SPARE, STEP);
		*memory = min(wanted, s->board->max_memory);
	}
	needs = add(needs, LAYOUT_OWN);
	return needs > *memory ? refuse_needs(p, needs, *memory) : 0;
}

u64 layout_device_tree(const struct board *b, u64 memory)
{
	return b->ram_base + min(memory / 2, (u64)DEVICE_TREE_HIGHEST);
}

static int refuse_place(const struct board *b, const struct payload *f,
			u64 memory)
{
	char text[SIZE_TEXT];

	if (b->low_memory && memory >= b->low_memory)
		return refuse("%s: does not fit into the first %s of the board %s beside what is loaded before it",
			      f->file, size_text(b->low_memory, text), b->name);
	return refuse("%s: does not fit into the board's memory beside what is loaded before it; --board-memory gives it more than %s",
		      f->file, size_text(memory, text));
}

int layout_place(struct plan *p, const struct board *b, u64 memory)
{
	u64 at = layout_device_tree(b, memory) + DEVICE_TREE_ROOM;
	u64 end = b->ram_base +
		  (b->low_memory ? min(memory, b->low_memory) : memory);

	at = ALIGN_UP(at, BLOCK);
	for (unsigned int i = 0; i < p->payload_count; i++) {
		struct payload *f = &p->payloads[i];

		if (at > end || payload_room(f) > end - at)
			return refuse_place(b, f, memory);
		f->address = at + f->offset % BLOCK;
		at += payload_room(f);
	}
	return 0;
}
