// SPDX-License-Identifier: BSD-2-Clause
/*
 * What of the CPU's stage 2 a VM gets.
 */
#include "arch/armcommon/stage2_choose.h"

#include "core/vm.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

#define IPA_BITS_DEFAULT 40U
#define IPA_BITS_LEAST 32U

/* In the order of their bits. */
#define FEATURE_NAMES "xnx hafdbs bbm2 ttl tlbirange lpa lpa2"

static u32 feature_bit(const char *name)
{
	const char *at = FEATURE_NAMES;
	size_t len = strlen(name);

	for (u32 bit = 1; *at; bit <<= 1) {
		if (len && !strncmp(at, name, len) &&
		    (!at[len] || at[len] == ' '))
			return strchr(name, ' ') ? 0 : bit;
		while (*at && *at++ != ' ')
			;
	}
	return 0;
}

/* The first name that is no feature's goes to *unknown. */
static u32 features_off(const struct vm_config *config, const char **unknown)
{
	const char *name = config->features_off;
	const char *end = name + config->features_off_size;
	u32 off = 0;

	for (*unknown = NULL; name < end; name += strlen(name) + 1) {
		u32 bit = feature_bit(name);

		if (!bit && !*unknown)
			*unknown = name;
		off |= bit;
	}
	return off;
}

u32 stage2_features(const struct stage2_cpu *cpu,
		    const struct vm_config *config)
{
	const char *unknown;

	return cpu->features & ~features_off(config, &unknown);
}

static const struct pgtable_format *format_of(const struct stage2_cpu *cpu,
					      u32 granule)
{
	if (cpu->features & STAGE2_LPAE)
		return &pgtable_lpae_s2;
	return granule == SZ_16K ? &pgtable_arm64_s2_16k :
	       granule == SZ_64K ? &pgtable_arm64_s2_64k :
				   &pgtable_arm64_s2_4k;
}

/* The extension that gives a granule 52 bits. */
static u32 wide_feature(const struct stage2_cpu *cpu, u32 granule)
{
	if (!(cpu->granules52 & granule))
		return 0;
	return granule == SZ_64K ? STAGE2_LPA : STAGE2_LPA2;
}

static int refuse(struct stage2_refusal *no, int what, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int refuse(struct stage2_refusal *no, int what, const char *fmt, ...)
{
	static char why[96];
	va_list ap;

	if (!no)
		return -EINVAL;
	va_start(ap, fmt);
	vscnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	no->what = what;
	no->why = why;
	return -EINVAL;
}

static int refuse_granule(const struct stage2_cpu *cpu, u32 granule,
			  struct stage2_refusal *no)
{
	return refuse(no, STAGE2_GRANULE,
		      "%u (%uK): this CPU's stage 2 has%s%s%s", granule,
		      granule / 1024, cpu->granules & SZ_4K ? " 4096 (4K)" : "",
		      cpu->granules & SZ_16K ? " 16384 (16K)" : "",
		      cpu->granules & SZ_64K ? " 65536 (64K)" : "");
}

int stage2_choose(const struct stage2_cpu *cpu, const struct vm_config *config,
		  struct pgtable_config *out, struct stage2_refusal *no)
{
	u32 granule = config->granule ? config->granule : SZ_4K;
	u32 features = stage2_features(cpu, config);
	u32 wide = features & wide_feature(cpu, granule);
	unsigned int most = min(cpu->pa_bits, wide ? 52U : 48U);
	unsigned int ipa_bits = config->ipa_bits ? config->ipa_bits :
						   min(IPA_BITS_DEFAULT, most);
	const char *unknown;

	features_off(config, &unknown);
	if (unknown)
		return refuse(no, STAGE2_FEATURES_OFF,
			      "'%.16s': must be of " FEATURE_NAMES, unknown);
	if (granule & (granule - 1) || !(granule & cpu->granules))
		return refuse_granule(cpu, granule, no);
	if (ipa_bits < IPA_BITS_LEAST || ipa_bits > most)
		return refuse(no, STAGE2_IPA_BITS,
			      "%u: CPU and granule have %u to %u", ipa_bits,
			      IPA_BITS_LEAST, most);
	/* Nobody needs what they cost, unless addresses are as large. */
	if (ipa_bits <= 48)
		wide = 0;
	*out = (struct pgtable_config){
		.format = format_of(cpu, granule),
		.ia_bits = ipa_bits,
		.oa_bits = wide ? cpu->pa_bits : min(cpu->pa_bits, 48U),
		.features = (features & STAGE2_XNX ? PGT_FEAT_XNX : 0) |
			    (features & STAGE2_FWB ? PGT_FEAT_FWB : 0) |
			    (features & STAGE2_HAFDBS ? PGT_FEAT_HAFDBS : 0) |
			    (features & STAGE2_BBM2 ? PGT_FEAT_BBM2 : 0) |
			    (wide & STAGE2_LPA ? PGT_FEAT_LPA : 0) |
			    (wide & STAGE2_LPA2 ? PGT_FEAT_LPA2 : 0),
	};
	return 0;
}
