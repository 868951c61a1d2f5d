// SPDX-License-Identifier: BSD-2-Clause
/* `twofold inspect`: what the VMs of a board, or of a dump, have mapped. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/help.h"
#include "cli/inspect.h"
#include "cli/inspect_json.h"
#include "cli/map.h"
#include "cli/options.h"
#include "cli/qmp.h"
#include "cli/report.h"
#include "cli/session.h"
#include "cli/size.h"
#include "cli/stage2.h"
#include "lib/util.h"

#define WIDTH_DEFAULT 80
#define WIDTH_MAX 256

static const struct option_spec inspect_options[] = {
	{ "board", "PID", false },
	{ "memory", "FILE@ADDRESS", false },
	{ "range", "START+SIZE", false },
	{ "leaves", NULL, false },
	{ "resume", NULL, false },
	{ "json", NULL, false },
	{ "help", NULL, false },
};

struct request {
	const char *vm; /* NULL: all */
	struct map_style style;
	bool range, json, leaves, resume;
};

/* ---- What is asked for --------------------------------------------------- */

static int read_range(const char *text, struct map_style *style)
{
	const char *plus = text ? strchr(text, '+') : NULL;
	char *end;
	u64 last;

	style->address = 0;
	style->size = UINT64_MAX;
	if (!text)
		return 0;
	errno = 0;
	style->address = strtoull(text, &end, 16);
	if (!plus || end != plus || end == text || *text == '-' || errno ||
	    size_parse(plus + 1, &style->size) || !style->size)
		return refuse("--range: '%s' is not START+SIZE, such as 0x40000000+64M; a SIZE without a unit counts MiB, one with 0x bytes",
			      text);
	last = style->address + style->size - 1;
	if (last < style->address)
		return refuse("--range: '%s' ends beyond the last address",
			      text);
	/* Whole pages, as far as that can be said in 64 bits. */
	style->address = ALIGN_DOWN(style->address, (u64)PAGE_SIZE);
	last |= PAGE_SIZE - 1;
	style->size = min(last - style->address, UINT64_MAX - 1) + 1;
	return 0;
}

/* Of standard output, if that is a terminal. */
static unsigned int terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	u64 n;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		n = size.ws_col;
	else if (!columns || number_parse(columns, &n) || !n)
		n = WIDTH_DEFAULT;
	return min(n, (u64)WIDTH_MAX);
}

/* no-color.org; a terminal that says it is dumb has none either. */
static bool wants_colour(void)
{
	const char *no = getenv("NO_COLOR"), *terminal = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && *no) && terminal &&
	       strcmp(terminal, "dumb");
}

static int read_request(const struct options *o, struct request *r)
{
	if (o->operand_count > 1)
		return refuse("inspect: one VM at a time, but there are '%s' and '%s'",
			      o->operands[0], o->operands[1]);
	if (option_given(o, "board") && option_given(o, "memory"))
		return refuse("inspect: --board and --memory do not go together");
	*r = (struct request){
		.vm = o->operand_count ? o->operands[0] : NULL,
		.range = option_given(o, "range"),
		.json = option_given(o, "json"),
		.leaves = option_given(o, "leaves"),
		.resume = option_given(o, "resume"),
	};
	r->style.width = terminal_width();
	r->style.colour = !r->json && wants_colour();
	return read_range(option_value(o, "range"), &r->style);
}

/* ---- Reading and showing ------------------------------------------------- */

static int refuse_name(const char *name, const struct stage2_board *b)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		return out_of_memory();
	for (size_t i = 0; i < b->vm_count; i++)
		fprintf(to, "%s%s",
			!i ? "" : i + 1 < b->vm_count ? ", " : " and ",
			b->vms[i].name);
	fclose(to);
	refuse("there is no VM '%s', but %s", name, text);
	free(text);
	return STATUS_REFUSED;
}

