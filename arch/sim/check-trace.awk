#!/usr/bin/awk -f
# SPDX-License-Identifier: BSD-2-Clause
#
# Judge a trace of the simulated machine (docs/sim.md), knowing nothing of how it
# judges itself: is every live entry of an arm64 stage 2 broken, invalidated on
# every CPU and only then made (DDI 0487, D8.16.1), is no table freed before that,
# and is all invalidated by the time that nothing is under way?
#
#   awk -f check-trace.awk [-v bbm=2] [-v granule=14] TRACE
#
# bbm: FEAT_BBM's level, or 0 where the MMU writes to tables (D8.17.1, R_RTBRL);
# granule: its log2. Prints a line for each mistake;
# exit status 1 if there is any. Traces of one granule and of broadcast
# invalidations. Numbers are doubles: 53 bits, enough for an address.

function hex(s,    n, i) {
	n = 0
	for (i = 1; i <= length(s); i++)
		n = n * 16 + index("0123456789abcdef", substr(s, i, 1)) - 1
	return n
}

# Bits high:low of a descriptor, of which a double has no more than 53.
function field(s, high, low,    t) {
	t = "0000000000000000" s
	t = substr(t, length(t) - int(high / 4), int(high / 4) - int(low / 4) + 1)
	return int(hex(t) / 2 ^ (low % 4)) % 2 ^ (high - low + 1)
}

function wrong(what) {
	print FILENAME ":" $1 ": " what ": " $0
	mistakes++
}

function valid(v) { return field(v, 0, 0) }
function is_table(v, level) { return level < 3 && field(v, 1, 1) }
function address(v) { return field(v, 47, 12) * 4096 }
# Output address, memory type and shareability: what must not change live.
function essence(v) { return field(v, 47, 12) " " field(v, 5, 2) " " field(v, 9, 8) }

# Bits 63:55 are software's or ignored.
function same(a, b) {
	return field(a, 54, 28) == field(b, 54, 28) && field(a, 27, 0) == field(b, 27, 0)
}

function span(level) { return 2 ^ (granule + (3 - level) * (granule - 3)) }

# ---- What a TLB may hold that memory says no more ---------------------------

# state 2: stage 2's and what is combined; 1: what is combined; 0: nothing.
function hold(ia, level, v, table,    n) {
	n = ++held
	h_ia[n] = ia; h_level[n] = level; h_value[n] = v
	h_table[n] = is_table(v, level); h_root[n] = root[table]
	h_state[n] = 2
	pending[++waiting] = n
}

# What is pending[i] waits no more; another takes its place. (No element of an
# array is deleted here: some versions of mawk crash.)
function drop(i) { pending[i] = pending[waiting--] }

# An entry at `pa`, of a table that is linked, led there and does no more. With
# the access flag clear a leaf is in no TLB (D8.5.1).
function gone(pa, v, table,    level, ia) {
	level = t_level[table]
	if (!(root[table] in vmid) || (!is_table(v, level) && !field(v, 10, 10)))
		return
	ia = t_ia[table] + (pa - table) / 8 * span(level)
	hold(ia, level, v, table)
	if (is_table(v, level))
		unlink(address(v))
}

function unlink(table,    pa) {
	for (pa = table; pa < table + t_size[table]; pa += 8)
		if ((pa in value) && valid(value[pa]))
			gone(pa, value[pa], table)
	root[table] = ""
}

# What is held of [ia, ia + size) against the entry that takes its place.
function clashes(ia, level, v, table,    i, n, size) {
	size = span(level)
	for (i = 1; i <= waiting; i++) {
		n = pending[i]
		if (h_root[n] != root[table] || h_ia[n] >= ia + size ||
		    ia >= h_ia[n] + span(h_level[n]))
			continue
		if (!h_table[n] && !is_table(v, level) && h_level[n] == level &&
		    essence(v) != essence(h_value[n]))
			return 1
		if (bbm >= 2) {
			# Held side by side: an invalidation by address or range need
			# not remove them (D8.17.3, R_GRVDR).
			if (!h_table[n] && !is_table(v, level) &&
			    h_level[n] != level && field(v, 10, 10))
				h_doubled[n] = 1
			continue
		}
		if (h_table[n] && !is_table(v, level) && level <= h_level[n])
			return 1
		if (!h_table[n] && is_table(v, level) && level >= h_level[n])
			return 1
		if (!h_table[n] && !is_table(v, level) && h_level[n] != level)
			return 1
	}
	return 0
}

