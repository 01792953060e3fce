#include "cli/program.hpp"

int main(int count, char** arguments) {
    return freshet::RunProgram(count, arguments);
}
