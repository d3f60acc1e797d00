/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* SCTP as IPVS follows it (ip_vs_proto_sctp.c): the next state by direction, first chunk and state. */
#ifndef VIPR_SCTP_STATE_H
#define VIPR_SCTP_STATE_H

#include "packet.h"

/* Chunk types: RFC 9260, section 3.2. */
#define SCTP_INIT 1
#define SCTP_ABORT 6

/* IP_VS_SCTP_S_* */
enum sctp_state {
	SCTP_STATE_NONE,
	SCTP_STATE_INIT1,
	SCTP_STATE_INIT,
	SCTP_STATE_COOKIE_SENT,
	SCTP_STATE_COOKIE_REPLIED,
	SCTP_STATE_COOKIE_WAIT,
	SCTP_STATE_COOKIE,
	SCTP_STATE_COOKIE_ECHOED,
	SCTP_STATE_ESTABLISHED,
	SCTP_STATE_SHUTDOWN_SENT,
	SCTP_STATE_SHUTDOWN_RECEIVED,
	SCTP_STATE_SHUTDOWN_ACK_SENT,
	SCTP_STATE_REJECTED,
	SCTP_STATE_CLOSED,
};

#define SCTP_DIRECTIONS 3
#define SCTP_EVENTS 10

/* For the table alone. */
enum {
	S_NO = SCTP_STATE_NONE,
	S_I1 = SCTP_STATE_INIT1,
	S_IN = SCTP_STATE_INIT,
	S_CS = SCTP_STATE_COOKIE_SENT,
	S_CR = SCTP_STATE_COOKIE_REPLIED,
	S_CW = SCTP_STATE_COOKIE_WAIT,
	S_CO = SCTP_STATE_COOKIE,
	S_CE = SCTP_STATE_COOKIE_ECHOED,
	S_ES = SCTP_STATE_ESTABLISHED,
	S_SS = SCTP_STATE_SHUTDOWN_SENT,
	S_SR = SCTP_STATE_SHUTDOWN_RECEIVED,
	S_SA = SCTP_STATE_SHUTDOWN_ACK_SENT,
	S_RJ = SCTP_STATE_REJECTED,
	S_CL = SCTP_STATE_CLOSED,
};