static int choose(const struct request *r, const struct stage2_board *b,
		  bool *chosen)
{
	bool found = false;

	for (size_t i = 0; i < b->vm_count; i++) {
		chosen[i] = !r->vm || !strcmp(r->vm, b->vms[i].name);
		found |= chosen[i];
	}
	return found ? 0 : refuse_name(r->vm, b);
}

static void list_slots(FILE *to, const struct stage2_vm *vm)
{
	char size[SIZE_TEXT];

	for (size_t i = 0; i < vm->slot_count; i++)
		fprintf(to, "\n  %s: 0x%llx+%s", vm->name,
			vm->slots[i].address,
			size_text(vm->slots[i].size, size));
}

/* Is anything there of what is to be shown? A VM may have no memory at all. */
static int check_range(const struct request *r, const struct stage2_board *b,
		       const bool *chosen)
{
	char *text = NULL;
	size_t size;
	FILE *to;

	if (!r->range)
		return 0;
	for (size_t i = 0; i < b->vm_count; i++)
		for (size_t j = 0; chosen[i] && j < b->vms[i].slot_count; j++) {
			u64 start = b->vms[i].slots[j].address;
			u64 bytes = b->vms[i].slots[j].size;

			if (map_clip(&r->style, &start, &bytes))
				return 0;
		}
	to = open_memstream(&text, &size);
	if (!to)
		return out_of_memory();
	for (size_t i = 0; i < b->vm_count; i++)
		if (chosen[i])
			list_slots(to, &b->vms[i]);
	fclose(to);
	refuse("--range: no memslot lies there; there are:%s", text);
	free(text);
	return STATUS_REFUSED;
}

static int walk(struct memory *m, const struct request *r,
		struct stage2_board *b, const bool *chosen)
{
	int status = 0;

	for (size_t i = 0; i < b->vm_count && !status; i++)
		if (chosen[i])
			status = stage2_walk(m, &b->vms[i], r->style.address,
					     r->style.size);
	return status;
}

static void show(const struct request *r, const struct json_source *source,
		 const struct stage2_board *b, const bool *chosen)
{
	if (r->json) {
		inspect_json(stdout, source, b, chosen, &r->style, r->leaves);
		return;
	}
	if (!source->board)
		printf("%s: the hypervisor is at 0x%llx\n\n", source->title,
		       b->hypervisor);
	for (size_t i = 0; i < b->vm_count; i++) {
		if (!chosen[i])
			continue;
		map_print(stdout, b, &b->vms[i], &r->style);
		if (r->leaves)
			map_print_leaves(stdout, &b->vms[i], &r->style);
		putchar('\n');
	}
	map_print_legend(stdout, &r->style);
}

/* What is read is in *b and *chosen (to be freed) after it. */
static int read_all(struct memory *m, u64 image, const struct request *r,
		    struct stage2_board *b, bool **chosen)
{
	int status = stage2_open(m, image, b);

	*chosen = status ? NULL : calloc(b->vm_count, sizeof(**chosen));
	if (!status && !*chosen)
		status = out_of_memory();
	if (!status)
		status = choose(r, b, *chosen);
	if (!status)
		status = check_range(r, b, *chosen);
	return status ? status : walk(m, r, b, *chosen);
}

static int finish(int status, const struct request *r,
		  const struct json_source *source, struct stage2_board *b,
		  bool *chosen)
{
	if (!status)
		show(r, source, b, chosen);
	stage2_free(b);
	free(chosen);
	return status;
}

static int inspect_file(const char *text, const struct request *r)
{
	struct json_source source = { .title = text };
	struct stage2_board b = { 0 };
	bool *chosen = NULL;
	struct memory m;
	int status = memory_open_file(text, &m);

	if (!status)
		status = read_all(&m, m.base, r, &b, &chosen);
	memory_close(&m);
	return finish(status, r, &source, &b, chosen);
}

/* ---- A board that runs --------------------------------------------------- */

