// SPDX-License-Identifier: BSD-2-Clause
/* The machine, its VMs and their stage 2, for core/. */
#include "arch/sim/machine.h"
#include <stdlib.h>
#include "core/memcache.h"
#include "core/page_alloc.h"
#include "core/testing/fake_arch.h"
#include "core/vmid.h"
#include "lib/errno.h"

struct sim_machine_faults sim_machine_faults;

static struct sim_machine_config machine;
static void *meta;

void sim_machine_init(const struct sim_machine_config *config)
{
	u64 end = SIM_RAM + config->sim.ram;
	size_t size = page_alloc_meta_size(HPA(SIM_RAM), HPA(end));

	machine = *config;
	sim_machine_faults = (struct sim_machine_faults){ 0 };
	sim_init(&config->sim);
	fake_cpus_init(config->sim.cpus);
	meta = malloc(size);
	page_alloc_init(meta, HPA(SIM_RAM), HPA(end));
	page_alloc_add(HPA(SIM_RAM), config->sim.ram);
	if (config->modules)
		page_alloc_reserve(HPA(sim_machine_modules()), config->modules);
	vmid_init(config->sim.features & SIM_VMID16 ? 16 : 8, config->sim.cpus);
}

void sim_machine_exit(void)
{
	vmid_exit();
	sim_exit();
	free(meta);
}

u64 sim_machine_modules(void)
{
	return SIM_RAM + machine.sim.ram - machine.modules;
}

u64 sim_machine_pages_used(void)
{
	struct page_stats st;

	page_alloc_stats(&st);
	return st.used[PAGE_HYP] + st.used[PAGE_GUEST];
}

/* ---- Stage 2 --------------------------------------------------------------------- */

int arch_stage2_config(const struct vm_config *config,
		       struct pgtable_config *s2, struct stage2_refusal *no)
{
	unsigned int ipa_bits = config->ipa_bits;
	u32 features = sim_features();
	unsigned int oa_bits = machine.oa_bits ? machine.oa_bits : 40;

	if (!ipa_bits)
		ipa_bits = machine.default_ipa_bits ?
				   machine.default_ipa_bits : 40;
	if (ipa_bits < 32 || ipa_bits > max(oa_bits, 40U))
		return -EINVAL;
	*s2 = (struct pgtable_config){
		.format = machine.format ? machine.format :
					   &pgtable_arm64_s2_4k,
		.ia_bits = ipa_bits,
		.oa_bits = oa_bits,
		.no_blocks = machine.no_blocks,
		.features = (features & SIM_XNX ? PGT_FEAT_XNX : 0) |
			    (features & SIM_FWB ? PGT_FEAT_FWB : 0) |
			    (features & SIM_HDBS ? PGT_FEAT_HAFDBS : 0) |
			    (features & SIM_BBM2 ? PGT_FEAT_BBM2 : 0),
	};
	return 0;
}

static unsigned int order_of(size_t size)
{
	return __builtin_ctzl(size >> PAGE_SHIFT);
}

static struct vm *vm_of(const struct pgtable *pt)
{
	return pt->env;
}

static void *table_alloc(struct pgtable *pt, struct memcache *mc, size_t size)
{
	void *p;

	if (mc)
		p = PAGE_SIZE << mc->order == size ? memcache_pop(mc) : NULL;
	else
		p = hyp_alloc_pages(order_of(size), &vm_of(pt)->table_budget);
	if (p)
		sim_table_alloc(p, size);
	return p;
}

static void table_free(struct pgtable *pt, void *table, size_t size)
{
	sim_table_free(table, size);
	for (size_t at = 0; at < size; at += PAGE_SIZE)
		*hyp_page_count((char *)table + at) = 1;
	hyp_free_pages(table, order_of(size), &vm_of(pt)->table_budget);
}

static u32 *table_count(struct pgtable *pt, void *table)
{
	return hyp_page_count(table);
}

static hpa_t to_phys(struct pgtable *pt, const void *table)
{
	return arch_virt_to_phys(table);
}

static void *to_virt(struct pgtable *pt, hpa_t pa)
{
	return arch_phys_to_virt(pa);
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
	.table_count = table_count,
	.to_phys = to_phys,
	.to_virt = to_virt,
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
