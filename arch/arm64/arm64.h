/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the arm64 port share.
 */
#ifndef ARM64_ARM64_H
#define ARM64_ARM64_H

#include "arch/arm64/asm_offsets.h"
#include "arch/arm64/registers.h"
#include "arch/arm64/stage2_encode.h"
#include "arch/armcommon/psci.h"
#include "arch/armcommon/vgic.h"
#include "arch/armcommon/vtimer.h"
#include "core/cpu.h"
#include "core/vcpu.h"
#include "core/vm.h"
#include "drivers/uart.h"
#include "lib/types.h"

/* ---- The image's parts (image.lds) ------------------------------------- */

extern char image_start[], text_end[], idmap_start[], rodata_end[];
extern char data_end[], image_end[], vectors[];

/* The board's UART, from early_main() on. */
extern struct uart console_uart;

/* ---- Physical CPUs -------------------------------------------------------- */

/* TPIDR_EL2 points here. vectors.S knows the offsets. */
struct arm64_cpu {
	struct cpu *cpu;
	u64 panic_sp;      /* top of the stack that panics run on */
	u64 panic_regs[2]; /* scratch of the fatal vectors */
	unsigned int serrors_to_drop; /* given to their guest already */
	bool translation_blocked;     /* el1_block_translation() */
};

static inline struct arm64_cpu *arm64_this_cpu(void)
{
	return (struct arm64_cpu *)sysreg_read(tpidr_el2);
}

/* What the CPUs can do and the port goes by. A CPU that differs in any of it
 * from the boot CPU is refused: features_same(). */
struct arm64_features {
	struct stage2_cpu stage2;
	bool fwb, ras, pan, ssbs, gicv3;
	bool idc, dic;     /* CTR_EL0: what cache maintenance may be left out */
	unsigned int breakpoints, watchpoints;
};
extern struct arm64_features features;

void features_detect(void);
/* Is this CPU like the boot CPU, in what guests see of it too? */
bool features_same(void);
/* HCR_EL2 and the rest that stays the same for every guest. */
void traps_init_cpu(void);

/* ---- EL2's own tables (mmu.c) ------------------------------------------- */

/* The run-time tables, with the console and the device tree in them; running
 * on them when it returns. Boot CPU, before the page allocator. */
void mmu_init(void);
/* No CPU uses the boot tables, nor the identity map in them, any more. */
void mmu_drop_boot_tables(void);
/* Registers, device attributes; stays for good. NULL: no room. */
volatile void *mmu_map_io(hpa_t pa, u64 size);
/* Slots of each CPU for page access. */
int mmu_init_cpu(unsigned int cpu);
/* For a panic: false too while the tables are being changed. */
bool mmu_is_mapped(u64 va);

/* ---- Guests --------------------------------------------------------------- */

enum el1_register {
	EL1_SCTLR, EL1_CPACR, EL1_TTBR0, EL1_TTBR1, EL1_TCR,
	EL1_ESR, EL1_AFSR0, EL1_AFSR1, EL1_FAR, EL1_MAIR, EL1_AMAIR, EL1_VBAR,
	EL1_CONTEXTIDR, EL1_TPIDR_EL0, EL1_TPIDRRO_EL0, EL1_TPIDR_EL1,
	EL1_CNTKCTL, EL1_PAR, EL1_ELR, EL1_SPSR, EL1_SP_EL0, EL1_SP_EL1,
	EL1_CSSELR, EL1_MDSCR, EL1_VDISR, EL1_REGISTERS,
};

struct fpsimd_state {
	u64 v[64] __attribute__((aligned(16)));
	u32 fpsr, fpcr;
};

/* Hardware debug registers, as many as the CPU has. */
struct debug_state {
	u64 bvr[16], bcr[16], wvr[16], wcr[16];
};

