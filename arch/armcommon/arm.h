/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What both Arm ports share, and where a port ends and the other begins.
 *
 * ARMv7's Hyp mode and AArch64's EL2 are one design: two stages, the same
 * syndromes, the same traps by the same bits, registers that the architecture
 * maps onto each other (DDI 0487, the "AArch32 System register ... is
 * architecturally mapped to" of each register). So what is in this room is
 * written once, with AArch64's names, and each port gives them their meaning:
 *
 *   <port.h>         found in the port's own room (-Iarch/PORT). Through its
 *                    registers.h: sysreg_read(), sysreg_write(), tlbi(), ic(),
 *                    isb(), dsb() by AArch64 names: MRS and MSR, or the CP15
 *                    register. Bits of HCR_EL2, ESR_EL2 and the like. struct
 *                    port_regs, port_vcpu, port_vm, port_features, fpsimd_state;
 *                    EL1_CONTEXT, EL1_TRANSLATION: the registers of a guest
 *   <port_inline.h>  what of it needs a struct arm_vcpu: a guest's registers by
 *                    number, the byte order of its data, where it faulted
 *
 * A 32-bit port's addresses of its own have 32 bits, physical ones 40: a
 * physical address is never a pointer, and memory that the linear map does not
 * reach is mapped only while it is used (core/page_access.h).
 */
#ifndef ARMCOMMON_ARM_H
#define ARMCOMMON_ARM_H

#include "arch/armcommon/psci.h"
#include "arch/armcommon/stage2_choose.h"
#include "arch/armcommon/vgic.h"
#include "arch/armcommon/vtimer.h"
#include "core/cpu.h"
#include "core/vcpu.h"
#include "core/vm.h"
#include "drivers/uart.h"
#include "lib/types.h"

#include <port.h>

/* ---- The image's parts (image.lds) ------------------------------------- */

extern char image_start[], text_end[], idmap_start[], rodata_end[];
extern char data_end[], image_end[], vectors[];
extern char boot_stack_guard[]; /* the page below it */

/* The board's UART, from early_main() on. */
extern struct uart console_uart;

/* ---- Physical CPUs -------------------------------------------------------- */

/* TPIDR_EL2 points here. vectors.S knows the offsets. */
struct arm_cpu {
	struct cpu *cpu;
	uintptr_t panic_sp;      /* top of the stack that panics run on */
	uintptr_t panic_regs[3]; /* scratch of the fatal vectors */
	unsigned int serrors_to_drop; /* given to their guest already */
	bool translation_blocked;     /* el1_block_translation() */
};

static inline struct arm_cpu *arm_this_cpu(void)
{
	return (struct arm_cpu *)(uintptr_t)sysreg_read(tpidr_el2);
}

/* What the CPUs can do and the port goes by. A CPU that differs in any of it
 * from the boot CPU is refused: features_same(). */
struct arm_features {
	struct stage2_cpu stage2;
	bool fwb, ras;
	bool idc, dic; /* CTR_EL0: what cache maintenance may be left out */
	struct port_features port;
};
extern struct arm_features features;

/* The port's: this CPU's features, after the interrupt controller is found. */
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
bool mmu_is_mapped(uintptr_t va);

/* ---- Guests --------------------------------------------------------------- */

#define EL1_ENUM(name, reg) EL1_##name,
enum el1_register {
	EL1_CONTEXT(EL1_ENUM) EL1_TRANSLATION(EL1_ENUM) EL1_RAS(EL1_ENUM)
	EL1_REGISTERS
};

struct arm_vcpu {
	struct port_regs regs; /* first, where vectors.S finds them */
	struct vcpu vcpu;
	u64 el1[EL1_REGISTERS];
	u64 hcr;
	u64 vmpidr;
	struct fpsimd_state fpsimd;
	u32 mmio_iss;             /* of the access that is emulated */
	bool mmio_swap;           /* it is big-endian */
	unsigned long esr;                  /* of the exit under way */
	u64 flush_next;           /* where stage2_flush_vm() goes on */
	struct vgic_cpu vgic;
	struct vtimer vtimer;
	struct psci_cpu psci;
	struct port_vcpu port;
};

struct arm_vm {
	struct vm vm;
	struct vgic vgic;
	struct vtimer_vm vtimer;
	u64 vtcr;
	struct port_vm port;
	/* The vCPU that last ran on each CPU (K8). */
	s8 last_vcpu[MAX_CPUS];
};

static inline struct arm_vcpu *to_arm(const struct vcpu *v)
{
	return container_of(v, struct arm_vcpu, vcpu);
}

static inline struct arm_vm *vm_to_arm(const struct vm *vm)
{
	return container_of(vm, struct arm_vm, vm);
}

/* Why a guest is left. */
enum leave {
	LEAVE_CHECK = 1, /* requests or the scheduler */
	LEAVE_WAIT,      /* it waits for an interrupt */
	LEAVE_EXIT,      /* vcpu->exit is filled in */
};

/* vectors.S: run the guest until an exit handler returns non-zero. */
int guest_enter(struct arm_vcpu *v);
/* Called by the vectors; 0: back into the guest. */
int guest_exit_sync(struct arm_vcpu *v, unsigned long esr);
int guest_exit_irq(struct arm_vcpu *v);
int guest_exit_serror(struct arm_vcpu *v, unsigned long esr);

enum trap_result {
	TRAP_DONE,
	TRAP_UNDEFINED, /* for this guest */
	TRAP_AGAIN,     /* long work is not finished: execute it once more */
	TRAP_UNKNOWN,   /* not the trap of a register */
};
/* The port's: an exit that is no call, no wait and no abort. TRAP_DONE: the
 * instruction is skipped then. */
enum trap_result port_trap(struct arm_vcpu *v, unsigned long esr);
/* The port's: a register that traps, by its encoding; false, TRAP_UNDEFINED: the
 * guest has none. */
bool port_read_register(struct arm_vcpu *v, u32 enc, u64 *val);
enum trap_result port_write_register(struct arm_vcpu *v, u32 enc, u64 val);
/* ids.c: it is read to, or written from, general register rt. */
enum trap_result register_trap(struct arm_vcpu *v, u32 enc, unsigned int rt, bool read);
/* ids.c: what guests are told of the CPU, which the port reads, all of it; after
 * features_detect(). */
extern struct id_registers guest_ids;
void port_read_ids(struct id_registers *id);
/* As the CPU has them: ID_PFR0 to ID_MMFR3, ID_ISAR0 to ID_ISAR5. */
void ids_read_aarch32(id_register c1[8], id_register c2[8]);
void sysreg_init(void);
/* Are these the ID registers that guests are told? */
bool sysreg_ids_same(void);

/* aarch32.c: instructions of two or four bytes, executed on a condition. */
void aarch32_skip_instruction(struct arm_vcpu *v);
bool aarch32_condition_fails(const struct arm_vcpu *v, unsigned long esr);

/* set_way.c: cache maintenance by set and way (K10). */
enum trap_result set_way(struct arm_vcpu *v);
/* A write to stage 1's controls while HCR_EL2.TVM is set. */
enum trap_result vm_register(struct arm_vcpu *v, enum el1_register r, u64 val);

/* The port's: an exception to EL1, as the hardware would take it. */
void inject_undefined(struct arm_vcpu *v);
/* state.c: a pending asynchronous abort. */
void inject_serror(struct arm_vcpu *v);

/* ---- A vCPU's state: the port's part --------------------------------------- */

/* v->regs and v->el1 are zero: all that is not, at reset. */
void port_vcpu_reset(struct arm_vcpu *v, gva_t pc, u64 arg);
int port_vcpu_init(struct arm_vcpu *v);
/* What is not in el1 nor fpsimd. */
void port_vcpu_load(struct arm_vcpu *v);
void port_vcpu_put(struct arm_vcpu *v);

/* vectors.S. CPTR_EL2.TFP is clear. */
void fpsimd_save(struct fpsimd_state *s);
void fpsimd_restore(const struct fpsimd_state *s);
/*
 * fpsimd.c. The vCPU that is loaded here used VFP or SIMD and was trapped: it
 * gets its state, and executes the instruction again. False: it has it already,
 * so that was no trap of ours.
 */
bool fpsimd_trap(struct arm_vcpu *v);
/* The vCPU that is loaded here: from now on v->fpsimd is its state. */
void fpsimd_put(struct arm_vcpu *v);

/* state.c: the EL1 context. */
void el1_save(struct arm_vcpu *v);
void el1_restore(const struct arm_vcpu *v);
/*
 * TCR_EL1 and SCTLR_EL1 are not part of the above. While VTTBR_EL2 changes, no
 * walk of EL1's tables may start, or a CPU that speculates address translation
 * instructions fills its TLB with one guest's tables under another's VMID (A57
 * erratum 1319537, A72 1319367, A55 1530923, A76 1165522): walks are blocked from
 * el1_save() on, and allowed again once VTTBR_EL2 is the vCPU's.
 */
void el1_restore_translation(const struct arm_vcpu *v);
void el1_block_translation(void);
/* The CPU has no guest's context yet. After VTCR_EL2. */
void el1_init_cpu(void);
/*
 * No walk of either stage starts: TCR_EL1.EPD0 and 1, which stop stage 1's only
 * while SCTLR_EL1.M is set; with M clear every address would go to stage 2 as
 * it is. The caller has what was in both registers.
 */
void el1_stop_walks(void);
/* One register of the context: the CPU's while the vCPU is loaded here. */
u64 el1_read(const struct arm_vcpu *v, enum el1_register r);
void el1_write(struct arm_vcpu *v, enum el1_register r, u64 val);

/* ---- Interrupts ------------------------------------------------------------- */

/* irq.c: handle a physical interrupt that is pending on this CPU. One: if there is
 * another, the CPU that goes back into a guest, or waits, is here again at once. */
void irq_handle(void);
/* How fast the counter counts. Panics if nobody says it. */
void counter_init(const void *fdt);
/* Interrupts of the hypervisor's own, from the board's device tree, before any
 * CPU enables them: irq_init_cpu(). */
void irq_init(const void *fdt);
void irq_init_cpu(void);

/* ---- Caches (cache.c) ------------------------------------------------------- */

void dcache_clean_poc(uintptr_t va, size_t size);
/* What core/page_access.h calls to publish, of mapped memory. */
void cache_publish(uintptr_t va, size_t size);
/* The port's. Normal memory only. */
void zero_range(uintptr_t va, size_t size);

/* ---- Stage 2 ------------------------------------------------------------------ */

/*
 * stage2.c: everything a VM has mapped, cleaned and invalidated (K10), step by
 * step: from *next on, until it is done (true, *next is 0 again) or the vCPU has
 * something else to look at (false).
 */
bool stage2_flush_vm(struct vcpu *vcpu, u64 *next);
/* The guest on this CPU met two TLB entries for one address. */
void stage2_resolve_conflict(void);
/* Before a guest is entered: its VMID and tables are this CPU's. */
void stage2_load(struct arm_vcpu *v);
/* The page that HPFAR_EL2 names, the rest from the virtual address. */
static inline gpa_t hpfar_to_gpa(u64 far)
{
	return GPA((((u64)sysreg_read(hpfar_el2) & GENMASK64(43, 4)) << 8) |
		   (far & (PAGE_SIZE - 1)));
}
/* Fault address as the CPU reports it: HPFAR_EL2, or a walk where it is not
 * valid. False: the translation changed meanwhile; run the guest again. */
bool stage2_fault_ipa(unsigned long esr, u64 far, gpa_t *out);

/*
 * Invalidation by VMID works on the VMID in VTTBR_EL2, so the VM's own is
 * selected first, and base address and VMID of whoever was there are put back
 * (bugs.md 26). VTCR_EL2 goes with it: its DS says in what units a range
 * operand counts, its VS how many bits a VMID has. False: the VM never had a
 * VMID, so no TLB knows it.
 */
struct selected {
	u64 vtcr, vttbr, tcr, sctlr;
	bool switched;
};
bool stage2_select_vmid(const struct pgtable *pt, struct selected *s);
void stage2_deselect_vmid(const struct selected *s);
void stage2_flush_vmid(struct pgtable *pt);

/* The port's: VTCR_EL2 and port of a VM, after s2 is there. */
void stage2_init_vm(struct arm_vm *vm, const struct vm_config *config);
/* By the engine's contract; stage2_flush_vmid() will always do. */
void stage2_flush_addr(struct pgtable *pt, ia_t ia, int level);
void stage2_flush_range(struct pgtable *pt, ia_t ia, u64 size, int level);

/* ---- Start ------------------------------------------------------------------- */

/* smp.c: start every CPU that the device tree has; wait until they are up. */
void smp_prepare_boot_cpu(void);
void smp_start(const void *fdt);
/* None was started that may still be on its way, through the boot tables. */
bool smp_all_are_up(void);
/* What each CPU does to itself, secondaries before they go idle. -ENODEV: the
 * interrupt controller has no interface for it, or it differs from the boot CPU;
 * it must not be used. */
int cpu_init(void);

/* The end, panic.c: what the port adds to the registers of its own kind. */
struct exception_frame;
void panic_exception(const struct exception_frame *f, const char *what);
/* Returns the frame pointer. */
uintptr_t panic_registers(const struct exception_frame *f);
/* The port's: where the function of this frame returns to, its caller's frame. */
uintptr_t port_frame(uintptr_t fp, uintptr_t *next);
/* Addresses are printed as offsets in the image: what addr2line wants. */
void panic_address(const char *what, uintptr_t va);

#include <port_inline.h>

#endif
