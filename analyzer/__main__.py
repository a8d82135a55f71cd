"""`python -m analyzer` is `fumehood`."""

from analyzer.cli import main

if __name__ == "__main__":
    main()
