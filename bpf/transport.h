/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* What is read of the headers of TCP, UDP and SCTP. */
#ifndef VIPR_TRANSPORT_H
#define VIPR_TRANSPORT_H

#include "packet.h"

/* How many bytes a packet has to have for read_transport(); 0 for a protocol that is not ours. */
static __always_inline __u32 transport_length(__u8 protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return 20;
	case IPPROTO_UDP:
		return 8;
	case IPPROTO_SCTP:
		return 16; /* with the head of the first chunk */
	default:
		return 0;
	}
}

#define TRANSPORT_LENGTH 20 /* the longest of them */

/* Where the checksum lies. */
static __always_inline __u32 checksum_offset(__u8 protocol)
{
	return protocol == IPPROTO_TCP ? 16 : protocol == IPPROTO_UDP ? 6 : 8;
}

static __always_inline void read_transport(struct packet *packet, const __u8 *header)
{
	packet->source_port = *(const __be16 *)header;
	packet->destination_port = *(const __be16 *)(header + 2);
	if (packet->protocol == IPPROTO_TCP) {
		__u8 bits = header[13];

		packet->flags |= (bits & 0x02 ? PACKET_SYN : 0) | (bits & 0x10 ? PACKET_ACK : 0) |
				 (bits & 0x01 ? PACKET_FIN : 0) | (bits & 0x04 ? PACKET_RST : 0);
	}
	if (packet->protocol == IPPROTO_SCTP)
		packet->chunk = header[12];
}

#define CHUNK_ABORT 6
#define CHUNK_COOKIE_ECHO 10
#define CHUNK_COOKIE_ACK 11

/* Bytes from the start of the SCTP header to the second chunk, where that may be an ABORT that counts for the packet; or 0. */
static __always_inline __u32 second_chunk(const struct packet *packet, const __u8 *header)
{
	__u32 length = bpf_ntohs(*(const __be16 *)(header + 14));

	if (packet->protocol != IPPROTO_SCTP)
		return 0;
	if (packet->chunk != CHUNK_COOKIE_ECHO && packet->chunk != CHUNK_COOKIE_ACK)
		return 0;
	return length < 4 ? 0 : 12 + ((length + 3) & ~3u);
}

#endif
