"""`python -m serving.cli` is the command `yiwen`."""

from serving.cli.main import main

if __name__ == "__main__":
    main()
