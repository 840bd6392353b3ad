"""`python -m tienet` is the `tienet` command."""

from tienet.cli import main

main()
