// Lets a library exist before it has sources of its own.
