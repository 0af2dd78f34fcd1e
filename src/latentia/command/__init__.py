"""Commands of the command line: one file and one typed function each."""
