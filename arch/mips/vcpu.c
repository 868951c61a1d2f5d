// SPDX-License-Identifier: BSD-2-Clause
/*
 * VMs and vCPUs: made, reset, loaded.
 */
#include "arch/mips/gpa_choose.h"
#include "arch/mips/gva.h"
#include "arch/mips/mips.h"
#include "arch/mips/segments.h"
#include "core/arch.h"
#include "core/page_alloc.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

#define UHI (-2)

#define VM_ORDER 1
#define VCPU_ORDER 1
_Static_assert(sizeof(struct mips_vm) <= PAGE_SIZE << VM_ORDER, "VM_ORDER");
_Static_assert(sizeof(struct mips_vcpu) <= PAGE_SIZE << VCPU_ORDER,
	       "VCPU_ORDER");

/* ---- VMs ---------------------------------------------------------------------- */

struct vm *arch_vm_alloc(void)
{
	struct mips_vm *vm = hyp_alloc_pages(VM_ORDER, NULL);

	return vm ? &vm->vm : NULL;
}

void arch_vm_free(struct vm *vm)
{
	hyp_free_pages(vm_to_mips(vm), VM_ORDER, NULL);
}

int arch_stage2_config(const struct vm_config *config,
		       struct pgtable_config *s2, struct stage2_refusal *no)
{
	return gpa_choose(config, s2, no);
}

int arch_vm_init(struct vm *vm, const struct vm_config *config)
{
	int err = guest_power_init(vm);

	return err ? err : guest_smp_init(vm);
}

void arch_vm_destroy(struct vm *vm)
{
}

void arch_vm_invalidate_icache(struct vm *vm)
{
	cache_invalidate_instructions();
}

void arch_vm_reset(struct vm *vm)
{
	struct vcpu *vcpu;
	unsigned int i;

	vm_to_mips(vm)->power.value = 0;
	guest_smp_reset(vm);
	for_each_vcpu(i, vcpu, vm)
		__atomic_store_n(&to_mips(vcpu)->guest.lines, 0,
				 __ATOMIC_SEQ_CST);
}

/* The lines of vCPU 0's Cause. */
void arch_vm_set_irq(struct vm *vm, unsigned int irq, bool level)
{
	struct vcpu *vcpu = vm->vcpus[0];

	if (!vcpu || irq < 2 || irq > 6)
		return;
	mips_guest_set_line(&to_mips(vcpu)->guest, irq, level);
	vcpu_request(vcpu, REQ_IRQ);
}

/* ---- vCPUs --------------------------------------------------------------------- */

/*
 * With aliases in the data cache the commpage's own colour is that of where the guest
 * sees it, of ways up to 32 KiB.
 */
static unsigned int commpage_order(void)
{
	return features.aliases ? 3 : 0;
}

static u32 *commpage_block(const struct mips_guest *g)
{
	return (u32 *)ALIGN_DOWN((uintptr_t)g->cp0,
				  PAGE_SIZE << commpage_order());
}

static u32 *commpage_for(const struct mips_guest *g, const struct mips_layout *l)
{
	size_t size = PAGE_SIZE << commpage_order();

	return commpage_block(g) + l->commpage % size / sizeof(*g->cp0);
}

void guest_set_layout(struct mips_vcpu *v, const struct mips_layout *layout)
{
	struct mips_guest *g = &v->guest;
	u32 *to = commpage_for(g, layout);

	gva_drop_all(v);
	if (to != g->cp0)
		memcpy(to, g->cp0, PAGE_SIZE);
	g->layout = *layout;
	g->cp0 = to;
}

struct vcpu *arch_vcpu_alloc(struct vm *vm, unsigned int id)
{
	struct mips_vcpu *v = hyp_alloc_pages(VCPU_ORDER, NULL);

	return v ? &v->vcpu : NULL;
}

void arch_vcpu_free(struct vcpu *vcpu)
{
	struct mips_vcpu *v = to_mips(vcpu);

	timer_cancel_sync(&v->timer);
	timer_cancel_sync(&v->look);
	gva_destroy(v);
	if (v->guest.cp0)
		hyp_free_pages(commpage_block(&v->guest), commpage_order(), NULL);
	hyp_free_pages(v, VCPU_ORDER, NULL);
}

