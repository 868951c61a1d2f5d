// SPDX-License-Identifier: BSD-2-Clause
/*
 * A vCPU's registers by id. What is in the commpage is the guest's to write as it
 * likes: got is what a CPU would have there, and nothing that is set is more than
 * a guest can bring about itself. What is derived from registers (the tables of
 * guest-virtual addresses, interrupts) follows at the next entry.
 */
#include "arch/mips/regs.h"
#include "arch/mips/guest_internal.h"
#include "arch/mips/mips.h"
#include "arch/mips/segments.h"
#include "lib/errno.h"
#include "lib/string.h"

enum mips_reg_kind {
	MIPS_REG_WORD, /* at `where` in struct mips_guest, `stride` apart */
	MIPS_REG_CP0,  /* where: CP0() */
	MIPS_REG_COUNT,
	MIPS_REG_TLB,
	MIPS_REG_STATUS,
	MIPS_REG_LAYOUT,
	MIPS_REG_SMP, /* at `where` in struct mips_vcpu, `stride` apart */
	MIPS_REG_SMP_RESULT,
};

/* ---- The tables --------------------------------------------------------------- */

#define RANGE(id_, n, kind_, where_, ...)                                      \
	{.id = (id_), .count = (n), .step = 1, .kind = (kind_),                \
	 .where = (where_), __VA_ARGS__}
#define C32(reg, n, ...)                                                       \
	RANGE(REG_MIPS | REG_U32 | REG_CP0 | (reg), n, MIPS_REG_CP0, reg,      \
	      .stride = 1, __VA_ARGS__)
#define C64(reg, ...)                                                          \
	RANGE(REG_MIPS | REG_U64 | REG_CP0 | (reg), 1, MIPS_REG_CP0, reg,      \
	      .flags = REG_SIGNED, __VA_ARGS__)
#define GP(index, n, field, ...)                                               \
	RANGE(REG_MIPS | REG_U64 | REG_GP | (index), n, MIPS_REG_WORD,         \
	      offsetof(struct mips_guest, field), .stride = 4,                 \
	      .flags = REG_SIGNED, __VA_ARGS__)
#define COUNTS(what, ...)                                                      \
	RANGE(REG_MIPS | REG_U64 | REG_KVM | (what), 1, MIPS_REG_COUNT, what,  \
	      __VA_ARGS__)

/* First: what addresses other registers can have goes by it. */
static const struct reg_range layout_regs[] = {
	RANGE(REG_OURS | REG_U32 | REG_OURS_LAYOUT, 1, MIPS_REG_LAYOUT, 0),
};

/* A time that stands still has to, before what depends on it is set. */
static const struct reg_range count_regs[] = {
	COUNTS(COUNT_CTL),
	COUNTS(COUNT_RESUME),
	COUNTS(COUNT_HZ, .flags = REG_INVARIANT),
};

static const struct reg_range kvm_regs[] = {
	C32(CP0_INDEX, 1),
	C32(CP0_PAGEMASK, 1),
	C32(CP0_WIRED, 1),
	C32(CP0_HWRENA, 1),
	C32(CP0_COUNT, 1),
	C32(CP0_COMPARE, 1),
	C32(CP0_STATUS, 1, .name = "status"),
	C32(CP0_INTCTL, 1, .flags = REG_INVARIANT),
	C32(CP0_CAUSE, 1, .name = "cause"),
	C32(CP0_PRID, 1, .flags = REG_INVARIANT),
	C32(CP0_CONFIG, 1),
	C32(CP0_CONFIG1, 5, .flags = REG_INVARIANT),
	C32(CP0_CONFIG7, 1, .flags = REG_INVARIANT),

	GP(0, 32, gpr, .name = "r"),
	GP(32, 1, hi, .name = "hi"),
	GP(33, 1, lo, .name = "lo"),
	GP(34, 1, pc, .name = "pc"),
	C64(CP0_ENTRYLO0),
	C64(CP0_ENTRYLO1),
	C64(CP0_CONTEXT),
	C64(CP0_USERLOCAL),
	C64(CP0_BADVADDR, .name = "badvaddr"),
	C64(CP0_ENTRYHI, .name = "entryhi"),
	C64(CP0_EPC, .name = "epc"),
	C64(CP0_EBASE, .name = "ebase"),
	C64(CP0_ERROREPC, .name = "errorepc"),
};

