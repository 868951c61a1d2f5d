// SPDX-License-Identifier: BSD-2-Clause
/* `twofold run` and `twofold check`: from a command line to a running board. */
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/board.h"
#include "cli/compose.h"
#include "cli/file.h"
#include "cli/help.h"
#include "cli/kernel.h"
#include "cli/kind.h"
#include "cli/layout.h"
#include "cli/plan.h"
#include "cli/qemu.h"
#include "cli/report.h"
#include "cli/run.h"
#include "cli/session.h"
#include "cli/settings.h"
#include "cli/source.h"
#include "cli/undo.h"
#include "core/vm.h"
#include "lib/util.h"

/* Everything between the settings and QEMU. */
struct job {
	struct settings settings;
	struct board_config board;
	struct plan plan;
	struct token token;
	void *description;
	void *board_tree;
	void *composed;
	char *image;
};

static void job_free(struct job *j)
{
	plan_free(&j->plan);
	free(j->description);
	free(j->board_tree);
	free(j->composed);
	free(j->image);
}

/* The hypervisor itself, which looks like a Linux kernel as well. */
static int check_image(const struct job *j, const char *what, int fd, u64 size)
{
	static const struct {
		enum image_kind kind;
		const char *name;
	} form[] = {
		[IMAGE_ARM64] = { IMAGE_LINUX, "an arm64 Image" },
		[IMAGE_ARM] = { IMAGE_ZIMAGE, "a zImage" },
		[IMAGE_MIPS] = { IMAGE_ELF, "an ELF file" },
	};
	const struct board *board = j->settings.board;
	struct kernel_kind kind;
	struct image image;
	int status;

	kernel_kind_of_file(j->image, &kind);
	if (kind.known && kind.arch != board->arch)
		return refuse("%s: is %s; the board %s needs %s, such as %s",
			      what, kernel_kind_text(kind.arch), board->name,
			      kernel_kind_text(board->arch), board->image);
	status = kernel_recognise(what, fd, size, board->arch, &image);
	if (!status && image.kind != form[board->arch].kind)
		status = refuse("%s: is not %s", what, form[board->arch].name);
	return status;
}

static int find_image(struct job *j)
{
	const char *given = j->settings.image;
	struct stat st;
	char *what;
	int fd, status;

	j->image = given ? strdup(given) : beside_executable(j->settings.board->image);
	if (!j->image ||
	    asprintf(&what, given ? "--image %s" : "the hypervisor %s (`make` builds it)",
		     j->image) < 0)
		return out_of_memory();
	status = file_open(what, j->image, &fd, &st);
	if (!status) {
		status = check_image(j, what, fd, st.st_size);
		close(fd);
	}
	free(what);
	return status;
}

/* What the operand says, before the options: what CPUs its kernels are for. */
static int look_at_operand(struct job *j)
{
	struct settings *s = &j->settings;
	int status;

	if (!s->is_description) {
		kernel_kind_of_file(s->operand, &s->kernels);
		return 0;
	}
	status = source_from_dts(s->operand, &j->description);
	if (!status)
		status = kernel_kind_of_description(j->description, s->operand,
						    &s->kernels);
	return status;
}

/* The VMs, their files, and the board that they fit on. */
static int prepare_vms(struct job *j)
{
	const struct settings *s = &j->settings;
	int status = 0;

	if (!s->is_description)
		status = source_from_settings(s, &j->description);
	if (!status)
		status = plan_read(j->description, s, &j->plan);
	if (!status)
		status = layout_board_memory(&j->plan, &j->board.memory);
	if (!status)
		status = layout_place(&j->plan, s->board, j->board.memory);
	return status;
}

/* The device tree that the hypervisor gets, with everything checked. */
static int prepare(struct job *j)
{
	const struct settings *s = &j->settings;
	unsigned int most = board_max_cpus(s->board, s->gic);
	int status = prepare_vms(j);

	if (status)
		return status;
	j->board.settings = s;
	j->board.cpus = s->board_cpus ? s->board_cpus : plan_cpus(&j->plan);
	j->board.cpus = s->board->fixed_cpus ? s->board->fixed_cpus :
					       min(j->board.cpus, most);
	status = s->board->device_tree(&j->board, &j->board_tree);
	if (!status)
		status = token_make(&j->token);
	if (!status)
		status = compose(j->board_tree, &j->plan, &j->token,
				 &j->composed);
	if (!status)
		status = compose_check(j->composed, &j->plan, j->board.memory);
	return status;
}

