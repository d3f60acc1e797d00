/**
 * How often a list of connections is read. The kernel gives it out in pieces, and counts entries to find where the next one begins: where
 * one expires in between, another is left out (ip_vs_conn.c, ip_vs_conn_array).
 */
export const READS = 3;
