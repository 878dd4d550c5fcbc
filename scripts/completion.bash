# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Completion of ./dev for bash: source this file.  What there is is taken from
# "./dev help".

# Print the commands, or the words that one takes.
_swtlb_dev_words()
{
    case $2 in
    '')     "$1" help | sed -n 's/^  \([a-z]\+\) .*/\1/p' | sort -u ;;
    test)   "$1" help | sed -n 's/^  test \([a-z]\+\) .*/\1/p
                                s/^ \{20\}\([a-z0-9-]\+\)  .*/\1/p'
            # Of those that CTest knows, for -R.
            sed -n 's/^add_test(\[*=*\[*\([a-z0-9-]*\).*/\1/p' \
                "${1%/*}"/build/tests/*/CTestTestfile.cmake 2> /dev/null ;;
    bench)  echo 'hv lib' ;;
    build)  echo 'xen guest tests all' ;;
    clean)  echo --all ;;
    run)    echo '--unpatched --debug --icount --smp --xen-args' ;;
    esac
}

_swtlb_dev()
{
    local command=

    [ "$COMP_CWORD" -eq 1 ] || command=${COMP_WORDS[1]}
    mapfile -t COMPREPLY < <(
        compgen -W "$(_swtlb_dev_words "$1" "$command")" -- \
            "${COMP_WORDS[COMP_CWORD]}")
    [ "$command" != run ] || [ ${#COMPREPLY[@]} -gt 0 ] ||
        mapfile -t COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
}
complete -F _swtlb_dev ./dev dev
