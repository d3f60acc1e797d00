import { Option } from 'commander';

/** `--bpf-dir`: where the eBPF engine pins its maps. */
export function bpfDirectoryOption(): Option {
  return new Option(
    '--bpf-dir <path>',
    'where ebpf pins its maps (default: VIPR_BPF_DIR, or /sys/fs/bpf/vipr)',
  );
}

/** `--instance`: which of several eBPF engines of a machine. */
export function instanceOption(): Option {
  return new Option('--instance <name>', 'which ebpf of several on one machine (default: default)');
}
