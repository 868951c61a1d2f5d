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
	row("tlbwi", "tlbwi", 110)
	row("eret", "eret", 110)
	row("tlbp", "tlbp", "-")
	row("di", "di", "-")
	row("ei", "ei", "-")
	row("mfc0-count", "mfc0 Count", "-")
	row("syscall-and-back", "system call, and back by eret", "-")
	row("tlb-miss", "TLB miss on a page in the table", goal_of_a_miss)
}

{ sub(/\r$/, "") }

/^BENCH-HZ / { per_tick = int(1e9 / $2) / 8 }

/^BENCH / && $3 > 0 {
	nop = $2 != "eret" && $2 != "tlb-miss"
	cost[$2] = ($4 - $5) * per_tick / $3 + nop
	times[$2] = $3
}

END {
	printf "%-38s %9s %9s %9s\n", "operation", "times", "measured", "goal"
	for (i = 1; i <= rows; i++) {
		n = order[i]
		over = goals[n] + 0 && cost[n] > goals[n] + 0.5 ? "  over" : ""
		printf "%-38s %9d %9.0f %9s%s\n", label[n], times[n], cost[n],
		       goals[n], over
	}
}
