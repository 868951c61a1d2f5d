// SPDX-License-Identifier: BSD-2-Clause
#include "core/vcpu_regs.h"
#include "core/cpu.h"
#include "core/sched.h"
#include "core/vcpu.h"
#include "core/vm.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

/* ---- Whose state it is -------------------------------------------------------- */

static bool is_held_elsewhere(const struct vcpu *vcpu)
{
	struct cpu *cpu;

	for_each_cpu(cpu)
		if (cpu != this_cpu() &&
		    __atomic_load_n(&cpu->loaded, __ATOMIC_ACQUIRE) == vcpu)
			return true;
	return false;
}

/* All of the vCPU, and for `whole_vm` of the others too, is in memory. */
static int settle(struct vcpu *vcpu, bool whole_vm)
{
	struct vcpu *v;
	unsigned int i;

	if (vcpu->thread && vcpu->thread->cpu != this_cpu())
		return -EBUSY;
	for_each_vcpu(i, v, vcpu->vm) {
		if (v != vcpu && !whole_vm)
			continue;
		if (is_held_elsewhere(v))
			return -EBUSY;
		vcpu_unload(v);
	}
	arch_regs_settle(vcpu);
	return 0;
}

/* ---- Finding ------------------------------------------------------------------ */

struct found {
	const struct reg_range *range;
	unsigned int n;
};

static bool has_id(const struct reg_range *r, u64 id, struct found *f)
{
	u64 n = (id - r->id) / r->step;

	if (id < r->id || (id - r->id) % r->step || n >= r->count)
		return false;
	*f = (struct found){r, n};
	return true;
}

static int find(const struct vcpu *vcpu, u64 id, struct found *f)
{
	const struct reg_range *r;
	unsigned int table, count;

	for (table = 0; (r = arch_reg_table(vcpu, table, &count)); table++)
		for (; count; count--, r++)
			if (has_id(r, id, f))
				return 0;
	return -ENOENT;
}

/* All of them, one after the other, from {0} on. False: there are no more. */
struct cursor {
	unsigned int table, index, n;
};

static bool next(const struct vcpu *vcpu, struct cursor *c, struct found *f)
{
	const struct reg_range *r;
	unsigned int count;

	for (;;) {
		r = arch_reg_table(vcpu, c->table, &count);
		if (!r)
			return false;
		if (c->index == count) {
			c->table++;
			c->index = c->n = 0;
		} else if (c->n == r[c->index].count) {
			c->index++;
			c->n = 0;
		} else {
			*f = (struct found){&r[c->index], c->n++};
			return true;
		}
	}
}

/* ---- Copying ------------------------------------------------------------------ */

static int get(struct vcpu *vcpu, const struct found *f, union reg_value *val)
{
	memset(val, 0, sizeof(*val));
	return arch_reg_get(vcpu, f->range, f->n, val);
}

static int set(struct vcpu *vcpu, const struct found *f,
	       const union reg_value *val)
{
	union reg_value now;
	int err;

	if (!(f->range->flags & REG_INVARIANT))
		return arch_reg_set(vcpu, f->range, f->n, val);
	err = get(vcpu, f, &now);
	if (err)
		return err;
	return memcmp(&now, val, sizeof(now)) ? -EINVAL : 0;
}

/* The way of every register of every port. Only one of `to` and `from`. */
static int access(struct vcpu *vcpu, u64 id, void *to, const void *from)
{
	union reg_value val = {0};
	struct found f;
	int err = find(vcpu, id, &f);

	if (err)
		return err;
	if (from && vcpu->mmio_pending)
		return -EBUSY;
	err = settle(vcpu, f.range->flags & REG_VM);
	if (err)
		return err;
	if (from) {
		memcpy(&val, from, reg_size(id));
		return set(vcpu, &f, &val);
	}
	err = get(vcpu, &f, &val);
	if (!err)
		memcpy(to, &val, reg_size(id));
	return err;
}

int vcpu_get_reg(struct vcpu *vcpu, u64 id, void *buf)
{
	return access(vcpu, id, buf, NULL);
}

int vcpu_set_reg(struct vcpu *vcpu, u64 id, const void *buf)
{
	return access(vcpu, id, NULL, buf);
}

/* ---- All of them -------------------------------------------------------------- */

int vcpu_list_regs(struct vcpu *vcpu, u64 *ids, unsigned int *count)
{
	unsigned int room = *count, pass;
	struct found f;
	int err = settle(vcpu, false);

	for (pass = 0; !err && pass < 2; pass++) {
		struct cursor c = {0};
		union reg_value val;
		unsigned int n = 0;

		while (next(vcpu, &c, &f)) {
			if (get(vcpu, &f, &val))
				continue;
			if (pass)
				ids[n] = f.range->id + f.n * f.range->step;
			n++;
		}
		*count = n;
		if (n > room)
			err = -E2BIG;
	}
	return err;
}

/* ", ", a name with a number, and a value of 64 bits. */
#define MOST_OF_ONE 32

bool vcpu_format_regs(struct vcpu *vcpu, unsigned int *next_named, char *buf,
		      size_t size)
{
	struct cursor c = {0};
	union reg_value val;
	unsigned int i = 0;
	size_t len = 0;
	struct found f;

	if (settle(vcpu, false))
		return false;
	while (next(vcpu, &c, &f) && len + MOST_OF_ONE < size) {
		if (!f.range->name[0] || get(vcpu, &f, &val))
			continue;
		if (i++ < *next_named)
			continue;
		len += scnprintf(buf + len, size - len, "%s%.8s",
				 len ? ", " : "", f.range->name);
		if (f.range->count > 1)
			len += scnprintf(buf + len, size - len, "%u", f.n);
		if (f.range->flags & REG_SIGNED)
			val.d = val.w;
		len += scnprintf(buf + len, size - len, " %#llx", val.d);
		(*next_named)++;
	}
	return len;
}
