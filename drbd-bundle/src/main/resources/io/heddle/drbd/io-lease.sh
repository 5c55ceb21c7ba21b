#!/bin/sh
# Resumes I/O that Heddle has suspended, when the lease is over and nobody has done it before. It outlives Heddle.
# usage: io-lease.sh RECORD SECONDS RESOURCE:MINOR...
# The lease is over after SECONDS, or with SIGTERM; there is nothing to do any more when the file RECORD is gone.
# All it needs is read before anything is suspended: the record may lie on what is.
cd /
record=$1
seconds=$2
shift 2

# DRBD's reasons why the I/O of a resource is suspended: no, user, user,quorum...; nothing where it cannot be asked.
reasons() {
    drbdsetup events2 --now "$1" | sed -n 's/^exists resource .* suspended:\([^ ]*\).*$/\1/p'
}

# Whether there is nothing left to resume of RESOURCE:MINOR.
resume() {
    case ",$(reasons "${1%:*}")," in
        # resume-io lifts a quorum freeze as well, so it has to be the only reason
        ,user,) drbdsetup resume-io "${1##*:}" ;;
        *,user,*) return 1 ;;
        ,,) [ ! -e "/sys/block/drbd${1##*:}" ] ;;
    esac
}

finish() {
    trap '' TERM INT HUP
    [ -z "$sleeper" ] || kill "$sleeper"
    while [ -e "$record" ]; do
        left=
        for one; do
            resume "$one" || left="$left $one"
        done
        if [ -z "$left" ]; then
            rm -f "$record"
        else
            # names of resources have no blanks
            set -- $left
            sleep 1
        fi
    done
    exit 0
}

sleeper=
trap 'finish "$@"' TERM INT HUP
echo holding
exec </dev/null >/dev/null 2>&1
sleep "$seconds" &
sleeper=$!
wait "$sleeper"
finish "$@"
