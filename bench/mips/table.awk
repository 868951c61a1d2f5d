# SPDX-License-Identifier: BSD-2-Clause
#
# As bench/table.awk, of what bench/mips/exits.c prints. A tick of Count is so many
# instructions as fit in its time, which QEMU rounds to nanoseconds, at 8 ns each
# (-icount shift=3).

function row(name, what, goal)
{
	order[++rows] = name
	label[name] = what
	goals[name] = goal
}

BEGIN {
	row("mfc0-epc", "mfc0, translated", 1)
	row("mtc0-epc", "mtc0, translated", 1)
	row("mtc0-entryhi", "mtc0 EntryHi", 110)
	row("tlbwi", "tlbwi, the same entry again", 110)
	row("tlbwi-other", "tlbwi, of no page that is in the tables", 110)
	row("tlbwi-live", "tlbwi, of two pages that are", "-")
	row("tlbwr", "tlbwr, of no page that is in the tables", "-")
	row("tlbwr-live", "tlbwr, mostly of two that are", "-")
	row("eret", "eret", 110)
	row("tlbp", "tlbp", "-")
	row("di", "di", "-")
	row("ei", "ei", "-")
	row("restore", "beqz, di, ei: interrupts restored", "-")
	row("mtc0-status", "mtc0 Status", "-")
	row("mfc0-count", "mfc0 Count", "-")
	row("mtc0-compare", "mtc0 Compare", "-")
	row("syscall", "system call of user mode, delivered", 90)
	row("syscall-user", "the same, and back by eret", 200)
	row("miss-user", "TLB miss of user mode, delivered; eret", "-")
	row("tlb-miss", "TLB miss on a page in the table", goal_of_a_miss)
}

{ sub(/\r$/, "") }

/^BENCH-HZ / { per_tick = int(1e9 / $2) / 8 }

/^BENCH / && $3 > 0 {
	nop = $2 !~ /^(eret|tlb-miss|.*-user|.*-kernel)$/
	cost[$2] = ($4 - $5) * per_tick / $3 + nop
	times[$2] = $3
}

# What is delivered and what returns cannot be told apart from within. In kernel mode
# ERET by itself can; and what user mode has besides, half of it is the way there.
END {
	cost["syscall"] = cost["syscall-kernel"] - cost["eret"] + \
		(cost["syscall-user"] - cost["syscall-kernel"]) / 2
	times["syscall"] = times["syscall-user"]
	printf "%-38s %9s %9s %9s\n", "operation", "times", "measured", "goal"
	for (i = 1; i <= rows; i++) {
		n = order[i]
		over = goals[n] + 0 && cost[n] > goals[n] + 0.5 ? "  over" : ""
		if (cost[n] < 0 && cost[n] > -0.5)
			cost[n] = 0
		printf "%-38s %9d %9.0f %9s%s\n", label[n], times[n], cost[n],
		       goals[n], over
	}
}
