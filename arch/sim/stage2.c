// SPDX-License-Identifier: BSD-2-Clause
/*
 * The machine's VMs and their stage 2, for core/, as a port that does all that
 * the rules ask for. In its place, tests link a real port's
 * (arch/sim/testing/port_stage2.c).
 */
#include "arch/sim/machine.h"
#include "core/stage2_tables.h"
#include "core/vmid.h"
#include "lib/errno.h"

void sim_stage2_init(unsigned int ncpus)
{
	vmid_init(sim_features() & SIM_VMID16 ? 16 : 8, ncpus);
}

int arch_stage2_config(const struct vm_config *config,
		       struct pgtable_config *s2, struct stage2_refusal *no)
{
	const struct sim_machine_config *machine = sim_machine();
	unsigned int ipa_bits = config->ipa_bits;
	u32 features = sim_features();
	unsigned int oa_bits = machine->oa_bits ? machine->oa_bits : 40;

	if (!ipa_bits)
		ipa_bits = machine->default_ipa_bits ?
				   machine->default_ipa_bits : 40;
	if (ipa_bits < 32 || ipa_bits > max(oa_bits, 40U))
		return -EINVAL;
	*s2 = (struct pgtable_config){
		.format = machine->format ? machine->format :
					    &pgtable_arm64_s2_4k,
		.ia_bits = ipa_bits,
		.oa_bits = oa_bits,
		.no_blocks = machine->no_blocks,
		.features = (features & SIM_XNX ? PGT_FEAT_XNX : 0) |
			    (features & SIM_FWB ? PGT_FEAT_FWB : 0) |
			    (features & SIM_HDBS ? PGT_FEAT_HAFDBS : 0) |
			    (features & SIM_BBM2 ? PGT_FEAT_BBM2 : 0),
	};
	return 0;
}

static struct vm *vm_of(const struct pgtable *pt)
{
	return pt->env;
}

static void *table_alloc(struct pgtable *pt, struct memcache *mc, size_t size)
{
	void *p = stage2_table_alloc(pt, mc, size);

	if (p)
		sim_table_alloc(p, size);
	return p;
}

static void table_free(struct pgtable *pt, void *table, size_t size)
{
	sim_table_free(table, size);
	stage2_table_free(pt, table, size);
}

static void table_sync(struct pgtable *pt, void *entry, size_t size)
{
	if (!sim_vm(vm_of(pt))->env.skip_sync)
		sim_table_sync(entry, size);
}

/*
 * What it takes to invalidate by VMID on this CPU. False: the VM never had a
 * VMID, so no TLB knows it.
 */
static bool flush_env(const struct pgtable *pt, struct sim_env *env)
{
	struct vm *vm = vm_of(pt);

	sim_be_cpu(this_cpu()->id);
	*env = sim_vm(vm)->env;
	/* As vmid_value(), in an atomic load: other CPUs may store it now. */
	env->vmid = __atomic_load_n(&vm->vmid.id, __ATOMIC_SEQ_CST);
	env->vtcr = sim_vtcr_of(pt);
	return env->vmid;
}

static void tlb_flush_addr(struct pgtable *pt, ia_t ia, int level)
{
	struct sim_env env;

	if (flush_env(pt, &env))
		sim_flush_addr(&env, pt, ia.v, level);
}

static void tlb_flush_range(struct pgtable *pt, ia_t ia, u64 size, int level)
{
	struct sim_env env;

	if (flush_env(pt, &env))
		sim_flush_range(&env, pt, ia.v, size, level);
}

static void tlb_flush_all(struct pgtable *pt)
{
	struct sim_env env;

	if (flush_env(pt, &env))
		sim_flush_all(&env, pt);
}

static void page_clean(struct pgtable *pt, hpa_t pa, u64 size)
{
	sim_page_clean(pa.v, size);
}

const struct pgtable_ops arch_stage2_ops = {
	.table_alloc = table_alloc,
	.table_free = table_free,
	.table_count = stage2_table_count,
	.to_phys = stage2_to_phys,
	.to_virt = stage2_to_virt,
	.tlb_flush_addr = tlb_flush_addr,
	.tlb_flush_range = tlb_flush_range,
	.tlb_flush_all = tlb_flush_all,
	.table_sync = table_sync,
	.page_clean = page_clean,
};

/* ---- VMs ----------------------------------------------------------------------------- */

#define VM_ORDER 1

struct vm *arch_vm_alloc(void)
{
	struct sim_vm *v = hyp_alloc_pages(VM_ORDER, NULL);

	_Static_assert(sizeof(*v) <= PAGE_SIZE << VM_ORDER, "a VM's pages");
	if (!v)
		return NULL;
	for (unsigned int cpu = 0; cpu < SIM_CPUS; cpu++)
		v->last_vcpu[cpu] = -1;
	return &v->vm;
}

void arch_vm_free(struct vm *vm)
{
	hyp_free_pages(sim_vm(vm), VM_ORDER, NULL);
}

int arch_vm_init(struct vm *vm, const struct vm_config *config)
{
	return 0;
}

void arch_vm_destroy(struct vm *vm)
{
}

void arch_vm_invalidate_icache(struct vm *vm)
{
	sim_be_cpu(this_cpu()->id);
	sim_vm(vm)->icache_invalidations++;
	sim_ic_iallu(true);
}

/* ---- On a CPU ------------------------------------------------------------------------- */

/* Stage 1 and 2 of the VMID, on this CPU alone. */
static void flush_vmid_locally(void)
{
	sim_tlbi(sim_features() & SIM_ARMV7 ? SIM_TLBIALL : SIM_VMALLE1, 0);
	sim_ic_iallu(false);
	sim_dsb_of(SIM_DSB_NSH);
	sim_isb();
}

static void flush_every_vmid_locally(void)
{
	sim_tlbi(sim_features() & SIM_ARMV7 ? SIM_TLBIALLNSNH : SIM_ALLE1, 0);
	sim_ic_iallu(false);
	sim_dsb_of(SIM_DSB_NSH);
	sim_isb();
}

/* VMID, VTTBR_EL2, and what the vCPU that was here before left in the TLB. */
void sim_stage2_load(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	unsigned int cpu = this_cpu()->id;
	s8 *last = &sim_vm(vm)->last_vcpu[cpu];
	bool flush = false;
	u16 vmid = vmid_use(&vm->vmid, cpu, &flush);

	if (sim_machine_faults.vmid_zero)
		vmid = 0;
	sim_write_vttbr(sim_vtcr_of(&vm->s2),
			sim_make_vttbr(vm->s2.root_pa.v, vmid));
	if (flush && !sim_machine_faults.no_rollover_flush)
		flush_every_vmid_locally();
	if (*last != (s8)vcpu->id && !sim_machine_faults.no_vcpu_flush)
		flush_vmid_locally();
	*last = vcpu->id;
}

/* Two entries for one address: both go, and the guest tries again (D8.16.1). */
void sim_stage2_conflict(void)
{
	sim_tlbi(SIM_VMALLS12E1, 0);
	sim_dsb();
	sim_isb();
}
