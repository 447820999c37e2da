"""The command line: it parses, wires, renders and decides exit codes, and nothing else."""
