/** States of templates: 0, or this one for those of clients that were served (include/net/ip_vs.h, IP_VS_CTPL_S_ASSURED). */
export const TEMPLATE_ASSURED = 1;
export const TEMPLATE_STATES = 2;
