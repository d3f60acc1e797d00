/** The system has no libbpf of version 1.0 or later. */
export class LibbpfUnavailableError extends Error {
  override readonly name = 'LibbpfUnavailableError';
  /** What to do about it. */
  readonly hint =
    'Install libbpf 1.0 or later: the package is libbpf1 on Debian and Ubuntu, libbpf on Fedora, Arch and Alpine.';
}
