// SPDX-License-Identifier: BSD-2-Clause
#include "arch/armcommon/testing/fake_cpu.h"

#include <stdio.h>
#include <stdlib.h>

#include "arch/armcommon/layout.h"
#include "arch/armcommon/smccc.h"
#include "drivers/irqchip.h"
#include "lib/errno.h"
#include "lib/log.h"
#include "lib/string.h"

#define MAX_REGS 256

static struct {
	const char *name;
	u64 v;
} regs[MAX_REGS];
static unsigned int reg_count;

static struct cpu cpu;
static struct arm_cpu arm_cpu;
struct el2_layout layout;
struct irqchip irqchip;

int fake_fault_result;
struct guest_fault fake_fault;
unsigned int fake_faults;
int fake_mmio_result;
u64 fake_mmio_value;
struct mmio_access fake_mmio;
bool fake_ipa_lost;
gpa_t fake_ipa;
unsigned int fake_flush_steps;
unsigned int fake_vm_flushes, fake_sgis, fake_vgic_flushes, fake_conflicts;
enum smccc_result fake_smccc_result;
u64 fake_ptimer[3];
struct fpsimd_state fake_fpsimd;
unsigned int fake_fpsimd_saves, fake_fpsimd_restores;

static u64 *reg(const char *name)
{
	for (unsigned int i = 0; i < reg_count; i++)
		if (!strcmp(regs[i].name, name))
			return &regs[i].v;
	if (reg_count == MAX_REGS)
		abort();
	regs[reg_count].name = name;
	regs[reg_count].v = 0;
	return &regs[reg_count++].v;
}

u64 test_sysreg_read(const char *name)
{
	return *reg(name);
}

void test_sysreg_write(const char *name, u64 v)
{
	*reg(name) = v;
}

u64 fake_reg(const char *name)
{
	return *reg(name);
}

void fake_set_reg(const char *name, u64 v)
{
	*reg(name) = v;
}

void fake_cpu_reset(struct arm_vcpu *v, struct arm_vm *vm)
{
	reg_count = 0;
	memset(&cpu, 0, sizeof(cpu));
	memset(v, 0, sizeof(*v));
	memset(vm, 0, sizeof(*vm));
	v->vcpu.vm = &vm->vm;
	v->hcr = GUEST_HCR;
	fake_set_reg("hcr_el2", v->hcr);
	arm_cpu = (struct arm_cpu){.cpu = &cpu};
	fake_set_reg("tpidr_el2", (uintptr_t)&arm_cpu);
	cpu.loaded = &v->vcpu;
	fake_fault_result = FAULT_HANDLED;
	fake_flush_steps = 0;
	fake_faults = fake_vm_flushes = fake_sgis = fake_vgic_flushes = 0;
	fake_conflicts = 0;
	fake_mmio_result = 0;
	fake_mmio_value = 0;
	fake_ipa_lost = false;
	fake_smccc_result = SMCCC_RESUME;
	fake_fpsimd_saves = fake_fpsimd_restores = 0;
}

/* ---- What the handlers call ------------------------------------------------ */

struct cpu *this_cpu(void)
{
	return &cpu;
}

_Noreturn void panic(const char *fmt, ...)
{
	fprintf(stderr, "panic: %s\n", fmt);
	abort();
}

int fault_handle(struct vcpu *vcpu, const struct guest_fault *f)
{
	fake_faults++;
	fake_fault = *f;
	return fake_fault_result;
}

static int device_access(struct mmio_device *dev, struct vcpu *vcpu,
			 struct mmio_access *a)
{
	fake_mmio = *a;
	if (!a->write)
		a->value = fake_mmio_value;
	return fake_mmio_result;
}

static const struct mmio_ops device_ops = {.access = device_access};
struct mmio_device fake_device = {
	.ops = &device_ops,
	.base = {0x09000000},
	.size = 0x1000,
};

struct mmio_device *mmio_find(const struct mmio_bus *bus, gpa_t gpa)
{
	return gpa.v - fake_device.base.v < fake_device.size ? &fake_device :
							       NULL;
}

bool stage2_fault_ipa(unsigned long esr, u64 far, gpa_t *out)
{
	*out = fake_ipa;
	return !fake_ipa_lost;
}

void stage2_resolve_conflict(void)
{
	fake_conflicts++;
}

bool stage2_flush_vm(struct vcpu *vcpu, u64 *next)
{
	if (fake_flush_steps) {
		fake_flush_steps--;
		return false;
	}
	fake_vm_flushes++;
	return true;
}

enum smccc_result smccc_handle(struct vcpu *vcpu, u64 *x)
{
	return fake_smccc_result;
}

void vgic_flush(struct vcpu *vcpu)
{
	fake_vgic_flushes++;
}

void vgic_send_sgi_reg(struct vcpu *vcpu, u64 sgi1r, bool group1)
{
	fake_sgis++;
}

u64 ptimer_read(struct vcpu *vcpu, enum ptimer_register r)
{
	return fake_ptimer[r];
}

void ptimer_write(struct vcpu *vcpu, enum ptimer_register r, u64 v)
{
	fake_ptimer[r] = v;
}

void irq_handle(void)
{
}

/* EL2's own use of them is trapped as well. */
static void fpsimd_use(void)
{
	if (fake_reg("cptr_el2") & CPTR_TFP)
		abort();
}

void fpsimd_save(struct fpsimd_state *s)
{
	fpsimd_use();
	fake_fpsimd_saves++;
	*s = fake_fpsimd;
}

void fpsimd_restore(const struct fpsimd_state *s)
{
	fpsimd_use();
	fake_fpsimd_restores++;
	fake_fpsimd = *s;
}
