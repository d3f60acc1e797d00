#!/bin/busybox sh
# First program of the guest: the machine's root, read-only over 9p, under an overlay in memory, with the unpacked packages
# in between; then the agent takes over. Paths come from the kernel's command line.
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
$b mount -t devtmpfs dev /dev
for word in $($b cat /proc/cmdline); do
  case $word in
    lab.layers=*) layers=${word#*=} ;;
    lab.modules=*) modules=${word#*=} ;;
    lab.checkout=*) checkout=${word#*=} ;;
  esac
done
for module in $($b cat /modules/order); do $b insmod "/modules/$module"; done

$b mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=1048576,cache=loose root /ro || $b poweroff -f
$b mount -t tmpfs tmpfs /rw
$b mkdir /rw/upper /rw/work
lower=/ro
layer=0
while [ "$layer" -lt "$layers" ]; do
  $b mkdir "/layer$layer"
  $b mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=1048576,cache=loose "layer$layer" "/layer$layer" || $b poweroff -f
  lower=/layer$layer:$lower
  layer=$((layer + 1))
done
$b mount -t overlay -o "lowerdir=$lower,upperdir=/rw/upper,workdir=/rw/work" overlay /root || $b poweroff -f

$b mount -t proc proc /root/proc
$b mount -t sysfs sys /root/sys
$b mount -t devtmpfs dev /root/dev
$b mount -t tmpfs tmpfs /root/run
$b mount -t tmpfs tmpfs /root/tmp
$b mkdir -p "/root/usr/lib/modules/$($b uname -r)" /root/run/netns /root/run/share
$b mount -o bind "/ro$modules" "/root/usr/lib/modules/$($b uname -r)"
$b mount -t 9p -o trans=virtio,version=9p2000.L,msize=1048576,cache=none share /root/run/share
# A checkout below /tmp or /run is hidden by now.
if [ ! -e "/root$checkout" ]; then
  $b mkdir -p "/root$checkout" /rw/checkout /rw/checkout-work
  $b mount -t overlay -o "lowerdir=/ro$checkout,upperdir=/rw/checkout,workdir=/rw/checkout-work" overlay "/root$checkout"
fi
exec $b switch_root /root /bin/sh "$checkout/test/vm/lab/guest/agent.sh"
