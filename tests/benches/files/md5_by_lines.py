"""Prints the MD5 of a file, as the tutorial's server takes it: line by line."""

import hashlib
import sys

md5 = hashlib.md5()
with open(sys.argv[1], "rb") as file:
    for line in file:
        md5.update(line)
print(md5.hexdigest())
