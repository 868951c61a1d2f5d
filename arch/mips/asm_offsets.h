/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Offsets that assembly uses; panic.c and thread.c assert each against its C
 * structure.
 */
#ifndef MIPS_ASM_OFFSETS_H
#define MIPS_ASM_OFFSETS_H

#define FRAME_R(n) ((n) * 4) /* struct exception_frame */
#define FRAME_HI 128
#define FRAME_LO 132
#define FRAME_STATUS 136
#define FRAME_CAUSE 140
#define FRAME_EPC 144
#define FRAME_BADVADDR 148
#define FRAME_SIZE 152

#define GUEST_R(n) ((n) * 4) /* struct mips_guest */
#define GUEST_HI 128
#define GUEST_LO 132
#define GUEST_PC 136
#define GUEST_INSN 140
#define GUEST_TRAPPED 144
#define GUEST_CP0 148
#define GUEST_SETTLED 152
#define GUEST_TABLE 156
#define GUEST_PENDING 160
#define GUEST_QUICK 164 /* its first word */
#define GUEST_FLAGS 176
#define GUEST_KEPT(i) (180 + (i) * 4)
#define GUEST_READING 192

/* Bytes at quick_fetch, and at quick_fetch_slot, that touch what a guest has mapped. */
#define QUICK_FETCH_SIZE 12
#define QUICK_FETCH_SLOT_SIZE 28

#define SWITCH_S(n) ((n) * 4) /* struct switch_frame: s0 to s7, fp, ra */
#define SWITCH_RA 36
#define SWITCH_SIZE 40

/* Where a function of ours may store its four register arguments. */
#define ARGUMENT_AREA 16

#endif
