/** The generic netlink family of IPVS (include/uapi/linux/ip_vs.h, IPVS_GENL_NAME). */
export const IPVS_FAMILY = 'IPVS';

/** enum of IPVS_CMD_ in include/uapi/linux/ip_vs.h. */
export const IPVS_COMMANDS = {
  NEW_SERVICE: 1,
  SET_SERVICE: 2,
  DEL_SERVICE: 3,
  GET_SERVICE: 4,
  NEW_DEST: 5,
  SET_DEST: 6,
  DEL_DEST: 7,
  GET_DEST: 8,
  NEW_DAEMON: 9,
  DEL_DAEMON: 10,
  GET_DAEMON: 11,
  SET_CONFIG: 12,
  GET_CONFIG: 13,
  SET_INFO: 14,
  GET_INFO: 15,
  ZERO: 16,
  FLUSH: 17,
} as const;

export type IpvsCommand = keyof typeof IPVS_COMMANDS;

/** Attributes of every message but the answer to GET_INFO (IPVS_CMD_ATTR_). */
export const CMD_ATTR = {
  SERVICE: 1,
  DEST: 2,
  DAEMON: 3,
  TIMEOUT_TCP: 4,
  TIMEOUT_TCP_FIN: 5,
  TIMEOUT_UDP: 6,
} as const;

/** Attributes of the answer to GET_INFO: the same numbers as above with another meaning (IPVS_INFO_ATTR_). */
export const INFO_ATTR = { VERSION: 1, CONN_TAB_SIZE: 2 } as const;

/** IPVS_SVC_ATTR_; byte orders as the kernel has them: PORT in network order, all other numbers in host order. */
export const SVC_ATTR = {
  AF: 1,
  PROTOCOL: 2,
  ADDR: 3,
  PORT: 4,
  FWMARK: 5,
  SCHED_NAME: 6,
  FLAGS: 7,
  TIMEOUT: 8,
  /** An address in network order for IPv4, a prefix length in host order for IPv6. */
  NETMASK: 9,
  STATS: 10,
  PE_NAME: 11,
  STATS64: 12,
} as const;

/** IPVS_DEST_ATTR_; PORT and TUN_PORT in network order, all other numbers in host order. */
export const DEST_ATTR = {
  ADDR: 1,
  PORT: 2,
  FWD_METHOD: 3,
  WEIGHT: 4,
  U_THRESH: 5,
  L_THRESH: 6,
  ACTIVE_CONNS: 7,
  INACT_CONNS: 8,
  PERSIST_CONNS: 9,
  STATS: 10,
  ADDR_FAMILY: 11,
  STATS64: 12,
  TUN_TYPE: 13,
  TUN_PORT: 14,
  TUN_FLAGS: 15,
} as const;

/** IPVS_DAEMON_ATTR_; all numbers in host order, MCAST_PORT too. */
export const DAEMON_ATTR = {
  STATE: 1,
  MCAST_IFN: 2,
  SYNC_ID: 3,
  SYNC_MAXLEN: 4,
  MCAST_GROUP: 5,
  MCAST_GROUP6: 6,
  MCAST_PORT: 7,
  MCAST_TTL: 8,
} as const;

/** IPVS_STATS_ATTR_, of 32 bits in STATS (bytes 64) and all of 64 bits in STATS64. */
export const STATS_ATTR = {
  CONNS: 1,
  INPKTS: 2,
  OUTPKTS: 3,
  INBYTES: 4,
  OUTBYTES: 5,
  CPS: 6,
  INPPS: 7,
  OUTPPS: 8,
  INBPS: 9,
  OUTBPS: 10,
} as const;

/** IP_VS_SVC_F_. */
export const SVC_FLAG = {
  PERSISTENT: 0x01,
  /** The kernel's own: the service is in its table. */
  HASHED: 0x02,
  ONEPACKET: 0x04,
  SCHED1: 0x08,
  SCHED2: 0x10,
  SCHED3: 0x20,
} as const;

/** linux/socket.h */
export const AF_NUMBER = { inet: 2, inet6: 10 } as const;
/** linux/in.h */
export const PROTOCOL_NUMBER = { tcp: 6, udp: 17, sctp: 132 } as const;
/** IP_VS_CONN_F_MASQ and its neighbours. */
export const FORWARDING_NUMBER = { masquerade: 0, local: 1, tunnel: 2, direct: 3, bypass: 4 } as const;
/** IP_VS_CONN_F_TUNNEL_TYPE_. */
export const TUNNEL_NUMBER = { ipip: 0, gue: 1, gre: 2 } as const;
/** IP_VS_TUNNEL_ENCAP_FLAG_. */
export const CHECKSUM_NUMBER = { none: 0, checksum: 1, remote: 2 } as const;
/** IP_VS_STATE_. */
export const ROLE_NUMBER = { master: 1, backup: 2 } as const;
