"""The report room: one model of the document, its chapters, and what renders it.

``build`` makes the document from results, questionnaires and chapters; ``html`` renders it.
Nothing here computes a statistic: every printed number is read from the results store.
"""
