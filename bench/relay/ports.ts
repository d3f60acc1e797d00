/** Fixed ports on 127.0.0.1, below the ephemeral range. */
export const ORIGIN_HTTP = 19_001;
export const ORIGIN_BULK = 19_002;
