#include <cstdio>
#include <cstring>

int main(int count, char** arguments) {
    if (count == 2 && std::strcmp(arguments[1], "version") == 0) {
        std::puts("freshet " FRESHET_VERSION);
        return 0;
    }
    std::fputs("usage: freshet version\n", stderr);
    return 2;
}
