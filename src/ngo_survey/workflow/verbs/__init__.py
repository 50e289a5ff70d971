"""The verbs: each file is one stage of the pipeline, files in and files out.

They are the only place where the pure functions of the rooms meet the file system.
"""
