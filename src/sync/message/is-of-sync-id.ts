/** Whether a backup takes what has a sync ID: one with 0 takes all (ip_vs_sync.c, ip_vs_process_message). */
export function isOfSyncId(syncId: number, ownSyncId: number): boolean {
  return ownSyncId === 0 || syncId === ownSyncId;
}
