// SPDX-License-Identifier: BSD-2-Clause
/*
 * From the boot loader's registers to the first words on the UART.
 *
 * YAMON has no device tree (loader.h): one is loaded with the image, and an argument
 * says where, `dtb=ADDRESS`, physical or in kseg0.
 */
#include <libfdt.h>

#include "arch/mips/loader.h"
#include "arch/mips/mips.h"
#include "arch/mips/setup.h"
#include "drivers/uart.h"
#include "lib/fdt.h"
#include "lib/log.h"
#include "lib/string.h"

#define FDT_MAX_SIZE SZ_2M

struct uart console_uart;
u64 firmware_memory;

/* ---- Words -------------------------------------------------------------------- */

static void early_print(const char *line, size_t len)
{
	uart_write(&console_uart, line, len);
}

static void yamon_print(const char *line, size_t len)
{
	u32 fn = *(const volatile u32 *)YAMON_PRINT_COUNT;

	((void (*)(u32, const char *, u32))fn)(0, line, len);
	fn = *(const volatile u32 *)YAMON_PRINT_COUNT;
	((void (*)(u32, const char *, u32))fn)(0, "\r", 1);
}

static _Noreturn void halt(void)
{
	for (;;)
		idle_wait();
}

static _Noreturn void refuse(const char *what)
{
	log_err("cannot start: %s", what);
	halt();
}

/* ---- What the boot loader says --------------------------------------------------- */

/* In kseg0, by physical address or by its own; NULL: it is not in there. */
static const void *in_kseg0(u32 address)
{
	if (address < KSEG_SIZE)
		address += KSEG0;
	return address - KSEG0 < KSEG_SIZE ? (const void *)address : NULL;
}

/* As C writes numbers, up to whatever is no digit; false: there is none. */
static bool number(const char *s, u32 *out)
{
	char *end;

	*out = strtoul(s, &end, 0);
	return end != s;
}

/* The value of `name=` among the words of a text. */
static const char *word(const char *text, const char *name)
{
	size_t n = strlen(name);
	bool start = true;

	for (; *text; start = *text++ == ' ')
		if (start && !strncmp(text, name, n))
			return text + n;
	return NULL;
}

static const char *argument(u32 argc, const char *const *argv, const char *name)
{
	const char *value = NULL;

	for (u32 i = 1; i < argc && argv[i] && !value; i++)
		value = word(argv[i], name);
	return value;
}

/* The environment: names and values, one after the other. */
static const char *environment(const char *const *env, const char *name)
{
	for (; env && env[0] && env[1]; env += 2)
		if (!strcmp(env[0], name))
			return env[1];
	return NULL;
}

static const void *yamon_fdt(u32 argc, const char *const *argv,
			     const char *const *env)
{
	const char *dtb = argument(argc, argv, "dtb=");
	const char *memory = environment(env, "memsize");
	u32 v;

	if (memory && number(memory, &v))
		firmware_memory = v;
	log_set_sink(yamon_print);
	if (!dtb)
		refuse("no device tree: load one, and say dtb=ADDRESS");
	if (!number(dtb, &v) || !in_kseg0(v))
		refuse("dtb=: must be a physical address, or one in kseg0");
	return in_kseg0(v);
}

/* ---- Start ----------------------------------------------------------------------- */

_Noreturn void early_main(u32 a0, u32 a1, u32 a2);

/* The registers as they were at entry. */
_Noreturn void early_main(u32 a0, u32 a1, u32 a2)
{
	const void *fdt = (const void *)a1;
	const char *why;

	if (a0 != (u32)LOADER_UHI)
		fdt = yamon_fdt(a0, (const void *)a1, (const void *)a2);
	if (!fdt || (u32)fdt % 8 || fdt_validate(fdt, FDT_MAX_SIZE))
		refuse("where the boot loader says, there is no device tree, or it is not aligned to 8 bytes");
	if (uart_find(fdt, &console_uart, &why))
		refuse(why);
	console_uart.regs = mips_map_io(console_uart.base, console_uart.size);
	if (!console_uart.regs)
		refuse("the console's registers are above 512 MiB");
	console_uart.driver->init(console_uart.regs);
	log_set_sink(early_print);
	log_info("Twofold " TWOFOLD_VERSION ", mips, on %s",
		 (const char *)fdt_getprop(fdt, 0, "model", NULL) ?:
			 "an unnamed board");
	setup_main(fdt);
}