unsigned int arch_max_vcpus(const struct vm *vm)
{
	return VM_MAX_VCPUS;
}

static void compare_is_due(struct timer *t)
{
	vcpu_request(&container_of(t, struct mips_vcpu, timer)->vcpu, REQ_IRQ);
}

/* SYNCI, that a guest's CACHE becomes, works on no less than a line of the host's. */
static u32 line_size(void)
{
	u32 line = 128;

	if (features.icache.line)
		line = min(line, features.icache.line);
	if (features.dcache.line)
		line = min(line, features.dcache.line);
	return max(line, 16U);
}

/* What it takes before it fails, arch_vcpu_free() gives back. */
int arch_vcpu_init(struct vcpu *vcpu)
{
	struct mips_vcpu *v = to_mips(vcpu);

	timer_init(&v->timer, compare_is_due);
	spin_init(v);
	if (!features.name)
		return -ENODEV;
	v->guest.cp0 = hyp_alloc_pages(commpage_order(), NULL);
	if (!v->guest.cp0)
		return -ENOMEM;
	v->guest.layout = MIPS_DEPRIVILEGED;
	v->guest.cp0 = commpage_for(&v->guest, &v->guest.layout);
	v->guest.ops = &guest_ops;
	v->guest.asid_mask = HI_ASID;
	v->guest.id = vcpu->id;
	v->guest.line = line_size();
	if (features.aliases)
		v->guest.dcache_way = features.dcache.way;
	if (features.aliases || features.icache_aliases)
		v->guest.icache_way = features.icache.way;
	return gva_create(v);
}

/* As boot loaders leave it (UHI, MD01069): a0 is -2, a1 the device tree. */
void arch_vcpu_reset(struct vcpu *vcpu, gva_t pc, u64 arg)
{
	struct mips_vcpu *v = to_mips(vcpu);
	struct mips_guest *g = &v->guest;
	struct mips_layout layout = segments_layout(pc.v);

	guest_set_layout(v, &layout);
	mips_guest_reset(g);
	timer_cancel(&v->timer);
	spin_reset(v);
	g->cp0[CP0_STATUS] = ST_BEV;
	g->pc = pc.v;
	g->gpr[4] = (u32)UHI;
	g->gpr[5] = g->layout.kseg0 + (u32)arg;
	v->next = MIPS_RUN;
	v->mmio_done = false;
}

/* Its registers are loaded on every entry. The timer is set by whatever changes it,
 * but by a reset. */
void arch_vcpu_load(struct vcpu *vcpu)
{
	struct mips_vcpu *v = to_mips(vcpu);
	const struct mips_timer *t = &v->guest.timer;

	mips_guest_unlink(&v->guest);
	spin_start(v);
	if (!t->stopped && !t->pending)
		timer_set(&v->timer, t->due);
}

void arch_vcpu_put(struct vcpu *vcpu)
{
	timer_cancel(&to_mips(vcpu)->look);
}

bool arch_vcpu_interrupt_pending(struct vcpu *vcpu)
{
	return mips_guest_interrupted(&to_mips(vcpu)->guest);
}

void arch_vcpu_handle_irq_request(struct vcpu *vcpu)
{
	guest_smp_settle(vcpu);
	mips_timer_update(&to_mips(vcpu)->guest);
}

/* Its registers change when it is entered next, in its own thread. */
void arch_vcpu_complete_mmio(struct vcpu *vcpu, const struct mmio_access *a)
{
	struct mips_vcpu *v = to_mips(vcpu);

	v->guest.mmio.value = a->value;
	v->mmio_done = true;
}

void arch_inject(struct vcpu *vcpu, enum guest_exception what,
		 const struct guest_fault *f)
{
	struct mips_vcpu *v = to_mips(vcpu);

	v->next = MIPS_RUN;
	mips_guest_bus_error(&v->guest);
}

void arch_vcpu_describe(const struct vcpu *vcpu, char *buf, size_t size)
{
	const struct mips_guest *g = &to_mips(vcpu)->guest;

	scnprintf(buf, size, "pc %#x, ra %#x, status %#x", g->pc, g->gpr[31],
		  g->cp0 ? g->cp0[CP0_STATUS] : 0);
}
