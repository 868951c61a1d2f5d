// SPDX-License-Identifier: BSD-2-Clause
/* The options of `twofold run`, converted and checked. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/board.h"
#include "cli/file.h"
#include "cli/report.h"
#include "cli/settings.h"
#include "cli/size.h"
#include "core/cpu.h"
#include "lib/util.h"
#include "vmm/description.h"
#include "vmm/guest_machine.h"

#define TIMEOUT_MAX (365 * 24 * 3600)

const struct option_spec run_options[] = {
	{ "name", "N", false },
	{ "memory", "SIZE", false },
	{ "cpus", "N", false },
	{ "initrd", "FILE", false },
	{ "append", "STRING", false },
	{ "stage2-granule", "4K|16K|64K", false },
	{ "board", BOARD_CHOICE, false },
	{ "cpu", "MODEL", false },
	{ "gic", "2|3", false },
	{ "board-cpus", "N", false },
	{ "board-memory", "SIZE", false },
	{ "image", "FILE", false },
	{ "timeout", "SECONDS", false },
	{ "qemu-arg", "ARGUMENT", true },
	{ "icount", NULL, false },
	{ "stats", NULL, false },
	{ "dry-run", NULL, false },
	{ "help", NULL, false },
};
const size_t run_option_count = ARRAY_SIZE(run_options);

bool is_description(const char *path)
{
	static const char tag[] = "/dts-v1/";
	const char *dot = strrchr(path, '.');
	char head[sizeof(tag) - 1];
	bool found;
	int fd;

	if (dot && !strcmp(dot, ".dts"))
		return true;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return false;
	found = file_read_at(fd, 0, head, sizeof(head)) == sizeof(head) &&
		!memcmp(head, tag, sizeof(head));
	close(fd);
	return found;
}

/* A number in [low, high]; `what` says of what. */
static int read_number(const struct options *o, const char *name,
		       const char *what, u64 low, u64 high, unsigned int *out)
{
	const char *text = option_value(o, name);
	u64 value;

	if (!text)
		return 0;
	if (number_parse(text, &value) == -EINVAL)
		return refuse("--%s: '%s' is not a number; it takes %s, %llu to %llu",
			      name, text, what, low,
			      high);
	if (number_parse(text, &value) || value < low || value > high)
		return refuse("--%s: %s is out of range; it takes %s, %llu to %llu",
			      name, text, what, low,
			      high);
	*out = value;
	return 0;
}

struct size_limits {
	u64 least, most, step;
	const char *whose; /* "", or whose of the board */
};

/* Memory that the board has to have. */
static int read_size(const struct options *o, const struct board *board,
		     const char *name, struct size_limits l, u64 *out)
{
	const char *text = option_value(o, name);
	char limit[SIZE_TEXT];
	int err;

	if (!text)
		return 0;
	err = size_parse(text, out);
	if (err == -EINVAL)
		return refuse("--%s: '%s' is not a size; it takes one such as 512M, 1G or 0x20000000 (bytes); a number alone counts MiB",
			      name, text);
	if (err)
		return refuse("--%s: %s is too large", name, text);
	if (*out < l.least)
		return refuse("--%s: %s is too small; at least %s is needed",
			      name, text, size_text(l.least, limit));
	if (*out > l.most)
		return refuse("--%s: %s is too large; %sthe board %s can have %s",
			      name, text, l.whose, board->name,
			      size_text(l.most, limit));
	if (*out % l.step)
		return refuse("--%s: %s is not a multiple of %s", name, text,
			      size_text(l.step, limit));
	return 0;
}

/* Of one VM: as much as the map of its machine has room for, too. */
static struct size_limits memory_limits(const struct settings *s)
{
	enum image_arch arch = s->board->arch;
	struct size_limits l = {
		.least = DESCRIPTION_MIN_MEMORY,
		.most = s->board->max_memory,
		.step = s->granule ? s->granule : SZ_4K,
		.whose = "",
	};

	if (guest_ram_end(arch)) {
		l.most = guest_ram_end(arch) - guest_ram_base(arch);
		l.whose = "a VM of ";
	}
	return l;
}

static int check_name(const char *name)
{
	static const char allowed[] = ",._+-";

	for (const char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr(allowed, *c))
			return refuse("--name: '%s' has a character that a name cannot have; letters, digits and %s are possible",
				      name, allowed);
	if (!isalnum((unsigned char)*name))
		return refuse("--name: '%s' does not begin with a letter or digit",
			      name);
	if (strlen(name) >= VM_NAME_LEN)
		return refuse("--name: '%s' is longer than %d characters",
			      name, VM_NAME_LEN - 1);
	return 0;
}

/* A size with its unit, or bytes as a description says them. */
static int read_granule(const struct options *o, struct settings *s)
{
	const char *text = option_value(o, "stage2-granule");
	u64 bytes;

	if (!text)
		return 0;
	if ((number_parse(text, &bytes) && size_parse(text, &bytes)) ||
	    (bytes != SZ_4K && bytes != SZ_16K && bytes != SZ_64K))
		return refuse("--stage2-granule: '%s' is no granule; 4K, 16K or 64K is",
			      text);
	s->granule = bytes;
	if (s->granule != SZ_4K && s->board->arch != IMAGE_ARM64)
		return refuse("--stage2-granule: %s: stage 2 of 32-bit CPUs has 4K alone; leave it out",
			      text);
	return 0;
}

