/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What QEMU's Malta has not in its ROM at 0xbfc00480, where the CPU comes by SDBBP,
 * which anybody may execute: the way on that the board's own firmware, YAMON, has.
 * All registers are kept.
 */
	.set	noreorder
	.set	noat
	.text
	mtc0	$k0, $31		/* DESAVE */
	lui	$k0, 0x8000
	ori	$k0, $k0, 0x300
	jr	$k0
	 mfc0	$k0, $31
