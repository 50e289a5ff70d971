"""Sources: exports of field tools, read as text under the names of the questionnaire."""
