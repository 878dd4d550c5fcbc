# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What ./dev and the scripts beside this file have in common.  To be sourced.
#
# A script prints what it was asked for (usually a path) on stdout, and all
# else - progress, warnings, errors - on stderr.  So its output can be used:
# xen=$(scripts/xen-build patched).

set -eu -o pipefail
# $(...) too ends at the first command that fails.
shopt -s inherit_errexit

# Collation decides the order of what is hashed below; messages of tools are
# parsed.  Both have to be the same everywhere.
export LC_ALL=C.UTF-8

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${SWTLB_CACHE:-$TOP/.cache}
mkdir -p "$CACHE"
CACHE=$(cd "$CACHE" && pwd)
# shellcheck disable=SC2034
JOBS=${SWTLB_JOBS:-$(nproc)}

say()
{
    printf '%s\n' "$*" >&2
}

warn()
{
    printf '%s: warning: %s\n' "${0##*/}" "$*" >&2
}

# die LINE...: the first line says what is wrong, the others what to do.
die()
{
    printf '%s: %s\n' "${0##*/}" "$1" >&2
    shift
    [ $# -eq 0 ] || printf '  %s\n' "$@" >&2
    exit 1
}

# Exit code 4 tells that there is no such thing today, which need not be an error
# to who asked.  The line is also left in the file that SWTLB_REASON names.
unavailable()
{
    [ -z "${SWTLB_REASON-}" ] || printf '%s\n' "$1" > "$SWTLB_REASON"
    printf '%s: %s\n' "${0##*/}" "$1" >&2
    exit 4
}

# outcome COMMAND...: run COMMAND in a subshell, and set $rc to its exit code
# where any other command that fails would end the script.  Not the same as
# "COMMAND || rc=$?": there errexit would not hold inside COMMAND.
outcome()
{
    set +e
    (set -e; "$@")
    # shellcheck disable=SC2034 # the caller's
    rc=$?
    set -e
}

# Exit code 2 tells a wrong command line from something that went wrong.
die_usage()
{
    printf '%s: %s\n' "${0##*/}" "$1" >&2
    exit 2
}

# need_value OPTION NR: for "--option VALUE", with NR the arguments left.
need_value()
{
    [ "$2" -ge 2 ] || die_usage "$1 needs a value"
}

# hash_of [FILE|DIRECTORY|=TEXT]...: one short hash of all their contents.
# Names inside directories count, the path that leads there does not, so that
# every clone finds what another one built.
hash_of()
{
    local arg

    for arg in "$@"; do
        case $arg in
        =*)
            printf '%s\n' "$arg"
            ;;
        *)
            if [ -d "$arg" ]; then
                (cd "$arg" && find . -type f -print0 | sort -z |
                     xargs -0r sha256sum)
            else
                printf '%s ' "${arg##*/}"
                sha256sum < "$arg"
            fi
            ;;
        esac
    done | sha256sum | cut -c1-16
}

# xen_version TREE: the version of a Xen source tree, like 4.20.
xen_version()
{
    local makefile=$1/xen/Makefile version

    [ -f "$makefile" ] ||
        die "$1 is no Xen source tree: it has no xen/Makefile"
    version=$(sed -n 's/^export XEN_\(SUB\|\)VERSION *= *//p' "$makefile" |
                  paste -sd.)
    [[ $version =~ ^[0-9]+\.[0-9]+$ ]] ||
        die "$makefile does not name Xen's version"
    echo "$version"
}

# patch_for VERSION DIR NAME: of the patches DIR/NAME-V.patch the one with the
# newest V that is not newer than VERSION; if all are, the oldest; if there are
# none, nothing.
patch_for()
{
    local v best=

    while read -r v; do
        [ -z "$best" ] || printf '%s\n' "$v" "$1" | sort -VC || break
        best=$2/$3-$v.patch
    done < <(find "$2" -maxdepth 1 -regextype posix-extended \
                  -regex ".*/$3-[0-9.]+\.patch" -printf '%f\n' |
                 sed "s/^$3-//; s/\.patch\$//" | sort -V)
    [ -z "$best" ] || echo "$best"
}

