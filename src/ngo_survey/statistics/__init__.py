"""Survey statistics on frames: designs, weights, estimates, models, trends.

Nothing here knows a study, a file or a figure; it could be published as a library of its own.
"""
