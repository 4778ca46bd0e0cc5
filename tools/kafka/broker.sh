# sh broker.sh SECONDS REMOVE SHARED command [args …]: runs a broker that does not outlive its owner.
# stdin is a pipe whose other end only the owner holds: when it ends, the owner is gone, however it died. Then the broker
# gets SIGTERM and, SECONDS later, SIGKILL; REMOVE and SHARED (may be empty) are deleted, with the folder around them when
# nothing else is in it. The broker's pid is written to descriptor 3; our exit code is the broker's.
seconds=$1
remove=$2
shared=$3
shift 3
umask 077
exec 4<&0
"$@" </dev/null 3>&- 4<&- &
broker=$!
echo "$broker" >&3
exec 3>&-
(
  exec >/dev/null 2>&1
  while read -r _; do :; done <&4
  trap '' TERM
  kill -TERM "$broker"
  kill -CONT "$broker"
  left=$((seconds * 5))
  while [ "$left" -gt 0 ] && kill -0 "$broker"; do
    sleep 0.2
    left=$((left - 1))
  done
  kill -KILL "$broker"
  if [ -n "$remove" ]; then
    while kill -0 "$broker"; do sleep 0.1; done
    rm -rf "$remove" "$shared"
    rmdir "$(dirname "$remove")"
  fi
) &
watch=$!
exec 4<&-
wait "$broker"
code=$?
kill "$watch" 2>/dev/null
exit "$code"
