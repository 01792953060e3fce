// Options of the sanitizers, compiled into the programs of a sanitizer build. libduckdb is not instrumented: vectors
// that it fills look overfull to container-overflow, and what it keeps until the end looks leaked.
extern "C" {
const char* __asan_default_options() {
    return "detect_container_overflow=0:detect_stack_use_after_return=1";
}
const char* __lsan_default_suppressions() {
    return "leak:libduckdb.so\nleak:libpq.so\n";
}
const char* __ubsan_default_options() {
    return "print_stacktrace=1";
}
const char* __tsan_default_suppressions() {
    return "called_from_lib:libduckdb.so\n";
}
}