/* Columns: NO I1 IN CS CR CW CO CE ES SS SR SA RJ CL */
const __u8 sctp_next[SCTP_DIRECTIONS][SCTP_EVENTS][16] = {
	{ /* client */
		{ S_ES, S_I1, S_IN, S_CS, S_CR, S_CW, S_CO, S_CE, S_ES, S_SS, S_SR, S_SA, S_RJ, S_CL }, /* data */
		{ S_I1, S_IN, S_IN, S_CS, S_CR, S_CW, S_CO, S_CE, S_ES, S_SS, S_SR, S_SA, S_IN, S_IN }, /* init */
		{ S_CW, S_CW, S_CW, S_CS, S_CR, S_CO, S_CO, S_CE, S_ES, S_SS, S_SR, S_SA, S_RJ, S_CL }, /* init-ack */
		{ S_CR, S_IN, S_IN, S_CR, S_CR, S_CW, S_CO, S_CE, S_ES, S_SS, S_SR, S_SA, S_RJ, S_CL }, /* cookie-echo */
		{ S_ES, S_I1, S_IN, S_CS, S_CR, S_CW, S_CO, S_ES, S_ES, S_SS, S_SR, S_SA, S_RJ, S_CL }, /* cookie-ack */
		{ S_SR, S_I1, S_IN, S_CS, S_CR, S_CW, S_CO, S_CE, S_SR, S_SS, S_SR, S_SA, S_RJ, S_CL }, /* shutdown */
		{ S_CL, S_IN, S_IN, S_CS, S_CR, S_CW, S_CO, S_CE, S_ES, S_CL, S_SR, S_CL, S_RJ, S_CL }, /* shutdown-ack */
		{ S_CL, S_CL, S_CL, S_CS, S_CR, S_CW, S_CO, S_CE, S_ES, S_SS, S_SR, S_CL, S_RJ, S_CL }, /* shutdown-complete */
		{ S_CL, S_I1, S_IN, S_CS, S_CR, S_CW, S_CO, S_CL, S_ES, S_SS, S_SR, S_SA, S_RJ, S_CL }, /* error */
		{ S_CL, S_CL, S_CL, S_CL, S_CL, S_RJ, S_CL, S_CL, S_CL, S_CL, S_CL, S_CL, S_CL, S_CL }, /* abort */
	},
	{ /* server */
		{ S_ES, S_I1, S_IN, S_CS, S_CR, S_CW, S_CO, S_CE, S_ES, S_SS, S_SR, S_SA, S_RJ, S_CL }, /* data */
		{ S_CW, S_CW, S_CW, S_CW, S_CW, S_CW, S_CW, S_CW, S_ES, S_CW, S_CW, S_CW, S_CW, S_CW }, /* init */
		{ S_CS, S_CS, S_CS, S_CS, S_CR, S_CW, S_CO, S_CE, S_ES, S_SS, S_SR, S_SA, S_RJ, S_CL }, /* init-ack */
		{ S_CE, S_CE, S_CE, S_CE, S_CE, S_CE, S_CE, S_CE, S_ES, S_SS, S_SR, S_SA, S_RJ, S_CL }, /* cookie-echo */
		{ S_ES, S_ES, S_ES, S_ES, S_ES, S_ES, S_ES, S_ES, S_ES, S_SS, S_SR, S_SA, S_RJ, S_CL }, /* cookie-ack */
		{ S_SS, S_SS, S_SS, S_SS, S_SS, S_SS, S_SS, S_SS, S_SS, S_SS, S_SR, S_SA, S_RJ, S_CL }, /* shutdown */
		{ S_SA, S_SA, S_SA, S_SA, S_SA, S_CW, S_CO, S_CE, S_ES, S_SA, S_SA, S_SA, S_RJ, S_CL }, /* shutdown-ack */
		{ S_CL, S_I1, S_IN, S_CS, S_CR, S_CW, S_CO, S_CE, S_ES, S_SS, S_SR, S_SA, S_RJ, S_CL }, /* shutdown-complete */
		{ S_CL, S_CL, S_CL, S_CL, S_CL, S_CW, S_CO, S_CE, S_ES, S_SS, S_SR, S_SA, S_RJ, S_CL }, /* error */
		{ S_CL, S_RJ, S_CL, S_CL, S_CL, S_CL, S_CL, S_CL, S_CL, S_CL, S_CL, S_CL, S_CL, S_CL }, /* abort */
	},
	{ /* client, no packet of the server was seen */
		{ S_ES, S_I1, S_IN, S_CS, S_CR, S_ES, S_CO, S_CE, S_ES, S_SS, S_SR, S_SA, S_RJ, S_CL }, /* data */
		{ S_I1, S_IN, S_IN, S_IN, S_IN, S_IN, S_CO, S_CE, S_ES, S_SS, S_SR, S_SA, S_IN, S_IN }, /* init */
		{ S_CE, S_CE, S_CE, S_CE, S_CE, S_CE, S_CO, S_CE, S_ES, S_SS, S_SR, S_SA, S_RJ, S_CL }, /* init-ack */
		{ S_ES, S_ES, S_ES, S_ES, S_ES, S_ES, S_CO, S_CE, S_ES, S_SS, S_SR, S_SA, S_RJ, S_CL }, /* cookie-echo */
		{ S_ES, S_I1, S_IN, S_ES, S_ES, S_CW, S_ES, S_ES, S_ES, S_SS, S_SR, S_SA, S_RJ, S_CL }, /* cookie-ack */
		{ S_SR, S_I1, S_IN, S_CS, S_CR, S_CW, S_CO, S_CE, S_SR, S_SS, S_SR, S_SA, S_RJ, S_CL }, /* shutdown */
		{ S_CL, S_IN, S_IN, S_CS, S_CR, S_CW, S_CO, S_CE, S_CL, S_CL, S_SR, S_CL, S_RJ, S_CL }, /* shutdown-ack */
		{ S_CL, S_CL, S_CL, S_CL, S_CL, S_CW, S_CO, S_CE, S_ES, S_SS, S_CL, S_CL, S_RJ, S_CL }, /* shutdown-complete */
		{ S_CL, S_I1, S_IN, S_CS, S_CR, S_CW, S_CO, S_CE, S_ES, S_SS, S_SR, S_SA, S_RJ, S_CL }, /* error */
		{ S_CL, S_CL, S_CL, S_CL, S_CL, S_RJ, S_CL, S_CL, S_CL, S_CL, S_CL, S_CL, S_CL, S_CL }, /* abort */
	},
};

/* The row of a chunk type; DATA, SACK, HEARTBEAT, ECNE, CWR and what is unknown share the first. Volatile, or the
 * compiler, which knows what is in it, leaves out the check that the verifier asks for. */
const volatile __u8 sctp_event[16] = { 0, 1, 2, 0, 0, 0, 9, 5, 6, 8, 3, 4, 0, 0, 7, 0 };

static __always_inline int is_active_sctp(__u32 state)
{
	return state == SCTP_STATE_ESTABLISHED;
}

/* `direction` as for next_tcp_state(). */
static __always_inline __u32 next_sctp_state(__u32 state, __u32 direction, __u8 chunk)
{
	__u32 event = chunk < 16 ? sctp_event[chunk & 15] : 0;

	state &= 15;
	if (direction >= SCTP_DIRECTIONS || event >= SCTP_EVENTS)
		return state;
	return sctp_next[direction][event][state];
}

#endif
