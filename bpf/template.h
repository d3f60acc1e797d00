/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Persistence templates: whom they lead to, and how that is counted. */
#ifndef VIPR_TEMPLATE_H
#define VIPR_TEMPLATE_H

#include "connection.h"

static __always_inline void bind_template(__u32 id)
{
	struct destination *destination = get_destination(id);
	struct destination_live *live = get_live(id);

	if (!destination || !live)
		return;
	__sync_fetch_and_add(&live->persistent, 1);
	overload_if_full(destination, live);
}

static __always_inline void unbind_template(__u32 id)
{
	struct destination *destination = get_destination(id);
	struct destination_live *live = get_live(id);

	if (!destination || !live)
		return;
	__sync_fetch_and_sub(&live->persistent, 1);
	relieve_if_roomy(destination, live);
}

static __always_inline __u32 word_of_template(const struct destination *destination)
{
	return CONNECTION_TEMPLATE | CONNECTION_INACTIVE | (__u32)(destination->method & 7) << CONNECTION_METHOD_SHIFT;
}

/*
 * Has a template lead to another destination, as `fresh` does; it keeps counting the connections that hang on it. 0 where another CPU
 * has just led it elsewhere than `before`.
 */
static __always_inline int lead_template(struct connection *template, __u32 before, const struct connection *fresh)
{
	__u32 word = template->word;

	if (__sync_val_compare_and_swap(&template->destination, before, fresh->destination) != before)
		return 0;
	/* Whoever assures or removes it meanwhile wins. */
	__sync_val_compare_and_swap(&template->word, word, fresh->word | (word & CONNECTION_DYING));
	template->destination_port = fresh->destination_port;
	template->timeout = fresh->timeout;
	template->expires = fresh->expires;
	unbind_template(before);
	bind_template(fresh->destination);
	/* Last, so that backups are told of all of it. */
	template->reported = 0;
	return 1;
}

#endif
