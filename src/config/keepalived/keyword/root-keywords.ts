import { GLOBAL_KEYWORDS, OUTER_KEYWORDS } from './global-keywords.ts';
import type { KeywordTable } from './keyword-table.ts';
import { LVS_KEYWORDS } from './lvs-keywords.ts';
import { VRRP_KEYWORDS } from './vrrp-keywords.ts';

/** What a keepalived.conf may say outside of blocks: keepalived 2.2.7, and its development until August 2026. */
export const ROOT_KEYWORDS: KeywordTable = {
  global_defs: { use: 'read', body: GLOBAL_KEYWORDS },
  ...OUTER_KEYWORDS,
  ...LVS_KEYWORDS,
  ...VRRP_KEYWORDS,
};
