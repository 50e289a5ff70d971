"""Simulation: a survey with a known truth, written as the field tools export it."""
