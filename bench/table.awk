# SPDX-License-Identifier: BSD-2-Clause
#
# From what bench-exits.elf prints (BENCH name repetitions ticks empty) to a
# table: measured, goal, peers. Numbers are executed instructions.
#
#   awk -v arch=ARCH -f table.awk CONSOLE
#
# The peers were measured the same way, on QEMU 7.2: KVM (nVHE) is Linux 6.1 with
# kvmtool, Xen its dom0less with the null scheduler. Bao never faults, and passes
# the UART through. On ARMv7 there is Xvisor alone: Linux dropped its KVM, and the
# others have no port to it that ran.

function peers(name, what, goal, kvm, xen, xvisor, bao)
{
	order[++rows] = name
	label[name] = what
	goals[name] = goal
	other[name] = sprintf("%9s %9s %9s %9s", kvm, xen, xvisor, bao)
}

function arm_peer(name, goal, xvisor)
{
	goals[name] = goal
	other[name] = sprintf("%9s", xvisor)
}

BEGIN {
	peers("hvc", "cheapest HVC", 120, 1494, 756, "-", 149)
	peers("psci-version", "PSCI_VERSION by HVC", 150, "-", 798, 396, 188)
	peers("gicd-typer", "GICD_TYPER read", 200, 2328, 1392, 718, 224)
	peers("gicd-isenabler1", "GICD_ISENABLER1 read", 300, "-", 1664, 1626,
	      1289)
	peers("uart-fr", "UART flag read", 250, 6283, 1588, 629, "-")
	peers("sgi-self", "SGI to self, to its EOI", 400, "-", 1594, "never",
	      792)
	peers("sgi-round-trip", "SGI to a vCPU and back", 1500, 5642, "-", "-",
	      "-")
	peers("timer", "timer, armed to its EOI", 215, 5804, 1983, 2209, 218)
	peers("touch-image-run", "first touch of image pages", 500, "-", 1116,
	      1504, "-")
	peers("touch-image-block", "the same, in a 2 MiB block", "-", "-", "-",
	      "-", "-")
	peers("touch-image-write", "first write: pages copied", "-", "-", "-",
	      "-", "-")
	peers("touch-zeroed", "first touch, block zeroed", "-", "-", "-", "-",
	      "-")
	peers("reset", "reset to the guest", 250000, "-", "24.8 M", "51.5 M",
	      376000)
	columns = sprintf("%9s %9s %9s %9s", "KVM", "Xen", "Xvisor", "Bao")
	if (arch == "arm") {
		for (name in other)
			arm_peer(name, "-", "-")
		arm_peer("hvc", 180, "-")
		arm_peer("psci-version", 220, 464)
		arm_peer("gicd-typer", 300, 766)
		arm_peer("gicd-isenabler1", 400, "-")
		arm_peer("uart-fr", 350, 726)
		arm_peer("sgi-self", 500, "never")
		arm_peer("sgi-round-trip", 1800, "-")
		arm_peer("timer", 300, 2531)
		arm_peer("touch-image-run", 700, 2090)
		arm_peer("reset", 250000, "81 M")
		columns = sprintf("%9s", "Xvisor")
	}
}

{ sub(/\r$/, "") }

/^BENCH-HZ / { per_tick = 1e9 / $2 }

/^BENCH / && $3 > 0 {
	cost[$2] = ($4 - $5) * per_tick / $3
	times[$2] = $3
	if (NF > 5)
		label[$2] = label[$2] sprintf(" (%.0f pages)", $6 / $3)
}

# The least that a call may cost: an unknown one, or the version of SMCCC.
/^BENCH smccc-version / && cost["smccc-version"] < cost["hvc"] {
	cost["hvc"] = cost["smccc-version"]
}

/^BENCH-ENTRY / {
	cost["reset"] = ($2 + $3) * per_tick
	times["reset"] = 1
}

END {
	printf "%-38s %9s %9s %9s %s\n", "operation", "times", "measured",
	       "goal", columns
	for (i = 1; i <= rows; i++) {
		n = order[i]
		over = ""
		if (goals[n] + 0 && cost[n] > goals[n])
			over = "  over"
		if (n in cost)
			printf "%-38s %9d %9.0f %9s %s%s\n", label[n],
			       times[n], cost[n], goals[n], other[n], over
		else
			printf "%-38s %9s %9s %9s %s\n", label[n], "-", "-",
			       goals[n], other[n]
	}
}
