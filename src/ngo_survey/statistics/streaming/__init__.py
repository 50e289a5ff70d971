"""Estimates of surveys whose answers do not fit in memory: a Parquet file by its row groups."""