# ---- Invalidations --------------------------------------------------------------

# Does invalidation `op` of `operand` take the item out of stage 2's entries?
function hits(n, op, operand,    ia, size, hint, scale) {
	if (n in h_doubled)
		return 0
	if (op == "tlbi-ipas2e1is") {
		ia = operand % 2 ^ 40 * 4096
		size = 4096
		hint = int(operand / 2 ^ 44) % 16
		hint = hint >= 4 ? hint % 4 : 0
	} else {
		scale = int(operand / 2 ^ 44) % 4
		ia = operand % 2 ^ 37 * 2 ^ granule
		size = (int(operand / 2 ^ 39) % 32 + 1) * 2 ^ (5 * scale + 1 + granule)
		hint = int(operand / 2 ^ 37) % 4
	}
	if (hint && (h_table[n] || h_level[n] != hint))
		return 0
	return ia < h_ia[n] + span(h_level[n]) && h_ia[n] < ia + size
}

function perform(op, id, operand, since,    i, n) {
	# From the end: what takes the place of one that is dropped has been seen.
	for (i = waiting; i; i--) {
		n = pending[i]
		if (n > since || (op != "tlbi-alle1is" && vmid[h_root[n]] != id))
			continue
		if (op == "tlbi-alle1is" || op == "tlbi-vmalls12e1is")
			drop(i)
		else if (op == "tlbi-vmalle1is" && h_state[n] == 1)
			drop(i)
		else if (op ~ /^tlbi-r?ipas2e1is$/ && h_state[n] == 2 && hits(n, op, operand))
			h_state[n] = 1
	}
}

# As an index a number is whole, however large.
BEGIN {
	CONVFMT = "%.0f"
	if (!granule)
		granule = 12
}

# A table is known by each page of it.
$3 == "alloc" {
	base = hex($4)
	t_size[base] = hex($5)
	for (pa = base; pa < base + t_size[base]; pa += 4096)
		table_of[pa] = base
	next
}
$3 == "free" {
	base = hex($4)
	for (i = 1; i <= waiting; i++) {
		n = pending[i]
		if (h_table[n] && address(h_value[n]) == base)
			wrong("freed before its invalidation")
	}
	for (pa = base; pa < base + t_size[base]; pa += 8)
		if (pa in value)
			value[pa] = "0"
	next
}
$3 == "table" {
	base = hex($4)
	t_level[base] = field($5, 3, 0)
	t_ia[base] = hex($5) - t_level[base]
	root[base] = linking ? linking : base
	next
}
$3 == "enter" {
	linking = 0
	vmid[field($4, 47, 1) * 2] = field($4, 63, 48)
	next
}
$3 == "entry" {
	pa = hex($4)
	table = table_of[pa - pa % 4096]
	old = (pa in value) ? value[pa] : "0"
	value[pa] = $5
	level = t_level[table]
	ia = t_ia[table] + (pa - table) / 8 * span(level)
	if (valid(old) && !same(old, $5)) {
		if (valid($5) && is_table(old, level) == is_table($5, level) &&
		    essence(old) != essence($5))
			wrong("changed live")
		else if (valid($5) && is_table(old, level) != is_table($5, level) &&
			 bbm < 2)
			wrong("size changed live")
		gone(pa, old, table)
	}
	if (valid($5) && clashes(ia, level, $5, table))
		wrong("made before what it replaces was invalidated")
	# The table that it leads to is told of next.
	linking = root[table]
	next
}
# The MMU's own: of access flag and dirty state alone.
$3 == "hwupdate" {
	value[hex($4)] = $5
	next
}
$3 ~ /^tlbi/ {
	n = ++issued[$2]
	i_op[$2, n] = $3; i_id[$2, n] = hex($4); i_operand[$2, n] = hex($5)
	i_since[$2, n] = held
	next
}
# Complete; without a DSB between them, stage 1 may have been first.
$3 == "dsb" && $5 == "0" {
	for (pass = 1; pass <= 2; pass++)
		for (n = 1; n <= issued[$2]; n++)
			if ((i_op[$2, n] == "tlbi-vmalle1is") == (pass == 1))
				perform(i_op[$2, n], i_id[$2, n],
					i_operand[$2, n], i_since[$2, n])
	issued[$2] = 0
	next
}
$3 == "quiet" {
	for (i = 1; i <= waiting; i++) {
		n = pending[i]
		wrong("level " h_level[n] ", " h_value[n] ", was never invalidated")
	}
	waiting = 0
}
END { exit mistakes > 0 }