#define OURS(reg)                                                              \
	RANGE(REG_OURS | REG_U32 | REG_OURS_CP0 | (reg), 1, MIPS_REG_CP0, reg)

static const struct reg_range our_regs[] = {
	OURS(CP0_ERRCTL),
	OURS(CP0_TAGLO),
	OURS(CP0_DTAGLO),
	OURS(CP0_TAGHI),
	RANGE(REG_OURS | REG_U128 | REG_OURS_TLB, MIPS_TLB_ENTRIES,
	      MIPS_REG_TLB, 0),
	{.id = REG_OURS | REG_U32 | REG_OURS_SMP | 0x04, .count = 1, .step = 1,
	 .kind = MIPS_REG_SMP_RESULT},
	{.id = REG_OURS | REG_U32 | REG_OURS_SMP | 0x08, .count = 4, .step = 4,
	 .kind = MIPS_REG_SMP, .where = offsetof(struct mips_vcpu, cpu.given),
	 .stride = sizeof(u32)},
};

/* The device has them in this order. */
_Static_assert(offsetof(struct guest_start, arg) ==
		       offsetof(struct guest_start, pc) + 3 * sizeof(u32),
	       "pc, sp, gp, arg");

static const struct reg_range status_regs[] = {
	RANGE(REG_OURS | REG_U32 | REG_OURS_CPU, 1, MIPS_REG_STATUS, 0),
};

const struct reg_range *arch_reg_table(const struct vcpu *vcpu, unsigned int n,
				       unsigned int *count)
{
	switch (n) {
	case 0:
		*count = ARRAY_SIZE(layout_regs);
		return layout_regs;
	case 1:
		*count = ARRAY_SIZE(count_regs);
		return count_regs;
	case 2:
		*count = ARRAY_SIZE(kvm_regs);
		return kvm_regs;
	case 3:
		*count = ARRAY_SIZE(our_regs);
		return our_regs;
	case 4: /* last, for it may wake the vCPU */
		*count = ARRAY_SIZE(status_regs);
		return status_regs;
	default:
		return NULL;
	}
}

/* A CPU that was turned on begins. A device's answer goes where it belongs, which may
 * take the guest's code, and so its tables. */
void arch_regs_settle(struct vcpu *vcpu)
{
	struct mips_vcpu *v = to_mips(vcpu);

	guest_smp_settle(vcpu);
	if (!v->mmio_done)
		return;
	v->mmio_done = false;
	gva_activate(v);
	v->next = mips_guest_complete_mmio(&v->guest);
	gva_deactivate();
}

/* ---- Coprocessor 0 -------------------------------------------------------------- */

#define CAUSE_OWN                                                              \
	(CAUSE_EXC_MASK | CAUSE_CE_MASK | CAUSE_BD | CAUSE_IV |                \
	 CAUSE_IP_SOFTWARE)
/* Interrupts between a guest's CPUs stay until they are taken back: they are state.
 * IP7 is TI's, and the other lines are their devices'. */
#define CAUSE_IPIS (CAUSE_IP(MIPS_GUEST_IPI_IP) | CAUSE_IP(MIPS_GUEST_IPI_IP + 1))
#define CAUSE_MASK (CAUSE_OWN | CAUSE_TI | CAUSE_DC | CAUSE_IP_LINES)
#define CONTEXT_MASK 0xfffffff0U

/* The bits that can be anything; the others are always what they are. */
static u32 mask_of(const struct mips_guest *g, unsigned int reg)
{
	switch (reg) {
	case CP0_INDEX:
		return INDEX_P | (MIPS_TLB_ENTRIES - 1);
	case CP0_CONTEXT:
		return CONTEXT_MASK;
	case CP0_ENTRYHI:
		return HI_VPN2 | g->asid_mask;
	case CP0_CAUSE:
		return CAUSE_MASK;
	case CP0_BADVADDR:
	case CP0_COUNT:
	case CP0_COMPARE:
		return ~0U;
	default:
		return mips_cp0_writable(g, reg);
	}
}