/* What describes the one VM of a kernel; a description says it itself. */
static int read_vm(const struct options *o, struct settings *s)
{
	static const char *const vm_options[] = { "name", "memory", "cpus",
						  "initrd", "append",
						  "stage2-granule" };
	int status;

	for (size_t i = 0; s->is_description && i < ARRAY_SIZE(vm_options); i++)
		if (option_given(o, vm_options[i]))
			return refuse("--%s does not go with a description; %s says it for each VM",
				      vm_options[i], s->operand);
	s->name = option_given(o, "name") ? option_value(o, "name") : "guest";
	/* Of what a MIPS guest sees unmapped, devices take a part. */
	s->memory = (s->board->arch == IMAGE_MIPS ? 256 : 512) * SZ_1M;
	s->cpus = 1;
	s->initrd = option_value(o, "initrd");
	s->append = option_given(o, "append") ? option_value(o, "append") : "";
	if (s->initrd && !*s->initrd)
		return refuse("--initrd: the file name is empty; without a RAM disk leave it out");
	status = check_name(s->name);
	if (!status)
		status = read_granule(o, s);
	if (!status)
		status = read_size(o, s->board, "memory", memory_limits(s),
				   &s->memory);
	if (!status)
		status = read_number(o, "cpus", "a VM's number of CPUs", 1,
				     VM_MAX_VCPUS, &s->cpus);
	return status;
}

static int read_gic(const struct options *o, struct settings *s)
{
	const char *text = option_value(o, "gic");

	s->gic = s->board->default_gic;
	if (!text)
		return 0;
	if (!s->gic)
		return refuse("--gic: the board %s has no GIC; leave --gic out",
			      s->board->name);
	if (strcmp(text, "2") && strcmp(text, "3"))
		return refuse("--gic: '%s' is no GIC version; 2 or 3 is", text);
	s->gic = *text - '0';
	if (s->gic != 2 && s->board->gicv2_only)
		return refuse("--gic %u: the board %s has a GICv2%s; leave --gic out",
			      s->gic, s->board->name,
			      s->board->arch == IMAGE_ARM ?
				      ", for 32-bit CPUs have none of a GICv3's registers" : "");
	return 0;
}

int settings_board(const char *name, struct settings *s)
{
	const struct kernel_kind *k = &s->kernels;
	const struct board *own = board_for(k->known ? k->arch : IMAGE_ARM64);

	s->board = name ? board_find(name) : own;
	if (!s->board)
		return refuse("--board: there is no board '%s'; " BOARD_NAMES " are there",
			      name);
	if (k->known && k->arch != s->board->arch)
		return refuse("%s: is %s, and the board %s cannot run it; without --board it gets the board %s",
			      k->name, kernel_kind_text(k->arch), name,
			      own->name);
	return 0;
}

static int read_board(const struct options *o, struct settings *s)
{
	int status = settings_board(option_value(o, "board"), s);
	struct size_limits memory = { 64 * SZ_1M, 0, SZ_1M, "" };
	unsigned int most;

	if (status)
		return status;
	memory.most = s->board->max_memory;
	s->cpu_model = option_value(o, "cpu");
	if (s->cpu_model && s->board->fixed_model &&
	    strcmp(s->cpu_model, s->board->cpu_model))
		return refuse("--cpu: the board %s has CPUs of its own, %s; --cpu is for --board virt, virt-arm and malta",
			      s->board->name, s->board->cpu_model);
	if (s->cpu_model && !*s->cpu_model)
		return refuse("--cpu: the model is empty; %s is one",
			      s->board->cpu_model);
	if (s->cpu_model && s->board->models &&
	    !model_in(s->board->models, s->cpu_model) &&
	    !model_in(s->board->untested_models, s->cpu_model))
		return refuse("--cpu: the board %s cannot have the CPU '%s', but these: %s (untested: %s)",
			      s->board->name, s->cpu_model, s->board->models,
			      s->board->untested_models);
	status = read_gic(o, s);
	/* Of a board that cannot have another number, it is said below. */
	most = s->board->fixed_cpus ? MAX_CPUS : board_max_cpus(s->board, s->gic);
	if (!status)
		status = read_number(o, "board-cpus",
				     "the board's number of CPUs", 1, most,
				     &s->board_cpus);
	if (!status && s->board->fixed_cpus && s->board_cpus &&
	    s->board_cpus != s->board->fixed_cpus)
		return refuse("--board-cpus %u: the board %s has %u CPU%s; leave --board-cpus out",
			      s->board_cpus, s->board->name,
			      s->board->fixed_cpus,
			      s->board->fixed_cpus == 1 ? "" : "s");
	if (!status)
		status = read_size(o, s->board, "board-memory", memory,
				   &s->board_memory);
	return status;
}

int settings_operand(const struct options *o, struct settings *s)
{
	*s = (struct settings){ 0 };
	if (!o->operand_count)
		return refuse("%s: a kernel or a description is missing; `twofold help %s` shows examples",
			      o->command, o->command);
	if (o->operand_count > 1)
		return refuse("%s: one kernel or description at a time, but there are '%s' and '%s' (an --append with spaces needs quotes)",
			      o->command, o->operands[0], o->operands[1]);
	s->operand = o->operands[0];
	if (!*s->operand)
		return refuse("%s: the file name is empty", o->command);
	s->is_description = is_description(s->operand);
	return 0;
}

int settings_from_options(const struct options *o, struct settings *s)
{
	int status;

	s->image = option_value(o, "image");
	s->qemu_args = option_values(o, "qemu-arg", &s->qemu_arg_count);
	s->icount = option_given(o, "icount");
	s->stats = option_given(o, "stats");
	s->dry_run = option_given(o, "dry-run");
	status = read_board(o, s);
	if (!status)
		status = read_vm(o, s);
	if (!status)
		status = read_number(o, "timeout", "seconds", 1, TIMEOUT_MAX,
				     &s->timeout);
	return status;
}