struct arm64_vcpu {
	/* First, where vectors.S finds them. */
	u64 x[31];
	u64 pc, pstate;
	struct vcpu vcpu;
	u64 el1[EL1_REGISTERS];
	u64 hcr;
	u64 vmpidr;
	struct fpsimd_state fpsimd;
	bool debug_used;          /* debug registers are the guest's */
	struct debug_state debug;
	u32 mmio_iss;             /* of the access that is emulated */
	bool mmio_swap;           /* it is big-endian */
	u64 esr;                  /* of the exit under way */
	u64 flush_next;           /* where stage2_flush_vm() goes on */
	struct vgic_cpu vgic;
	struct vtimer vtimer;
	struct psci_cpu psci;
};

struct arm64_vm {
	struct vm vm;
	struct vgic vgic;
	struct vtimer_vm vtimer;
	u64 vtcr;
	struct stage2_tlbi tlbi;
	/* The vCPU that last ran on each CPU (K8). */
	s8 last_vcpu[MAX_CPUS];
};

static inline struct arm64_vcpu *to_arm64(const struct vcpu *v)
{
	return container_of(v, struct arm64_vcpu, vcpu);
}

static inline struct arm64_vm *vm_to_arm64(const struct vm *vm)
{
	return container_of(vm, struct arm64_vm, vm);
}

/* Register number of an instruction; 31 reads as zero and is not written. */
static inline u64 vcpu_get_x(const struct arm64_vcpu *v, unsigned int n)
{
	return n < 31 ? v->x[n] : 0;
}

static inline void vcpu_set_x(struct arm64_vcpu *v, unsigned int n, u64 val)
{
	if (n < 31)
		v->x[n] = val;
}

/* PSTATE.SS and PSTATE.BTYPE are cleared by an instruction that completes. */
#define SPSR_SS_BTYPE ((1UL << 21) | (3UL << 10))

/* aarch32.c: a guest's EL0 may be in AArch32. */
void aarch32_skip_instruction(struct arm64_vcpu *v);
bool aarch32_condition_fails(const struct arm64_vcpu *v, u64 esr);

static inline bool vcpu_is_aarch32(const struct arm64_vcpu *v)
{
	return v->pstate & SPSR_AARCH32;
}

static inline void vcpu_skip_instruction(struct arm64_vcpu *v)
{
	if (unlikely(vcpu_is_aarch32(v)))
		return aarch32_skip_instruction(v);
	v->pc += 4;
	v->pstate &= ~(u64)SPSR_SS_BTYPE;
}

/* Why a guest is left. */
enum leave {
	LEAVE_CHECK = 1, /* requests or the scheduler */
	LEAVE_WAIT,      /* it waits for an interrupt */
	LEAVE_EXIT,      /* vcpu->exit is filled in */
};

/*
 * What every guest runs with: stage 2; physical interrupts to EL2 and virtual
 * ones to it; SMC, ID registers, ACTLR, implementation-defined registers,
 * set/way operations and limited-ordering registers trapped; maintenance
 * broadcast inner-shareable. TWI and TWE are added when others wait.
 */
#define GUEST_HCR                                                              \
	(HCR_VM | HCR_SWIO | HCR_FMO | HCR_IMO | HCR_AMO | HCR_FB |            \
	 HCR_BSU_IS | HCR_TSC | HCR_TID3 | HCR_TACR | HCR_TIDCP | HCR_TSW |    \
	 HCR_TLOR | (u64)HCR_RW)

/* vectors.S: run the guest until an exit handler returns non-zero. */
int guest_enter(struct arm64_vcpu *v);
/* Called by the vectors; 0: back into the guest. */
int guest_exit_sync(struct arm64_vcpu *v, u64 esr);
int guest_exit_irq(struct arm64_vcpu *v);
int guest_exit_serror(struct arm64_vcpu *v, u64 esr);

