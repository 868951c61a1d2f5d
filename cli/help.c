// SPDX-License-Identifier: BSD-2-Clause
/* The help pages. */
#include <stdio.h>
#include <string.h>

#include "cli/help.h"
#include "cli/report.h"
#include "lib/util.h"

static const char overview[] =
"twofold - run guests on the Twofold hypervisor, on a board that QEMU emulates\n"
"\n"
"COMMANDS\n"
"  twofold run KERNEL          start one VM, or all those of a description\n"
"  twofold run VMS.dts\n"
"  twofold check VMS.dts       look for mistakes in a description\n"
"  twofold inspect [VM]        what running VMs have mapped of their memory\n"
"  twofold help [COMMAND]      a page on a command\n"
"  twofold version             which Twofold this is\n"
"\n"
"EXAMPLE\n"
"  twofold run --initrd initrd.gz --append 'console=ttyAMA0' Image\n"
"\n"
"`twofold help run` has all options and more examples.\n";

static const char run_page[] =
"NAME\n"
"  twofold run - start virtual machines on an emulated board\n"
"\n"
"SYNOPSIS\n"
"  twofold run [OPTION]... KERNEL\n"
"  twofold run [OPTION]... VMS.dts\n"
"\n"
"DESCRIPTION\n"
"  Starts QEMU with the Twofold hypervisor in it, which runs the guests. Standard\n"
"  input and output are the guest's console.\n"
"\n"
"  KERNEL is an arm64 Image or a 32-bit Arm zImage of Linux (gzip too), an ELF\n"
"  program, or a raw binary, which is loaded and entered 0x80000 bytes into the\n"
"  guest's memory, at 0x40080000. The board gets the CPUs that it is for. The\n"
"  guest's machine looks like QEMU's `virt`; a MIPS one's has its RAM at 0 and\n"
"  its UART where Malta has one (docs/configuration.md).\n"
"\n"
"  VMS.dts describes any number of VMs (docs/configuration.md). Each line of\n"
"  output then begins with its VM's name, and input goes to the first VM.\n"
"\n"
"  On a terminal every key goes to the guest, Ctrl-C too, but these:\n"
"    Ctrl-A x         stop the guests and quit\n"
"    Ctrl-A h         show these keys\n"
"    Ctrl-A Ctrl-A    send Ctrl-A (before other keys Ctrl-A needs no repeating)\n"
"  When the input is a pipe or a file, its end just ends the input.\n"
"\n"
"THE VM (when there is a KERNEL)\n"
"  --name N             its name. Default: guest\n"
"  --memory SIZE        its memory, 16M or more, as KERNEL needs. Default: 512M;\n"
"                       of a MIPS VM 256M, and at most 496M. A 32-bit Arm kernel\n"
"                       without LPAE reaches 3G of it\n"
"  --cpus N             its CPUs, 1 to 8. Default: 1\n"
"  --initrd FILE        an initial RAM disk\n"
"  --append STRING      the kernel's command line\n"
"  --stage2-granule 4K|16K|64K\n"
"                       in what pieces its memory is mapped. Default: 4K, which\n"
"                       every CPU has; a cortex-a57 has 64K too, neoverse-n1 and\n"
"                       max all three, 32-bit CPUs no other\n"
"\n"
"THE BOARD\n"
"  --board virt|virt-arm|zcu102|vexpress-a15|malta\n"
"                       which board. virt-arm and vexpress-a15 have 32-bit CPUs,\n"
"                       malta a MIPS one, which runs kernels made for\n"
"                       its guests (docs/configuration.md). Default:\n"
"                       virt-arm for a 32-bit Arm kernel, malta for a MIPS one,\n"
"                       else virt\n"
"  --cpu MODEL          virt: its CPUs, such as cortex-a53, neoverse-n1 or max.\n"
"                       Default: cortex-a57. virt-arm: cortex-a15 or cortex-a7.\n"
"                       Default: cortex-a15. malta: 24Kc, 24Kf, 34Kf, 74Kf or\n"
"                       P5600; untested: 4KEc, 24KEc, M14Kc. Default: 24Kf\n"
"  --gic 2|3            virt: the version of its interrupt controller, and so of\n"
"                       the guests'. Default: 3. The other Arm boards: 2\n"
"  --board-cpus N       how many CPUs it has: 1 to 64, with a GICv2 to 8.\n"
"                       Default: as many as the VM with the most. More vCPUs\n"
"                       than CPUs share them. zcu102 has 4, vexpress-a15 up to\n"
"                       4, malta 1\n"
"  --board-memory SIZE  its memory. Default: what the VMs need, and 192M. zcu102\n"
"                       and malta can have 2G, vexpress-a15 30G\n"
"  --image FILE         the hypervisor. Default: twofold-arm64.bin,\n"
"                       twofold-arm.bin or twofold-mips.elf beside this program\n"
"  --qemu-arg ARGUMENT  one more argument for QEMU; may be given again and again\n"
"\n"
"THE RUN\n"
"  --timeout SECONDS    end it after so long\n"
"  --icount             count instructions, not time: every run is the same\n"
"  --stats              print statistics when the guests end by themselves (not\n"
"                       at the time limit or Ctrl-A x): exits by cause, faults,\n"
"                       memory\n"
"  --dry-run            print the description that the hypervisor would get, and\n"
"                       QEMU's command line; start nothing. Temporary files in it\n"
"                       are gone then\n"
"\n"
"  SIZE is a number with K, M, G or T, such as 512M; a number alone counts MiB; a\n"
"  number that begins with 0x counts bytes.\n"
"\n"
"EXIT STATUS\n"
"  0    every guest powered off, or Ctrl-A x\n"
"  1    a guest was stopped for an error, or the board could not be run. (A\n"
"       guest's own panic is no such error: it hangs or resets, as its kernel\n"
"       was told to; --timeout ends the run)\n"
"  2    wrong options, file or description: nothing ran\n"
"  124  the time limit of --timeout\n"
"\n"
"EXAMPLES\n"
"  Debian's kernel and a shell in its installer's RAM disk; `poweroff -f` ends:\n"
"    twofold run --initrd initrd.gz \\\n"
"      --append 'rdinit=/bin/sh console=ttyAMA0' Image\n"
"\n"
"  The same on four CPUs of another model with a GICv2, from a script:\n"
"    printf 'nproc\\npoweroff -f\\n' |\n"
"      twofold run --cpus 4 --cpu cortex-a53 --gic 2 --timeout 120 \\\n"
"      --initrd initrd.gz \\\n"
"      --append 'rdinit=/bin/sh console=ttyAMA0' Image\n"
"\n"
"  A program of one's own on the ZCU102, with statistics:\n"
"    twofold run --board zcu102 --memory 16M --stats hello.bin\n"
"\n"
"  Wait for a debugger at QEMU's port 1234:\n"
"    twofold run --qemu-arg -s --qemu-arg -S Image\n"
"\n"
"  A 32-bit Arm kernel, on the board that it gets and on another:\n"
"    twofold run --append 'console=ttyAMA0' zImage\n"
"    twofold run --append 'console=ttyAMA0' --board vexpress-a15 zImage\n"
"\n"
"  Linux for MIPS, of `make linux-mips`, with two vCPUs on the board's one CPU;\n"
"  and its kernel as for hardware, which takes a P5600:\n"
"    twofold run --cpus 2 --initrd initrd.gz vmlinux\n"
"    twofold run --cpu P5600 --initrd initrd.gz vmlinux-native\n"
"\n"
"  Two guests side by side:\n"
"    twofold run examples/two.dts\n";

