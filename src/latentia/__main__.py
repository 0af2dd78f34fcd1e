"""`python -m latentia` is `latentia`."""

from latentia.cli import main

main()
