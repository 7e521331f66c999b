"""The command line: arguments in, sentences out; one module for each command."""
