"""`python -m tienet` is the `tienet` command."""

from tienet.cli import main

if __name__ == "__main__":
    main()
