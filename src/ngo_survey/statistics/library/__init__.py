"""What a statistician uses in a notebook: ``import ngo_survey as ns``.

The methods are those of the other folders; here are the order of their arguments, formulas, and
the one kind of frame that every result is (:class:`frame.ResultFrame`).
"""
