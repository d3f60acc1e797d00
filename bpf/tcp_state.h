/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* TCP as IPVS follows it (ip_vs_proto_tcp.c): the next state by direction, event and state. */
#ifndef VIPR_TCP_STATE_H
#define VIPR_TCP_STATE_H

#include "packet.h"

/* IP_VS_TCP_S_*: what the synchronisation protocol carries, too. */
enum tcp_state {
	TCP_NONE,
	TCP_ESTABLISHED,
	TCP_SYN_SENT,
	TCP_SYN_RECV,
	TCP_FIN_WAIT,
	TCP_TIME_WAIT,
	TCP_CLOSE,
	TCP_CLOSE_WAIT,
	TCP_LAST_ACK,
	TCP_LISTEN,
	TCP_SYNACK,
};

#define TCP_DIRECTIONS 3
#define TCP_EVENTS 4

/* For the tables alone. */
enum {
	NO = TCP_NONE,
	ES = TCP_ESTABLISHED,
	SS = TCP_SYN_SENT,
	SR = TCP_SYN_RECV,
	FW = TCP_FIN_WAIT,
	TW = TCP_TIME_WAIT,
	CL = TCP_CLOSE,
	CW = TCP_CLOSE_WAIT,
	LA = TCP_LAST_ACK,
	LI = TCP_LISTEN,
	SA = TCP_SYNACK,
};

/* Columns: NO ES SS SR FW TW CL CW LA LI SA */
const __u8 tcp_next[TCP_DIRECTIONS][TCP_EVENTS][16] = {
	{ /* client */
		{ SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SR }, /* SYN */
		{ CL, CW, SS, TW, TW, TW, CL, CW, LA, LI, TW }, /* FIN */
		{ ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES }, /* ACK */
		{ CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, SR }, /* RST */
	},
	{ /* server */
		{ SS, ES, SS, SR, SS, SS, SS, SS, SS, LI, SR }, /* SYN */
		{ TW, FW, SS, TW, FW, TW, CL, TW, LA, LI, TW }, /* FIN */
		{ ES, ES, SS, ES, FW, TW, CL, CW, LA, ES, ES }, /* ACK */
		{ CL, CL, SS, CL, CL, TW, CL, CL, CL, CL, CL }, /* RST */
	},
	{ /* client, no packet of the server was seen */
		{ SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SR }, /* SYN */
		{ CL, FW, SS, TW, FW, TW, CL, CW, LA, LI, TW }, /* FIN */
		{ ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES }, /* ACK */
		{ CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, CL }, /* RST */
	},
};

/* While secure_tcp is on: a client's ACK alone establishes nothing. */
const __u8 tcp_next_secure[TCP_DIRECTIONS][TCP_EVENTS][16] = {
	{ /* client */
		{ SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SA }, /* SYN */
		{ CL, CW, SS, TW, TW, TW, CL, CW, LA, LI, SA }, /* FIN */
		{ ES, ES, SS, SR, FW, TW, CL, CW, CL, LI, SA }, /* ACK */
		{ CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, CL }, /* RST */
	},
	{ /* server */
		{ SS, ES, SS, SA, SS, SS, SS, SS, SS, LI, SA }, /* SYN */
		{ TW, FW, SS, TW, FW, TW, CL, TW, LA, LI, TW }, /* FIN */
		{ ES, ES, SS, ES, FW, TW, CL, CW, LA, ES, ES }, /* ACK */
		{ CL, CL, SS, CL, CL, TW, CL, CL, CL, CL, CL }, /* RST */
	},
	{ /* client, no packet of the server was seen */
		{ SA, ES, ES, SR, SA, SA, SA, SA, SA, SA, SA }, /* SYN */
		{ CL, FW, SS, TW, FW, TW, CL, CW, LA, LI, TW }, /* FIN */
		{ ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES }, /* ACK */
		{ CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, CL }, /* RST */
	},
};

static __always_inline int is_active_tcp(__u32 state)
{
	return state == TCP_ESTABLISHED || state == TCP_SYN_SENT || state == TCP_SYN_RECV || state == TCP_SYNACK;
}

/* `direction`: 0 client, 1 server, 2 client on a connection of whose server no packet was seen. */
static __always_inline __u32 next_tcp_state(__u32 state, __u32 direction, __u32 flags, int secure)
{
	__u32 event;

	if (flags & PACKET_RST)
		event = 3;
	else if (flags & PACKET_SYN)
		event = 0;
	else if (flags & PACKET_FIN)
		event = 1;
	else if (flags & PACKET_ACK)
		event = 2;
	else
		return TCP_CLOSE;
	state &= 15;
	if (direction >= TCP_DIRECTIONS)
		return state;
	return secure ? tcp_next_secure[direction][event][state] : tcp_next[direction][event][state];
}

#endif
