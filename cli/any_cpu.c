// SPDX-License-Identifier: BSD-2-Clause
/* A VM's stage 2 against the CPU that has all that its kind can have. */
#include "arch/armcommon/stage2_choose.h"
#include "arch/mips/gpa_choose.h"
#include "cli/any_cpu.h"
#include "lib/errno.h"
#include "lib/util.h"
#include "vmm/guest_machine.h"

static const struct stage2_cpu everything[] = {
	[IMAGE_ARM64] = {
		.pa_bits = 52,
		.vmid_bits = 16,
		.granules = SZ_4K | SZ_16K | SZ_64K,
		.granules52 = SZ_4K | SZ_16K | SZ_64K,
		.features = ~(u32)STAGE2_LPAE,
	},
	[IMAGE_ARM] = {
		.pa_bits = 40,
		.vmid_bits = 8,
		.granules = SZ_4K,
		.features = STAGE2_LPAE,
	},
};

static int refuse_stage2(const void *fdt, const struct vm_description *d,
			 const struct stage2_refusal *no, char *why,
			 size_t size)
{
	static const char *const property[] = {
		[STAGE2_IPA_BITS] = "twofold,ipa-bits",
		[STAGE2_GRANULE] = "twofold,stage2-granule",
		[STAGE2_FEATURES_OFF] = "twofold,cpu-features-off",
	};

	return description_refuse(fdt, d->node, property[no->what], why, size,
				  "%s", no->why);
}

int any_cpu_check(const void *fdt, const struct vm_description *d,
		  enum image_arch arch, char *why, size_t size)
{
	const struct vm_config config = {
		.ipa_bits = d->ipa_bits,
		.granule = d->granule,
		.features_off = d->features_off,
		.features_off_size = d->features_off_size,
	};
	u64 base = guest_ram_base(arch), end = guest_ram_end(arch);
	struct pgtable_config s2;
	struct stage2_refusal no;
	int err = arch == IMAGE_MIPS ?
			  gpa_choose(&config, &s2, &no) :
			  stage2_choose(&everything[arch], &config, &s2, &no);

	if (err)
		return refuse_stage2(fdt, d, &no, why, size);
	if (end && description_check_below(fdt, d, base, end, why, size))
		return -EINVAL;
	return description_check_space(fdt, d, base, s2.ia_bits, why, size);
}
