// SPDX-License-Identifier: BSD-2-Clause
/*
 * A first process for a shell in Debian's installer initrd.
 *
 * With `rdinit=/bin/sh` the kernel would run BusyBox's shell as process 1: with
 * no /proc, and without a controlling terminal, so that Ctrl-C does nothing.
 * This program takes the place of /bin/sh, in an archive that is appended to
 * Debian's own. As process 1 it mounts what a shell expects, gives it the
 * console as its terminal, and powers the machine off when it ends. In any
 * other case it is BusyBox's shell. Called as `nproc`, which the installer's
 * BusyBox lacks, it counts CPUs.
 *
 * Freestanding: system calls of Linux for arm64 and for Arm, nothing else.
 */
#include <asm/unistd.h>
#include <stddef.h>
#include <stdint.h>

#include <shell_arch.h> /* -Itests/guests/debian/PORT */

#define AT_FDCWD (-100)
#define O_RDWR 2
#define SIGCHLD 17
#define TIOCSCTTY 0x540e
#define REBOOT_MAGIC1 0xfee1dead
#define REBOOT_MAGIC2 0x28121969
#define REBOOT_POWER_OFF 0x4321fedc

_Noreturn void start_c(long *sp);

static long call(long n, long a, long b, long c, long d, long e)
{
	register long number __asm__(NUMBER) = n;
	register long a0 __asm__(ARGUMENT(0)) = a;
	register long a1 __asm__(ARGUMENT(1)) = b;
	register long a2 __asm__(ARGUMENT(2)) = c;
	register long a3 __asm__(ARGUMENT(3)) = d;
	register long a4 __asm__(ARGUMENT(4)) = e;

	__asm__ volatile(SYSTEM_CALL
			 : "+r"(a0)
			 : "r"(number), "r"(a1), "r"(a2), "r"(a3), "r"(a4)
			 : "memory");
	return a0;
}

static size_t length(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

static void print(const char *s)
{
	call(__NR_write, 1, (long)s, length(s), 0, 0);
}

static int ends_with(const char *s, const char *end)
{
	size_t n = length(s), m = length(end);

	if (n < m)
		return 0;
	for (size_t i = 0; i < m; i++)
		if (s[n - m + i] != end[i])
			return 0;
	return 1;
}

static _Noreturn void leave(int status)
{
	for (;;)
		call(__NR_exit_group, status, 0, 0, 0, 0);
}

static _Noreturn void busybox_shell(char **argv, char **envp)
{
	static char name[] = "sh";

	argv[0] = name;
	call(__NR_execve, (long)"/bin/busybox", (long)argv, (long)envp, 0, 0);
	print("sh: cannot run /bin/busybox\n");
	leave(127);
}

static _Noreturn void nproc(void)
{
	static uint8_t cpus[128];
	char text[8];
	int n = 0, at = sizeof(text);

	call(__NR_sched_getaffinity, 0, sizeof(cpus), (long)cpus, 0, 0);
	for (unsigned int i = 0; i < 8 * sizeof(cpus); i++)
		n += cpus[i / 8] >> i % 8 & 1;
	text[--at] = 0;
	text[--at] = '\n';
	do
		text[--at] = '0' + n % 10;
	while (n /= 10);
	print(text + at);
	leave(0);
}

/* The terminal behind /dev/console: the last that sysfs names. */
static long open_console(void)
{
	static char path[64] = "/dev/", active[64];
	size_t from = 0, n = 5;
	long fd = call(__NR_openat, AT_FDCWD,
		       (long)"/sys/class/tty/console/active", 0, 0, 0);

	if (fd >= 0) {
		call(__NR_read, fd, (long)active, sizeof(active) - 1, 0, 0);
		call(__NR_close, fd, 0, 0, 0, 0);
	}
	for (size_t i = 0; active[i]; i++)
		if (active[i] == ' ')
			from = i + 1;
	for (size_t i = from; active[i] > ' ' && n < sizeof(path) - 1; i++)
		path[n++] = active[i];
	path[n] = 0;
	return call(__NR_openat, AT_FDCWD, (long)path, O_RDWR, 0, 0);
}

static _Noreturn void shell_with_terminal(char **argv, char **envp)
{
	long fd;

	call(__NR_setsid, 0, 0, 0, 0, 0);
	fd = open_console();
	if (fd >= 0 && !call(__NR_ioctl, fd, TIOCSCTTY, 0, 0, 0))
		for (long i = 0; i < 3; i++)
			call(__NR_dup3, fd, i, 0, 0, 0);
	busybox_shell(argv, envp);
}

static void mount(const char *type, const char *where)
{
	call(__NR_mount, (long)type, (long)where, (long)type, 0, 0);
}

static _Noreturn void first_process(char **argv, char **envp)
{
	long shell, pid;

	mount("proc", "/proc");
	mount("sysfs", "/sys");
	mount("devtmpfs", "/dev");
	shell = call(__NR_clone, SIGCHLD, 0, 0, 0, 0);
	if (!shell)
		shell_with_terminal(argv, envp);
	do
		pid = call(__NR_wait4, -1, 0, 0, 0, 0);
	while (pid != shell && pid > 0);
	call(__NR_sync, 0, 0, 0, 0, 0);
	for (;;)
		call(__NR_reboot, REBOOT_MAGIC1, REBOOT_MAGIC2,
		     REBOOT_POWER_OFF, 0, 0);
}

/* The kernel leaves argc, argv and envp on the stack. */
_Noreturn void start_c(long *sp)
{
	long argc = sp[0];
	char **argv = (char **)(sp + 1), **envp = argv + argc + 1;

	if (argc && ends_with(argv[0], "nproc"))
		nproc();
	if (call(__NR_getpid, 0, 0, 0, 0, 0) == 1)
		first_process(argv, envp);
	busybox_shell(argv, envp);
}

__asm__(".globl _start\n"
	"_start:\n" START "	b	start_c\n");
