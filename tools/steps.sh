# Sourced by the tools: step TITLE COMMAND... runs a command and says how long it took; the script ends where one fails.
step() {
    local title=$1 started=$SECONDS status=0
    shift
    printf '== %s\n' "$title"
    "$@" || status=$?
    if [ "$status" -ne 0 ]; then
        printf '== %s: FAILED after %d s\n' "$title" "$((SECONDS - started))"
        exit "$status"
    fi
    printf '== %s: %d s\n' "$title" "$((SECONDS - started))"
}
