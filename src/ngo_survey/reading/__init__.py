"""Files that may be broken or hostile: each is read in a process of its own, under limits.

A reader written in C or Rust can be brought down by a damaged file, and a file of a kilobyte can
ask for all memory. So such a reader works in a process of its own with limits of the operating
system (``apart.py`` asks, ``child.py`` reads), and every file ends in what it holds or in one
error.
"""
