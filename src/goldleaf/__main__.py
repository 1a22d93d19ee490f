"""`python -m goldleaf` is `goldleaf`."""

from goldleaf.cli import main

if __name__ == "__main__":
    main()
