module natswire/parsers

go 1.26.0
