#!/usr/bin/env bash
# run-image.sh IMAGE [NAME=VALUE…] -- [ARGS…]: starts an image as a cluster does where no container engine runs: its entrypoint with
# these arguments, in its own file system, read-only, as its user, in its working folder, with its environment and the variables
# given, without capabilities, without new privileges, on one CPU and 256 MiB. The network is the machine's. Needs root,
# buildah, util-linux and Linux control groups. It expects a number as the image's user.
set -euo pipefail
image=$1
shift
# Mounts belong to a namespace of their own: they end with this process.
if [ -z "${IN_NAMESPACE:-}" ]; then IN_NAMESPACE=1 exec unshare --mount --propagation private "$0" "$image" "$@"; fi

variables=()
while [ "$1" != -- ]; do
  variables+=("$1")
  shift
done
shift

config=$(buildah inspect --type image "$image")
of_config() { node -e 'for (const word of [JSON.parse(process.argv[1]).OCIv1.config[process.argv[2]] ?? []].flat()) process.stdout.write(`${word}\0`)' "$config" "$1"; }
mapfile -d '' -t entrypoint < <(of_config Entrypoint)
mapfile -d '' -t environment < <(of_config Env)
mapfile -d '' -t user < <(of_config User)
mapfile -d '' -t folder < <(of_config WorkingDir)

container=$(buildah from --pull-never "$image")
groups=()
remove() {
  for group in ${groups[@]+"${groups[@]}"}; do rmdir "$group" || true; done
  umount --lazy "$root/proc" "$root/sys" "$root/dev" "$root" || true
  buildah rm "$container" >/dev/null || true
}
root=$(buildah mount "$container")
trap remove EXIT
mkdir -p "$root/dev" "$root/proc" "$root/sys" "$root/etc"
cp /etc/resolv.conf /etc/hosts "$root/etc/"
mount --bind "$root" "$root"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
# Node reads its limits there, as it does in a pod.
mount --rbind /sys "$root/sys"
mount -o remount,bind,ro "$root"

# limit CONTROLLER FILE VALUE: a control group of this name, with the limit, in version 1 or 2.
limit() {
  local parent=/sys/fs/cgroup
  [ -d "$parent/$1" ] && parent=$parent/$1
  local group=$parent/$container
  [ -d "$group" ] || { mkdir "$group" && groups+=("$group"); }
  echo "$3" >"$group/$2"
}
if [ -d /sys/fs/cgroup/memory ]; then
  limit memory memory.limit_in_bytes $((256 * 1024 * 1024))
  limit cpu cpu.cfs_quota_us 100000
else
  echo "+memory +cpu" >/sys/fs/cgroup/cgroup.subtree_control
  limit memory memory.max $((256 * 1024 * 1024))
  limit cpu cpu.max "100000 100000"
fi

(
  for group in "${groups[@]}"; do echo "$BASHPID" >"$group/cgroup.procs"; done
  exec env -i "${environment[@]}" ${variables[@]+"${variables[@]}"} /usr/bin/setpriv --no-new-privs \
    /usr/bin/unshare --root="$root" --wd="${folder[0]}" --setgid="${user[0]}" --setuid="${user[0]}" "${entrypoint[@]}" "$@"
) &
child=$!
trap 'kill -TERM $child' TERM INT
code=0
wait $child || code=$?
# A wait that a signal ended says so with a code above 128; the process itself ends later.
while kill -0 $child 2>/dev/null; do
  code=0
  wait $child || code=$?
done
[ -f /sys/fs/cgroup/memory/"$container"/memory.max_usage_in_bytes ] && echo "peak memory: $(($(cat /sys/fs/cgroup/memory/"$container"/memory.max_usage_in_bytes) / 1000000)) MB" >&2
exit $code
