# How everything is compiled: warnings, build types, sanitizers, ccache, linker.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")

set(FRESHET_SANITIZE "" CACHE STRING "address,undefined or thread")
option(FRESHET_WERROR "Warnings are errors" ON)

# For our own code; third-party headers are SYSTEM includes.
add_library(freshet_options INTERFACE)
# -Wmaybe-uninitialized of GCC 12 is wrong about std::optional and std::variant.
target_compile_options(freshet_options INTERFACE -Wall -Wextra -Wpedantic -Wno-maybe-uninitialized
    $<$<BOOL:${FRESHET_WERROR}>:-Werror>)
if(FRESHET_SANITIZE)
    # libduckdb is not instrumented, so vptr would misjudge its objects.
    set(sanitizer_flags -fsanitize=${FRESHET_SANITIZE} -fno-omit-frame-pointer)
    if(FRESHET_SANITIZE MATCHES "undefined")
        list(APPEND sanitizer_flags -fno-sanitize=vptr -fno-sanitize-recover=undefined)
    endif()
    add_compile_options(${sanitizer_flags})
    add_link_options(${sanitizer_flags})
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
        CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 # checkouts share what they compiled
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE_PROGRAM})
    add_compile_options(-fpch-preprocess)
endif()

foreach(linker lld gold)
    find_program(linker_${linker} ld.${linker})
    if(linker_${linker})
        add_link_options(-fuse-ld=${linker})
        break()
    endif()
endforeach()
