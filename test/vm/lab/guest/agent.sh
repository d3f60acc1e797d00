#!/bin/sh
# Runs what the host asks for: a number and a limit in seconds on the second serial line name a script in /run/share; its
# output, its complaints and its exit code go beside it, and the number comes back. 124 or 137: it took too long.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8
ip link set lo up
stty -F /dev/ttyS1 raw -echo
exec 3<>/dev/ttyS1
cd /tmp || exit
echo ready >&3
while read -r number limit <&3; do
  script=/run/share/$number
  timeout -k 5 "$limit" /bin/bash "$script.sh" >"$script.out" 2>"$script.err" 3>&- </dev/null
  echo $? >"$script.exit"
  echo "$number" >&3
done
