"""What Django says of Arabic has no moment, and would put the English one's order and comma in its place."""

DATETIME_FORMAT = "j F، Y، g:i A"
SHORT_DATETIME_FORMAT = "d‏/m‏/Y g:i A"
