"""Disclosure control: which figures of which tables can be released without exposing anybody.

A worked example, with a threshold of 5 respondents and a protection of 5:

=====  ====  ====  ====  =====
.         a     b     c  total
=====  ====  ====  ====  =====
x        20     3    10     33
y         8     9    12     29
z         5     6     7     18
total    33    18    29     80
=====  ====  ====  ====  =====

*Primary suppression.* Three respondents gave x and b: too few, the cell is hidden. Hidden alone it
is 33 - 20 - 10 = 3 to everybody who can subtract.

*Secondary suppression.* Complementary cells are hidden with it, so that each row and column that
holds a hidden cell holds two: (x, c), (z, b) and (z, c). With t for (x, b), rows and columns then
say no more than (x, c) = 13 - t, (z, b) = 9 - t and (z, c) = 4 + t.

*Audit.* No count is negative, so an attacker knows that t lies between 0 and 9, and nothing more:
an interval of 9, at least as wide as the protection. Had (z, b) been 1 instead of 6, t would lie
between 0 and 4, and more cells would have to be hidden.

The tables of a study share margins, filters, derived answers and multiple responses, so the cells
of all of them stand in one linear system. ``blocks`` and ``cells`` count; ``relations``,
``derived``, ``routing`` and ``linked`` say what adds up to what; ``thresholds`` finds what is too
small, and ``weight_classes`` what tells who of a class of weight gave an answer;
``secondary_suppression`` and ``repair`` choose complementary cells; ``audit`` attacks the
result by linear programs; ``decide`` does so for the totals first, then for what stands under them;
``tabulate`` does all of it for the tables of one group of respondents; ``forecast`` says before a
build what each banner would cost.
"""