/* sysreg.c: a trapped MRS, MSR or SYS. */
enum trap_result {
	TRAP_DONE,
	TRAP_UNDEFINED, /* for this guest */
	TRAP_AGAIN,     /* long work is not finished: execute it once more */
};
enum trap_result sysreg_trap(struct arm64_vcpu *v, u32 iss);
/* Are these the ID registers that guests are told? */
bool sysreg_ids_same(void);
/* What guests are told of the CPU; after features_detect(). */
void sysreg_init(void);

/* inject.c: an exception to EL1, as the hardware would take it. */


void inject_undefined(struct arm64_vcpu *v);
void inject_serror(struct arm64_vcpu *v);

/* vectors.S */
void fpsimd_save(struct fpsimd_state *s);
void fpsimd_restore(const struct fpsimd_state *s);
/* state.c: the EL1 context, debug registers. */
void el1_save(struct arm64_vcpu *v);
void el1_restore(const struct arm64_vcpu *v);
/*
 * TCR_EL1 and SCTLR_EL1 are not part of the above. While VTTBR_EL2 changes, no
 * walk of EL1's tables may start, or a CPU that speculates address translation
 * instructions fills its TLB with one guest's tables under another's VMID (A57
 * erratum 1319537, A72 1319367, A55 1530923, A76 1165522): walks are blocked from
 * el1_save() on, and allowed again once VTTBR_EL2 is the vCPU's.
 */
void el1_restore_translation(const struct arm64_vcpu *v);
void el1_block_translation(void);
/*
 * No walk of either stage starts: TCR_EL1.EPD0 and 1, which stop stage 1's only
 * while SCTLR_EL1.M is set; with M clear every address would go to stage 2 as
 * it is. The caller has what was in both registers.
 */
void el1_stop_walks(void);
/* One register of the context: the CPU's while the vCPU is loaded here. */
u64 el1_read(const struct arm64_vcpu *v, enum el1_register r);
void el1_write(struct arm64_vcpu *v, enum el1_register r, u64 val);

void debug_restore(const struct debug_state *d);

/* irq.c: handle every physical interrupt that is pending on this CPU. */
void irq_handle(void);
/* Interrupts of the hypervisor's own, from the board's device tree. */
void irq_init(const void *fdt);
void irq_init_cpu(void);

/* cache.c */
void dcache_clean_poc(u64 va, u64 size);
/* What core/page_access.h calls to publish, of mapped memory. */
void cache_publish(u64 va, u64 size);
/* Normal memory only. */
void zero_range(u64 va, u64 size);
/*
 * stage2.c: everything a VM has mapped, cleaned and invalidated (K10), step by
 * step: from *next on, until it is done (true, *next is 0 again) or the vCPU has
 * something else to look at (false).
 */
bool stage2_flush_vm(struct vcpu *vcpu, u64 *next);
/* After s2 is there. */
void stage2_init_vm(struct arm64_vm *vm, const struct vm_config *config);
/* The guest on this CPU met two TLB entries for one address. */
void stage2_resolve_conflict(void);
/* Before a guest is entered: its VMID and tables are this CPU's. */
void stage2_load(struct arm64_vcpu *v);
/* The page that HPFAR_EL2 names, the rest from the virtual address. */
static inline gpa_t hpfar_to_gpa(u64 far)
{
	return GPA(((sysreg_read(hpfar_el2) & GENMASK64(43, 4)) << 8) |
		   (far & (PAGE_SIZE - 1)));
}
/* Fault address as the CPU reports it: HPFAR_EL2, or a walk where it is not
 * valid. False: the translation changed meanwhile; run the guest again. */
bool stage2_fault_ipa(u64 esr, u64 far, gpa_t *out);

/* smp.c: start every CPU that the device tree has; wait until they are up. */
void smp_prepare_boot_cpu(void);
void smp_start(const void *fdt);
/* None was started that may still be on its way, through the boot tables. */
bool smp_all_are_up(void);
/* What each CPU does to itself, secondaries before they go idle. -ENODEV: the
 * interrupt controller has no interface for it, or it differs from the boot CPU;
 * it must not be used. */
int cpu_init(void);

#endif