/* What a CPU has in it, whatever the guest wrote over it. */
static u32 get_cp0(struct mips_guest *g, unsigned int reg)
{
	u32 mask = mask_of(g, reg), val = mips_read_cp0(g, reg);

	switch (reg) {
	case CP0_COMPARE:
		return g->compare;
	case CP0_ENTRYHI:
		return (val & HI_VPN2) | g->asid;
	}
	return (val & mask) | (mips_cp0_constant(g, reg) & ~mask);
}

static void set_cause(struct mips_guest *g, u32 val)
{
	g->cp0[CP0_CAUSE] = val & CAUSE_OWN;
	__atomic_fetch_and(&g->lines, ~CAUSE_IPIS, __ATOMIC_SEQ_CST);
	__atomic_fetch_or(&g->lines, val & CAUSE_IPIS, __ATOMIC_SEQ_CST);
	mips_timer_stop(g, val & CAUSE_DC);
	mips_timer_put_pending(g, val & CAUSE_TI);
}

static int set_cp0(struct mips_guest *g, unsigned int reg, u32 val)
{
	u32 mask = mask_of(g, reg);

	if ((val ^ mips_cp0_constant(g, reg)) & ~mask)
		return -EINVAL;
	switch (reg) {
	case CP0_COUNT:
		mips_timer_set_count(g, val);
		break;
	case CP0_COMPARE:
		mips_timer_put_compare(g, val);
		break;
	case CP0_ENTRYHI:
		mips_write_entryhi(g, val);
		break;
	case CP0_CAUSE:
		set_cause(g, val);
		break;
	default:
		g->cp0[reg] = val;
	}
	return 0;
}

/* ---- Time ------------------------------------------------------------------------ */

#define NS 1000000000ULL

static u64 to_ns(u64 ticks)
{
	u64 hz = features.count_hz;

	return ticks / hz * NS + ticks % hz * NS / hz;
}

/* The tick that to_ns() gives `ns` for, or the one after it. */
static u64 from_ns(u64 ns)
{
	u64 hz = features.count_hz;

	return ns / NS * hz + (ns % NS * hz + NS - 1) / NS;
}

static u64 get_count(const struct mips_guest *g, enum mips_count what)
{
	switch (what) {
	case COUNT_CTL:
		return g->timer.held ? COUNT_CTL_DC : 0;
	case COUNT_RESUME:
		return to_ns(g->timer.held_at);
	default:
		return features.count_hz;
	}
}

static int set_count(struct mips_guest *g, enum mips_count what, u64 val)
{
	if (what == COUNT_RESUME) {
		u64 now = g->ops->now(g);

		/* Of a board that has been up for longer; Count comes after it. */
		g->timer.held_at = val > to_ns(now) ? now : from_ns(val);
		return 0;
	}
	if (val & ~(u64)COUNT_CTL_DC)
		return -EINVAL;
	mips_timer_hold(g, val & COUNT_CTL_DC);
	return 0;
}

/* ---- Get and set ------------------------------------------------------------------ */

/* Of the guest, or with MIPS_REG_SMP of the vCPU: it begins with it. */
_Static_assert(!offsetof(struct mips_vcpu, guest), "of both, from one address");
static u32 *word(struct mips_guest *g, const struct reg_range *r, unsigned int n)
{
	return (u32 *)((char *)g + r->where + n * r->stride);
}

/* As the id's size has it. */
static void put(union reg_value *val, const struct reg_range *r, u32 w)
{
	if (reg_size(r->id) == sizeof(u64))
		val->d = (s32)w;
	else
		val->w = w;
}

int arch_reg_get(struct vcpu *vcpu, const struct reg_range *r, unsigned int n,
		 union reg_value *val)
{
	struct mips_guest *g = &to_mips(vcpu)->guest;