static const char check_page[] =
"NAME\n"
"  twofold check - look for mistakes in a description of VMs\n"
"\n"
"SYNOPSIS\n"
"  twofold check [--board virt|virt-arm|zcu102|vexpress-a15|malta] VMS.dts\n"
"\n"
"DESCRIPTION\n"
"  Does everything that `twofold run VMS.dts` does before it starts the board,\n"
"  which here has the CPUs, GIC and memory that it gets without more options:\n"
"  dtc compiles the file, the kernels and RAM disks that it names are looked at,\n"
"  and the hypervisor's own rules are applied. The first mistake is printed with\n"
"  the node and property that it is in.\n"
"\n"
"OPTIONS\n"
"  --board virt|virt-arm|zcu102|vexpress-a15|malta\n"
"                       the board that the VMs have to fit on. Default: virt-arm\n"
"                       for 32-bit Arm kernels, malta for MIPS ones, else virt\n"
"\n"
"EXIT STATUS\n"
"  0    nothing wrong\n"
"  1    the check could not be made, such as when dtc is not installed\n"
"  2    a mistake\n"
"\n"
"EXAMPLE\n"
"  twofold check examples/two.dts\n";

static const char inspect_page[] =
"NAME\n"
"  twofold inspect - what running VMs have mapped of their memory\n"
"\n"
"SYNOPSIS\n"
"  twofold inspect [OPTION]... [VM]\n"
"\n"
"DESCRIPTION\n"
"  Shows stage 2 of the VMs of a running board, or of the one VM: a map of each\n"
"  memslot with a character for each region, and totals. The board stands still\n"
"  while it is looked at, some milliseconds; its guests do not notice.\n"
"\n"
"  A board is one `twofold run` of yours. It is found by itself if there is one.\n"
"\n"
"  .  unmapped                      s  shared: an image's page until written\n"
"  c  neither read nor written      m  memory that another VM has too\n"
"     lately                        r  read-only\n"
"  y  young: used lately            v  a device\n"
"  d  dirty: may have been written  +  several of these\n"
"  A capital: all of the region is mapped, by blocks. docs/inspect.md says more.\n"
"\n"
"OPTIONS\n"
"  --board PID            the board of this `twofold run`\n"
"  --memory FILE@ADDRESS  in place of a board: its physical memory from ADDRESS\n"
"                         on, in a file, such as a dump after a crash\n"
"  --range START+SIZE     only these guest-physical addresses, as a zoom. START\n"
"                         is hexadecimal; SIZE as of `run`: 64M, 8K; a number\n"
"                         alone counts MiB, one that begins with 0x bytes\n"
"  --leaves               the entries of the tables too, run by run\n"
"  --json                 for programs; docs/inspect.md has the schema\n"
"  --resume               let a board go on that stands still\n"
"\n"
"  Colours are for terminals; NO_COLOR=1 turns them off.\n"
"\n"
"EXIT STATUS\n"
"  0    it was shown\n"
"  1    no board runs, or its guests have ended\n"
"  2    wrong options, no such VM or board, no memory in the range, or a file\n"
"       without a hypervisor\n"
"\n"
"EXAMPLES\n"
"  What a guest that runs in another terminal uses:\n"
"    twofold inspect\n"
"\n"
"  4 MiB of it, page by page:\n"
"    twofold inspect --range 0x40000000+4M debian\n"
"\n"
"  How much of their images the VMs still share:\n"
"    twofold inspect --json | jq '.vms[] | {name, shared: .totals.shared}'\n";

static const char help_page[] =
"NAME\n"
"  twofold help - a page on a command\n"
"\n"
"SYNOPSIS\n"
"  twofold help [run|check|inspect|help|version]\n";

static const char version_page[] =
"NAME\n"
"  twofold version - which Twofold this is\n"
"\n"
"SYNOPSIS\n"
"  twofold version\n";

static const struct {
	const char *command, *text;
} pages[] = {
	{ "", overview },
	{ "run", run_page },
	{ "check", check_page },
	{ "inspect", inspect_page },
	{ "help", help_page },
	{ "version", version_page },
};

int help_print(const char *command)
{
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		if (strcmp(pages[i].command, command))
			continue;
		fputs(pages[i].text, stdout);
		return 0;
	}
	return -1;
}

int command_help(int argc, char **argv)
{
	if (argc > 1)
		return refuse("help: one command at a time");
	if (help_print(argc ? argv[0] : ""))
		return refuse("help: there is no command '%s'; run, check, inspect, help and version are there",
			      argv[0]);
	return STATUS_OK;
}
