/** Why the lab cannot run here; tests that need it are skipped with this reason. */
export class LabUnavailable extends Error {
  override readonly name = 'LabUnavailable';
}
