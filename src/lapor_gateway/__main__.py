"""Lets `python -m lapor_gateway` run the command line where the script is not on the path."""

from lapor_gateway.cli.app import main

if __name__ == "__main__":
    main()
