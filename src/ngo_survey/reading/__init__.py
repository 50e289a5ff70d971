"""Files that may be broken or hostile: each is read in a process of its own, under limits.

A reader written in C or Rust can be brought down by a damaged file, and a file of a kilobyte can
ask for all memory. So such a reader works in a process of its own with limits of the operating
system, and every file ends in what it holds or in one error. ``apart.py`` asks, ``server.py``
starts the process from which readers are forked, ``child.py`` is what runs there.
"""
