"""The command line: arguments in, sentences out; one module a command."""
