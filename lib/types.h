/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Basic types, and a type of its own for every kind of address.
 *
 * Each address kind is a one-member struct, so that the compiler refuses to
 * mix a guest-physical address with a host-physical one. Take the number out
 * with `.v` only where arithmetic needs it, and put it back at once.
 */
#ifndef LIB_TYPES_H
#define LIB_TYPES_H

/* In an image everything is the image's own: no variable is found through a
 * table of addresses. */
#if !__STDC_HOSTED__
#pragma GCC visibility push(hidden)
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef unsigned long long u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef long long s64;

/* Guest-virtual, guest-physical (Arm: IPA), host-physical, hypervisor-virtual. */
typedef struct {
	u64 v;
} gva_t;
typedef struct {
	u64 v;
} gpa_t;
typedef struct {
	u64 v;
} hpa_t;
typedef struct {
	uintptr_t v;
} hva_t;

/* Page frame numbers, guest-physical and host-physical, in 4 KiB frames. */
typedef struct {
	u64 v;
} gfn_t;
typedef struct {
	u64 v;
} pfn_t;

/*
 * Input address of a translation regime: what a table translates. A stage 2's
 * is a gpa_t, EL2 stage 1's a hva_t, a MIPS software table's a gva_t; the
 * page-table engine need not know which.
 */
typedef struct {
	u64 v;
} ia_t;

#define GVA(x) ((gva_t){(x)})
#define GPA(x) ((gpa_t){(x)})
#define HPA(x) ((hpa_t){(x)})
#define HVA(x) ((hva_t){(uintptr_t)(x)})
#define GFN(x) ((gfn_t){(x)})
#define PFN(x) ((pfn_t){(x)})
#define IA(x) ((ia_t){(x)})

/* The hypervisor's own page. Guests' stage-2 granule may be larger. */
#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define PAGE_MASK (~(u64)(PAGE_SIZE - 1))

#define SZ_4K 0x1000UL
#define SZ_8K 0x2000UL
#define SZ_16K 0x4000UL
#define SZ_64K 0x10000UL
#define SZ_1M 0x100000UL
#define SZ_2M 0x200000UL
#define SZ_1G 0x40000000UL

static inline pfn_t hpa_to_pfn(hpa_t a)
{
	return PFN(a.v >> PAGE_SHIFT);
}

static inline hpa_t pfn_to_hpa(pfn_t p)
{
	return HPA(p.v << PAGE_SHIFT);
}

static inline gfn_t gpa_to_gfn(gpa_t a)
{
	return GFN(a.v >> PAGE_SHIFT);
}

static inline gpa_t gfn_to_gpa(gfn_t g)
{
	return GPA(g.v << PAGE_SHIFT);
}

static inline ia_t gpa_to_ia(gpa_t a)
{
	return IA(a.v);
}

#endif
