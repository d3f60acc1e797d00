import type { Host } from '../lab/host.ts';

export interface CurlOptions {
  /** The client's address. */
  readonly from?: string;
  /** Of the whole transfer; 10 unless given. */
  readonly limitSeconds?: number;
  /** More words for curl. */
  readonly words?: readonly string[];
}

/** What a URL holds; rejects, with curl's complaint, where there is no answer or none of 2xx. */
export function curl(host: Host, url: string, options: CurlOptions = {}): Promise<string> {
  const { limitMs, words } = curlCommand(url, options);
  return host.output(words, { limitMs });
}

/** SHA-256, hexadecimal, of what a URL holds. */
export async function curlSha256(host: Host, url: string, options: CurlOptions = {}): Promise<string> {
  const { limitMs, words } = curlCommand(url, options);
  // curl's exit code is lost in the pipe, so that its failure is told apart by the file that it writes to.
  const script = 'file=$(mktemp -p "$0"); trap \'rm -f "$file"\' EXIT; "$@" -o "$file"; sha256sum <"$file"';
  const sum = await host.output(['sh', '-ec', script, '/tmp', ...words], { limitMs });
  return sum.split(' ', 1)[0] ?? '';
}

function curlCommand(
  url: string,
  { from, limitSeconds = 10, words = [] }: CurlOptions,
): { limitMs: number; words: readonly string[] } {
  const source = from === undefined ? [] : ['--interface', from];
  const limit = ['--max-time', `${limitSeconds}`];
  return {
    limitMs: (limitSeconds + 5) * 1000,
    words: [
      'curl',
      '--silent',
      '--show-error',
      '--fail',
      '--noproxy',
      '*',
      ...limit,
      ...source,
      ...words,
      url,
    ],
  };
}
