// SPDX-License-Identifier: BSD-2-Clause
#include "arch/mips/gpa_choose.h"
#include "core/vm.h"
#include "lib/errno.h"
#include "pgtable/pgtable.h"

static int refuse(struct stage2_refusal *no, struct stage2_refusal why)
{
	if (no)
		*no = why;
	return -EINVAL;
}

int gpa_choose(const struct vm_config *config, struct pgtable_config *out,
	       struct stage2_refusal *no)
{
	if (config->ipa_bits && config->ipa_bits != GPA_BITS)
		return refuse(no, (struct stage2_refusal){
			STAGE2_IPA_BITS, "MIPS guests have 29"});
	if (config->granule && config->granule != SZ_4K)
		return refuse(no, (struct stage2_refusal){
			STAGE2_GRANULE, "MIPS guests have 4 KiB alone"});
	if (config->features_off_size)
		return refuse(no, (struct stage2_refusal){
			STAGE2_FEATURES_OFF,
			"there are no features that MIPS guests could do without"});
	*out = (struct pgtable_config){
		.format = &pgtable_mips32,
		.ia_bits = GPA_BITS,
		.oa_bits = 32,
	};
	return 0;
}