static const char dry_note[] =
	"twofold: the temporary files and the socket that the command line names are there only while a run lasts\n";
static const char stats_note[] =
	"twofold: no statistics: they come when the guests end; `twofold inspect` shows their memory while they run\n";

static bool wants_stats(const struct job *j)
{
	int chosen = fdt_path_offset(j->composed, "/chosen");

	return fdt_getprop(j->composed, chosen, "twofold,stats", NULL);
}

/* "debian, hello and 3 more" */
static void name_vms(const struct plan *p, char *buf, size_t size)
{
	size_t n = 0;

	for (unsigned int i = 0; i < p->vm_count; i++) {
		const char *name = fdt_get_name(p->description, p->vms[i].node,
						NULL);

		/* Room for the rest, and what is said in place of it. */
		if (n + VM_NAME_LEN + sizeof(" and 1024 more") > size) {
			snprintf(buf + n, size - n, " and %u more",
				 p->vm_count - i);
			return;
		}
		n += snprintf(buf + n, size - n, "%s%s", i ? ", " : "", name);
	}
}

static int start(struct job *j)
{
	struct args command = { 0 };
	const char *dtb, *monitor;
	char vms[256] = "";
	char *text;
	int status = find_image(j);

	if (status)
		return status;
	dtb = file_write_temporary("twofold.dtb", j->composed,
				   fdt_totalsize(j->composed));
	if (!dtb)
		return STATUS_FAILED;
	name_vms(&j->plan, vms, sizeof(vms));
	monitor = j->settings.dry_run ?
			  session_monitor() :
			  session_begin(j->settings.board, j->board.memory,
					j->settings.operand, vms);
	qemu_command(&j->board, &j->plan, j->image, dtb, monitor, &command);
	if (j->settings.dry_run) {
		status = compose_print(j->composed);
		text = args_quoted(&command);
		if (!status)
			puts(text);
		free(text);
		fflush(stdout);
		fputs(dry_note, stderr);
	} else {
		status = qemu_run(&command, &j->token, j->settings.timeout,
				  wants_stats(j) ? stats_note : "");
	}
	args_free(&command);
	return status;
}

int command_run(int argc, char **argv)
{
	struct job j = { 0 };
	struct options o;
	int status = options_parse("run", run_options, run_option_count, argc,
				   argv, &o);

	if (!status && option_given(&o, "help")) {
		help_print("run");
	} else if (!status) {
		status = settings_operand(&o, &j.settings);
		if (!status)
			status = look_at_operand(&j);
		if (!status)
			status = settings_from_options(&o, &j.settings);
		if (!status)
			status = prepare(&j);
		if (!status)
			status = start(&j);
	}
	job_free(&j);
	options_free(&o);
	return status;
}

static const struct option_spec check_options[] = {
	{ "board", BOARD_CHOICE, false },
	{ "help", NULL, false },
};

static int check(const struct options *o)
{
	struct job j = { 0 };
	struct kernel_kind kind;
	int status;

	if (o->operand_count != 1)
		return refuse("check: one description is needed, such as `twofold check examples/two.dts`");
	j.settings = (struct settings){ .operand = o->operands[0],
					.is_description = true,
					.any_cpu = true };
	kernel_kind_of_file(j.settings.operand, &kind);
	if (kind.known)
		return refuse("%s: is %s, not a description; `twofold run --dry-run` looks at it",
			      kind.name, kernel_kind_text(kind.arch));
	status = look_at_operand(&j);
	if (!status)
		status = settings_board(option_value(o, "board"), &j.settings);
	if (!status) {
		j.settings.gic = j.settings.board->default_gic;
		status = prepare(&j);
	}
	if (!status)
		printf("%s: %u VM%s for the board %s, nothing wrong\n",
		       j.settings.operand, j.plan.vm_count,
		       j.plan.vm_count == 1 ? "" : "s", j.settings.board->name);
	job_free(&j);
	return status;
}

int command_check(int argc, char **argv)
{
	struct options o;
	int status = options_parse("check", check_options,
				   ARRAY_SIZE(check_options), argc, argv, &o);

	if (!status && option_given(&o, "help"))
		help_print("check");
	else if (!status)
		status = check(&o);
	options_free(&o);
	return status;
}
