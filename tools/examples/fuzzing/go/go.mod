module natswire/fuzzing

go 1.21
