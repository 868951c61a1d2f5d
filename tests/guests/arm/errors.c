// SPDX-License-Identifier: BSD-2-Clause
/*
 * A 32-bit guest that errs, and looks at what it gets for it (K11, K31, K32). It
 * prints as the other test guests do: tests/guests/rt/rt.h.
 */
#include "lib/types.h"

#define UART 0x09000000
#define UART_FR 0x18
#define UART_ID 0xfe0 /* PeriphID0: 0x11 */
#define HOLE 0x09f00000
#define MODE_ABT 0x17
#define MODE_UND 0x1b
#define MODE_SVC 0x13
#define CPSR_T (1 << 5)
#define CPSR_I (1 << 7)
#define PSCI_VERSION 0x84000000
#define PSCI_SYSTEM_OFF 0x84000008

/* start.S fills in the first four and reads the next. */
extern struct taken {
	u32 which, lr, spsr, cpsr;
	u32 resume, at;
} taken;
enum { NOTHING, UNDEFINED, PREFETCH, DATA };

u32 read_pmcr(void);
u32 read_at(u32 address);
void write_at(u32 address, u32 value);
void write_pair_at(u32 address);
void jump_to(u32 address);
void read_thumb(u32 address);
u32 device_in_fiq(u32 address);
u32 device_to_sp(u32 address);
void in_mode(u32 mode, u32 address);
u32 read_actlr(void);
u32 read_l2ctlr(void);
void clean_by_set_way(void);
u32 call_hvc(u32 fn, u32 a, u32 b, u32 c);
u32 call_smc(u32 fn, u32 a, u32 b, u32 c);
u32 call_smc_not(u32 fn);
u32 read_dfsr(void);
u32 read_ifsr(void);
u32 read_dfar(void);
u32 read_ifar(void);
void guest_main(u32 r0, u32 r1);

static unsigned int passed, failed;

static void put(const char *s)
{
	for (; *s; s++)
		*(volatile u32 *)UART = *s;
}

static void put_number(unsigned int n)
{
	char digit[2] = {'0' + n % 10};

	if (n >= 10)
		put_number(n / 10);
	put(digit);
}

static void result(const char *name, bool ok)
{
	put(ok ? "PASS arm-errors." : "FAIL arm-errors.");
	put(name);
	put(ok ? "\r\n" : ": not as it should be\r\n");
	*(ok ? &passed : &failed) += 1;
}

/* An exception of this kind came, from Arm state, to this mode. */
static bool came(unsigned int which, u32 link, u32 mode)
{
	return taken.which == which && taken.lr == taken.at + link &&
	       (taken.spsr & 0x1f) == MODE_SVC && !(taken.spsr & CPSR_T) &&
	       (taken.cpsr & 0x1f) == mode && taken.cpsr & CPSR_I;
}

static void exceptions(void)
{
	read_pmcr();
	result("no_pmu", came(UNDEFINED, 4, MODE_UND));
	read_at(HOLE);
	result("hole_read", came(DATA, 8, MODE_ABT) &&
				    read_dfsr() == 0x008 && read_dfar() == HOLE);
	write_at(HOLE + 4, 1);
	result("hole_write", came(DATA, 8, MODE_ABT) &&
				     read_dfsr() == 0x808 &&
				     read_dfar() == HOLE + 4);
	jump_to(HOLE);
	result("hole_fetch", taken.which == PREFETCH && taken.lr == HOLE + 4 &&
				     read_ifsr() == 0x008 &&
				     read_ifar() == HOLE);
	write_pair_at(UART);
	result("no_syndrome", came(DATA, 8, MODE_ABT) && read_dfar() == UART);
	read_thumb(HOLE);
	result("thumb", taken.which == DATA && taken.spsr & CPSR_T &&
				taken.lr == taken.at + 8 && !(taken.cpsr & CPSR_T));
}

static void registers(void)
{
	result("fiq_registers", device_in_fiq(UART + UART_ID) == 0x11);
	result("device_to_sp", device_to_sp(UART + UART_ID) == 0x11);
	/* Whatever the CPU makes of a mode that there is not. */
	in_mode(0x15, UART + UART_FR);
	in_mode(0x1c, UART + UART_FR);
	result("nonsense_modes", true);
	result("l2ctlr", read_l2ctlr() >> 24 == 0);
	result("actlr", read_actlr() == 0);
	clean_by_set_way();
	result("set_way", true);
}

static void calls(void)
{
	result("hvc", call_hvc(PSCI_VERSION, 0, 0, 0) == 0x10001);
	result("smc", call_smc(PSCI_VERSION, 0, 0, 0) == 0x10001);
	result("smc_not_executed", call_smc_not(PSCI_VERSION) == PSCI_VERSION);
	result("unknown_call", call_hvc(0x8400dead, 0, 0, 0) == ~0U);
}

void guest_main(u32 r0, u32 r1)
{
	result("boot_registers", r0 == 0 && r1 == ~0U);
	exceptions();
	registers();
	calls();
	put("DONE arm-errors: ");
	put_number(passed);
	put(" passed, ");
	put_number(failed);
	put(" failed\r\n");
	call_hvc(PSCI_SYSTEM_OFF, 0, 0, 0);
}