# cached NAME KEY COMMAND...: print the directory of the cache that holds
# artefact NAME as made from inputs with hash KEY.  Where it does not exist
# yet, COMMAND is run with an empty directory as its last argument, to fill
# it.  The directory gets its name only when it is complete: what exists can
# be used, after an interrupted build too.
cached()
{
    local name=$1 key=$2 dir tmp lock

    shift 2
    dir=$CACHE/$name-$key
    if [ ! -e "$dir" ]; then
        mkdir -p "$CACHE/lock"
        exec {lock}> "$CACHE/lock/$name"
        if ! flock -n "$lock"; then
            say "waiting for another run that builds $name"
            flock "$lock"
        fi
        if [ ! -e "$dir" ]; then
            tmp=$CACHE/tmp-$name-$key
            rm -rf "$tmp"
            mkdir "$tmp"
            # What COMMAND starts must not keep the lock beyond this run.
            # Not in a condition: errexit has to hold inside COMMAND.
            "$@" "$tmp" >&2 {lock}>&-
            mv "$tmp" "$dir"
            forget_old "$name"
        fi
        exec {lock}>&-
    fi
    # The time of last use, for forget_old.
    touch "$dir"
    printf '%s\n' "$dir"
}

# Artefacts of this name, from other inputs, which nothing used for a week.
forget_old()
{
    find "$CACHE" -mindepth 1 -maxdepth 1 -type d -mtime +7 \
        -regex ".*/$1-[0-9a-f]*" -exec rm -rf {} +
}

# run_logged WHAT LOG EXPECTED COMMAND...: run COMMAND with its output in LOG,
# show how far it is (EXPECTED: how many lines a whole run prints, 0 if not
# known), and on failure show the end of the log.
run_logged()
{
    local what=$1 log=$2 expected=$3 pid lines percent last=-1 start=$SECONDS

    shift 3
    "$@" > "$log" 2>&1 < /dev/null &
    pid=$!
    # Without this an interrupted build would go on in the background.
    # shellcheck disable=SC2064 # the local variable is gone when it runs
    trap "kill $pid 2> /dev/null || :" EXIT
    say "$what"
    while sleep 1; kill -0 "$pid" 2> /dev/null; do
        lines=$(wc -l < "$log")
        [ "$expected" -gt 0 ] || continue
        percent=$((lines * 100 / expected))
        [ $percent -lt 100 ] || percent=99
        if [ -t 2 ]; then
            printf '\r  %3d %%  %4d s ' $percent $((SECONDS - start)) >&2
        elif [ $((percent / 25)) -gt $((last / 25)) ] && [ $last -ge 0 ]; then
            say "  $percent %, $((SECONDS - start)) s"
        fi
        last=$percent
    done
    [ ! -t 2 ] || printf '\r\033[K' >&2
    trap - EXIT
    if ! wait "$pid"; then
        # With several jobs the first error may be far from the end.
        { grep -E '(error|undefined reference|\*\*\*)' "$log" | head -n 12
          echo ...
          tail -n 12 "$log"; } | sed 's/^/  | /' >&2
        die "$what: failed" "the whole log: $log"
    fi
    say "  done in $((SECONDS - start)) s"
}

# as_root COMMAND...
as_root()
{
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# need_packages PACKAGE...: install those of them that are missing.
need_packages()
{
    local package missing=() lock

    for package in "$@"; do
        dpkg-query -W -f '${Status}\n' "$package" 2> /dev/null |
            grep -q '^install ok installed$' || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0

    if [ "$(id -u)" -ne 0 ] && ! command -v sudo > /dev/null; then
        die "Debian packages are missing, and there is no sudo to install them" \
            "as root: apt-get install --no-install-recommends ${missing[*]}"
    fi
    # apt-get would not wait for another one.
    mkdir -p "$CACHE/lock"
    exec {lock}> "$CACHE/lock/packages"
    flock "$lock"
    say "installing: ${missing[*]}"
    install_missing "${missing[@]}" {lock}>&-
    exec {lock}>&-
}

# install_missing PACKAGE...
install_missing()
{
    apt_install "$@" && return

    # The machine's package lists may be missing, or older than the mirror's.
    say 'updating the package lists'
    as_root apt-get -q update > "$CACHE/apt.log" 2>&1 ||
        warn "apt-get update: $(tail -n 1 "$CACHE/apt.log")"
    apt_install "$@" || {
        tail -n 15 "$CACHE/apt.log" | sed 's/^/  | /' >&2
        die "apt-get could not install: $*"
    }
}

apt_install()
{
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -qy -o Dpkg::Use-Pty=0 install --no-install-recommends "$@" \
        > "$CACHE/apt.log" 2>&1 < /dev/null
}
