"""`python -m newsbot` is `newsbot`."""

from newsbot.cli.main import main

if __name__ == "__main__":
    main()
