import { NetlinkError } from '../netlink-error.ts';

/** An empty answer in the place of this refusal. */
export function noneWhen(code: string): (error: unknown) => never[] {
  return (error) => {
    if (error instanceof NetlinkError && error.code === code) return [];
    throw error;
  };
}
