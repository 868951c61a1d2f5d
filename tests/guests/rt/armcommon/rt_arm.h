/* SPDX-License-Identifier: BSD-2-Clause */
/* What both Arms have in common; rt_arch.h of each includes it. */
#ifndef TESTS_GUESTS_RT_ARM_H
#define TESTS_GUESTS_RT_ARM_H

/* An address in which the machine has neither memory nor a device. */
#define HOLE 0x09f00000UL

/* Where guest-physical memory is found: one to one. */
#define ram_at(physical) (physical)

/* Aborts say at which address. */
#define ABORTS_HAVE_FAR 1

#define MMU_HAS_XN 1
#define UART_NAME "PL011"
void print_interrupt_controller(void);

#define isb() __asm__ volatile("isb" ::: "memory")
#define dsb(o) __asm__ volatile("dsb " #o ::: "memory")
#define wfi() __asm__ volatile("wfi" ::: "memory")
#define wfe() __asm__ volatile("wfe" ::: "memory")
#define sev() __asm__ volatile("sev" ::: "memory")

/* ---- Instructions --------------------------------------------------------------- */

/* A function that returns n. */
static inline void put_function(u64 at, unsigned int n)
{
	write32(at, INSN_MOV(n));
	write32(at + 4, INSN_RET);
}

/* For a guest that runs away: a device to push into, and vectors anywhere. */
#define DEVICE_FOR_STACK (machine.gicd + 0x900)
static inline void use_vectors(u64 at)
{
	write_sysreg(vbar_el1, at);
	isb();
}

/* ---- Time ------------------------------------------------------------------- */

#define INTID_VTIMER 27
#define INTID_PTIMER 30

/* ---- GIC -------------------------------------------------------------------- */

void gic_init(void);
void gic_init_cpu(void);
/* Called after acknowledging, before the end of interrupt. NULL: only count. */
void gic_on(unsigned int intid, irq_handler fn);
void gic_enable(unsigned int intid);
void gic_disable(unsigned int intid);
bool gic_is_pending(unsigned int intid);
bool gic_is_active(unsigned int intid);
void gic_set_pending(unsigned int intid);
void gic_clear_pending(unsigned int intid);
void gic_set_active(unsigned int intid, bool active);
void gic_set_priority(unsigned int intid, unsigned int priority);
void gic_set_edge(unsigned int intid, bool edge);
void gic_route(unsigned int intid, unsigned int cpu);
void gic_set_pmr(unsigned int priority);
unsigned int gic_spis(void);
u32 gic_ack(void);
void gic_eoi(u32 iar);
/* EOI drops the priority only; gic_deactivate() is then needed. */
void gic_split_eoi(bool on);
void gic_deactivate(u32 iar);
void gic_send_sgi(unsigned int cpu, unsigned int sgi);
void gic_send_sgi_others(unsigned int sgi);
u64 gic_private_base(void); /* where SGI and PPI registers are: GICD or SGI_base */
void irq_log_clear(void);
/* Acknowledged and handled inside the vector. */
void gic_irq(void);

/* ---- PSCI ----------------------------------------------------------------- */

#define PSCI_VERSION 0x84000000U
#define PSCI_CPU_SUSPEND (PSCI_NATIVE | 1)
#define PSCI_CPU_OFF 0x84000002U
#define PSCI_CPU_ON (PSCI_NATIVE | 3)
#define PSCI_AFFINITY_INFO (PSCI_NATIVE | 4)
#define PSCI_MIGRATE_INFO_TYPE 0x84000006U
#define PSCI_SYSTEM_OFF 0x84000008U
#define PSCI_SYSTEM_RESET 0x84000009U
#define PSCI_FEATURES 0x8400000aU
#define SMCCC_VERSION 0x80000000U
#define NOT_SUPPORTED (-1)
#define INVALID_PARAMETERS (-2)
#define DENIED (-3)
#define ALREADY_ON (-4)
#define INVALID_ADDRESS (-9)

/* Registers 0 and up, in and out. */
void smccc_hvc(u64 regs[SMCCC_REGS]);
void smccc_smc(u64 regs[SMCCC_REGS]);
/* By the conduit that the device tree names; the result is 32 bits signed. */
s32 psci(u32 fn, u64 a1, u64 a2, u64 a3);

/* Another entry for CPU_ON: fills reported_state (its argument, SCTLR, the masked
 * exceptions, the mode, MPIDR; at last [7] = 1) and switches itself off. */
void _report_state(void);
extern u64 reported_state[8];

#endif
