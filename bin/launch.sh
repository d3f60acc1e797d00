# Sourced by the commands beside it, which set `root` (the package's directory), `bundle`, `source` and `compile_cache`.
# Plain POSIX sh without a fork: scripts call ipvsadm hundreds of times, and each fork would add a millisecond.

node=$root/node_modules/node/bin/node
if [ -x "$root/.cache/node" ]; then
  # scripts/run.mjs found that the pinned Node.js does not start on this machine, and one that does.
  node=$root/.cache/node
elif [ -x "$node" ]; then
  if [ -e "$root/.cache/lib/libatomic.so.1" ]; then
    LD_LIBRARY_PATH=$root/.cache/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
    export LD_LIBRARY_PATH
  fi
elif command -v node >/dev/null; then
  node=node
else
  echo "${0##*/}: there is no node in PATH ($PATH): install Node.js 26 or newer" >&2
  exit 2
fi

if [ "${VIPR_SOURCE:-}" = 1 ]; then
  exec "$node" "$root/$source" "$@"
fi

if [ ! -e "$root/$bundle" ]; then
  echo "${0##*/}: $bundle is missing: run 'npm ci' in $(cd "$root" && pwd)" >&2
  exit 2
fi

# Node.js keeps compiled code for the short commands. Whoever can write it can run code as its reader: it is kept only in
# what belongs to this user already, and closed to others (the umask; these commands create no other file).
if [ "${compile_cache:-}" = yes ] && [ -z "${NODE_COMPILE_CACHE:-}" ] && [ -O "$root/dist" ]; then
  umask 077
  NODE_COMPILE_CACHE=$root/dist/.compile-cache
  export NODE_COMPILE_CACHE
fi

exec "$node" "$root/$bundle" "$@"
