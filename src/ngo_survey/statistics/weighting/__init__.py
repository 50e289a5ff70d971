"""Weighting: base weights, nonresponse, merging of thin strata, response rates."""
