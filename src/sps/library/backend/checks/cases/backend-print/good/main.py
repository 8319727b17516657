import sys

if __name__ == "__main__":
    print("starting")
    print("usage", file=sys.stderr)
