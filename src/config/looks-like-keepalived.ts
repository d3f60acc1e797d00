/** What a line of a keepalived.conf may begin with (keepalived/core/global_parser.c, check/check_parser.c, vrrp/vrrp_parser.c). */
const BLOCK =
  /^(?:global_defs|virtual_server|virtual_server_group|vrrp_instance|vrrp_sync_group|vrrp_script|vrrp_track_file|vrrp_track_process|track_file|static_ipaddress|static_routes|static_rules|bfd_instance)(?=[\s{]|$)/;
const DIRECTIVE = /^include[rmwba]?\s|^\$[A-Za-z_][A-Za-z0-9_]*\s*=/;

/** Whether a configuration file is keepalived's rather than vipr's: by its name, or by the first line that says something. */
export function looksLikeKeepalived(path: string, text: string): boolean {
  if (/\.ya?ml$|\.json$/i.test(path)) return false;
  // keepalived's own samples and copies of a file have more behind the name: keepalived.conf.sample.
  if (/\.conf$|keepalived\.conf[^/]*$/i.test(path)) return true;
  for (const line of text.replace(/^\uFEFF/, '').matchAll(/^[^\S\n]*([^\s#!].*)$/gm)) {
    const said = (line[1] ?? '').trim();
    return BLOCK.test(said) || DIRECTIVE.test(said);
  }
  return false;
}