	switch (r->kind) {
	case MIPS_REG_WORD:
	case MIPS_REG_SMP:
		put(val, r, *word(g, r, n));
		return 0;
	case MIPS_REG_CP0:
		put(val, r, get_cp0(g, r->where + n));
		return 0;
	case MIPS_REG_COUNT:
		val->d = get_count(g, r->where);
		return 0;
	case MIPS_REG_TLB:
		memcpy(val, &g->tlb[n], sizeof(g->tlb[n]));
		return 0;
	case MIPS_REG_LAYOUT:
		val->w = g->layout.emulated ? LAYOUT_DEPRIVILEGED :
					      LAYOUT_ARCHITECTURAL;
		return 0;
	case MIPS_REG_SMP_RESULT:
		val->w = to_mips(vcpu)->cpu.result;
		return 0;
	default:
		val->w = vcpu->powered ? MIPS_STATUS_ON : 0;
		return 0;
	}
}

static int set_status(struct vcpu *vcpu, u32 val)
{
	if (val & ~(u32)MIPS_STATUS_ON)
		return -EINVAL;
	__atomic_store_n(&vcpu->powered, val & MIPS_STATUS_ON, __ATOMIC_RELEASE);
	return 0;
}

static int set_layout(struct mips_vcpu *v, u32 val)
{
	switch (val) {
	case LAYOUT_DEPRIVILEGED:
		guest_set_layout(v, &MIPS_DEPRIVILEGED);
		return 0;
	case LAYOUT_ARCHITECTURAL:
		if (!segments_available())
			return -EINVAL;
		guest_set_layout(v, &MIPS_ARCHITECTURAL);
		return 0;
	}
	return -EINVAL;
}

static int set_result(struct mips_vcpu *v, u32 val)
{
	if (val > GUEST_SMP_RESULT_LAST)
		return -EINVAL;
	v->cpu.result = val;
	return 0;
}

static int set_word(struct mips_guest *g, u32 *to, u32 val)
{
	if (to == g->gpr && val)
		return -EINVAL;
	*to = val;
	return 0;
}

static int set_tlb(struct mips_guest *g, unsigned int n,
		   const union reg_value *val)
{
	struct mips_tlb_entry e;

	memcpy(&e, val, sizeof(e));
	if (!mips_tlb_is_valid(g, &e))
		return -EINVAL;
	mips_tlb_put(g, n, &e);
	return 0;
}

static int set(struct vcpu *vcpu, const struct reg_range *r, unsigned int n,
	       const union reg_value *val)
{
	struct mips_guest *g = &to_mips(vcpu)->guest;

	if (r->flags & REG_SIGNED && val->d != val->w &&
	    val->d != (u64)(s64)(s32)val->w)
		return -EINVAL;
	switch (r->kind) {
	case MIPS_REG_WORD:
	case MIPS_REG_SMP:
		return set_word(g, word(g, r, n), val->w);
	case MIPS_REG_CP0:
		return set_cp0(g, r->where + n, val->w);
	case MIPS_REG_COUNT:
		return set_count(g, r->where, val->d);
	case MIPS_REG_TLB:
		return set_tlb(g, n, val);
	case MIPS_REG_LAYOUT:
		return set_layout(to_mips(vcpu), val->w);
	case MIPS_REG_SMP_RESULT:
		return set_result(to_mips(vcpu), val->w);
	default:
		return set_status(vcpu, val->w);
	}
}

/* An access of several parts begins anew; SC fails, as it may. */
int arch_reg_set(struct vcpu *vcpu, const struct reg_range *r, unsigned int n,
		 const union reg_value *val)
{
	struct mips_vcpu *v = to_mips(vcpu);
	int err = set(vcpu, r, n, val);

	if (err)
		return err;
	v->next = MIPS_RUN;
	mips_guest_unlink(&v->guest);
	mips_guest_changed(&v->guest);
	vcpu_request(vcpu, REQ_IRQ);
	return 0;
}
