"""The parts of the sandbox: namespaces, system calls, limits, and the pipe that results come by."""