static int refuse_several(const struct session *list, size_t count,
			  const char *why)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		return out_of_memory();
	for (size_t i = 0; i < count; i++)
		fprintf(to, "\n  --board %d  %s: %s", (int)list[i].pid,
			list[i].title, list[i].vms);
	fclose(to);
	refuse("%s:%s", why, text);
	free(text);
	return STATUS_REFUSED;
}

static int find_board(const char *pid, struct session *out)
{
	struct session *list;
	size_t count;
	u64 wanted = 0;
	int status = session_list(&list, &count);

	if (!status && pid && (number_parse(pid, &wanted) || !wanted))
		status = refuse("--board: '%s' is not the process id of a `twofold run`",
				pid);
	if (!status && !count)
		status = failed("no board runs; `twofold run` starts one");
	else if (!status && !pid && count > 1)
		status = refuse_several(list, count,
					"several boards run; choose one");
	for (size_t i = 0; i < count && !status; i++) {
		*out = list[i];
		if (!pid || (u64)list[i].pid == wanted)
			goto found;
	}
	if (!status)
		status = refuse_several(list, count,
					"--board: that board does not run, but");
found:
	free(list);
	return status;
}

/* Nothing may end us while the board stands still for us. */
static sigset_t hold_signals(void)
{
	static const int held[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP };
	sigset_t set, old;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(held); i++)
		sigaddset(&set, held[i]);
	sigprocmask(SIG_BLOCK, &set, &old);
	return old;
}

static int read_stopped(struct qmp *q, const struct session *s,
			const struct request *r, struct stage2_board *b,
			bool **chosen)
{
	struct memory m;
	int status = memory_open_board(q, s->ram_base, s->ram_size, s->page,
				       &m);

	if (!status)
		status = read_all(&m, s->image, r, b, chosen);
	memory_close(&m);
	return status;
}

/* A board that stood still stays so, unless it is to go on. */
static const char stands_still[] =
	"twofold: the board stands still; a debugger has stopped it, or an inspector that was killed (--resume lets it go on)\n";

static int read_board(const struct session *s, const struct request *r,
		      struct stage2_board *b, bool **chosen)
{
	sigset_t old = hold_signals();
	struct qmp q = { .fd = -1 };
	bool runs;
	int status = qmp_open(&q, s->monitor), resumed = 0;

	if (status < 0)
		status = failed("the board %d has just ended", (int)s->pid);
	if (!status)
		status = qmp_command(&q, "{\"execute\": \"query-status\"}");
	runs = !status && strstr(q.line, "\"running\": true");
	if (runs)
		status = qmp_command(&q, "{\"execute\": \"stop\"}");
	else if (!status && !r->resume)
		fputs(stands_still, stderr);
	if (!status)
		status = read_stopped(&q, s, r, b, chosen);
	if (q.fd >= 0 && (runs || r->resume))
		resumed = qmp_command(&q, "{\"execute\": \"cont\"}");
	qmp_close(&q);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return status ? status : resumed;
}

static int inspect_board(const char *pid, const struct request *r)
{
	struct session s = { 0 };
	struct json_source source = { 0 };
	struct stage2_board b = { 0 };
	bool *chosen = NULL;
	int status = find_board(pid, &s);

	if (status)
		return status;
	source.board = s.pid;
	source.title = s.title;
	status = read_board(&s, r, &b, &chosen);
	return finish(status, r, &source, &b, chosen);
}

int command_inspect(int argc, char **argv)
{
	struct request r;
	struct options o;
	int status = options_parse("inspect", inspect_options,
				   ARRAY_SIZE(inspect_options), argc, argv, &o);

	if (!status && option_given(&o, "help")) {
		help_print("inspect");
	} else if (!status) {
		status = read_request(&o, &r);
		if (!status && option_given(&o, "memory"))
			status = inspect_file(option_value(&o, "memory"), &r);
		else if (!status)
			status = inspect_board(option_value(&o, "board"), &r);
	}
	options_free(&o);
	return status;
}
