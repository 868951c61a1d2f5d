// SPDX-License-Identifier: BSD-2-Clause
/* VMs of core/ with the stage 2 of an Arm port: see port_cpu.h. */
#include "arch/sim/testing/port_cpu.h"
#include <string.h>
#include "arch/armcommon/arm.h"
#include "arch/armcommon/machine.h"
#include "arch/sim/machine.h"
#include "core/vmid.h"
#include "drivers/irqchip.h"

struct arm_features features;
struct irqchip irqchip;

bool machine_gicv_fits(u64 granule)
{
	return true;
}

/* ---- What CPUs can do --------------------------------------------------------------- */

static u32 port_features(u32 f)
{
	return (f & SIM_XNX ? STAGE2_XNX : 0) |
	       (f & SIM_FWB ? STAGE2_FWB : 0) |
	       (f & SIM_HDBS ? STAGE2_HAFDBS : 0) |
	       (f & SIM_BBM2 ? STAGE2_BBM2 : 0) |
	       (f & SIM_TTL ? STAGE2_TTL : 0) |
	       (f & SIM_TLBIRANGE ? STAGE2_TLBIRANGE : 0) |
	       (f & SIM_LPA ? STAGE2_LPA : 0) |
	       (f & SIM_LPA2 ? STAGE2_LPA2 : 0) |
	       (f & SIM_ARMV7 ? STAGE2_LPAE : 0);
}

/* ---- The engine's environment ------------------------------------------------------- */

extern const struct pgtable_ops __real_arch_stage2_ops;
extern struct pgtable_ops __wrap_arch_stage2_ops;
#define real __real_arch_stage2_ops

static void *table_alloc(struct pgtable *pt, struct memcache *mc, size_t size)
{
	void *p = real.table_alloc(pt, mc, size);

	if (p)
		sim_table_alloc(p, size);
	return p;
}

static void table_free(struct pgtable *pt, void *table, size_t size)
{
	sim_table_free(table, size);
	real.table_free(pt, table, size);
}

static void table_sync(struct pgtable *pt, void *entry, size_t size)
{
	port_stores_done();
	real.table_sync(pt, entry, size);
	if (port_stores_done())
		sim_table_sync(entry, size);
}

/* bugs.md 26: whoever was selected is selected again, all of it. */
static void check_put_back(const struct port_registers *was)
{
	struct port_registers now = port_registers();

	if (memcmp(was, &now, sizeof(now)))
		sim_report(SIM_REGISTER, now.vttbr,
			   "an invalidation leaves other registers than it found");
}

static void tlb_flush_addr(struct pgtable *pt, ia_t ia, int level)
{
	struct port_registers was = port_registers();

	real.tlb_flush_addr(pt, ia, level);
	check_put_back(&was);
}

static void tlb_flush_range(struct pgtable *pt, ia_t ia, u64 size, int level)
{
	struct port_registers was = port_registers();

	real.tlb_flush_range(pt, ia, size, level);
	check_put_back(&was);
}

static void tlb_flush_all(struct pgtable *pt)
{
	struct port_registers was = port_registers();

	real.tlb_flush_all(pt);
	check_put_back(&was);
}

/* The port's, but for what the machine is told of on the way. */
struct pgtable_ops __wrap_arch_stage2_ops;

static void wrap_ops(void)
{
	struct pgtable_ops *ops = &__wrap_arch_stage2_ops;

	*ops = real;
	ops->table_alloc = table_alloc;
	ops->table_free = table_free;
	ops->table_sync = table_sync;
	ops->tlb_flush_addr = tlb_flush_addr;
	ops->tlb_flush_range = tlb_flush_range;
	ops->tlb_flush_all = tlb_flush_all;
}

void sim_stage2_init(unsigned int ncpus)
{
	unsigned int oa_bits = sim_machine()->oa_bits;
	u32 f = sim_features();

	port_cpus_init();
	irqchip.version = 3;
	features = (struct arm_features){ .stage2 = {
		.pa_bits = oa_bits ? oa_bits : 40,
		.vmid_bits = f & SIM_VMID16 ? 16 : 8,
		.granules = f & SIM_ARMV7 ? SZ_4K : SZ_4K | SZ_16K | SZ_64K,
		.granules52 = (f & SIM_LPA2 ? SZ_4K | SZ_16K : 0) |
			      (f & SIM_LPA ? SZ_64K : 0),
		.features = port_features(f),
	} };
	wrap_ops();
	vmid_init(features.stage2.vmid_bits, ncpus);
}

/* ---- VMs, as arch/armcommon/vcpu.c has them ------------------------------------------- */

#define VM_ORDER 1

struct vm *arch_vm_alloc(void)
{
	struct arm_vm *vm = hyp_alloc_pages(VM_ORDER, NULL);

	_Static_assert(sizeof(*vm) <= PAGE_SIZE << VM_ORDER, "a VM's pages");
	return vm ? &vm->vm : NULL;
}

void arch_vm_free(struct vm *vm)
{
	hyp_free_pages(vm_to_arm(vm), VM_ORDER, NULL);
}

int arch_vm_init(struct vm *vm, const struct vm_config *config)
{
	struct arm_vm *a = vm_to_arm(vm);

	stage2_init_vm(a, config);
	memset(a->last_vcpu, -1, sizeof(a->last_vcpu));
	return 0;
}

void arch_vm_destroy(struct vm *vm)
{
}

void __real_arch_vm_invalidate_icache(struct vm *vm);
void __wrap_arch_vm_invalidate_icache(struct vm *vm);

/* bugs.md 13: no CPU's is left out. */
void __wrap_arch_vm_invalidate_icache(struct vm *vm)
{
	unsigned long before = port_icache_broadcasts();

	__real_arch_vm_invalidate_icache(vm);
	if (port_icache_broadcasts() == before)
		sim_report(SIM_ICACHE_STALE, 0, "a VM is reset");
}

/* What each vCPU's guest has: the MMU off, the short format, the long one. */
static u64 guest_tcr(const struct vcpu *vcpu)
{
	return vcpu->id % 3 < 2 ? 0x19 : BIT64(31) | 0x3519;
}

/* The vCPU that was here before has been put; this one is entered. */
void sim_stage2_load(struct vcpu *vcpu)
{
	struct arm_vcpu v = { .vcpu = { .vm = vcpu->vm, .id = vcpu->id } };

	v.el1[EL1_TCR] = guest_tcr(vcpu);
	v.el1[EL1_SCTLR] = vcpu->id % 3 ? SCTLR_EL1_RESET | SCTLR_M :
					  SCTLR_EL1_RESET;
	el1_block_translation();
	stage2_load(&v);
	el1_restore_translation(&v);
	port_check_predictor(vcpu->id);
}

void sim_stage2_conflict(void)
{
	stage2_resolve_conflict();
}
