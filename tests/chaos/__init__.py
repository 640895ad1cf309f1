"""Chaos: a whole site at work while everything around it fails; afterwards nothing is lost, doubled or half done.

`make chaos`, or `python -m tests.chaos --seed 7 --minutes 5`. Five people have texts spoken, upload recordings, import
archives and edit sentences (people.py), the engine is engine.py, and every few seconds one of the faults of faults.py
happens. When all faults have ended and the queue had time to empty, findings.py goes through the database and the files.
The same seed gives the same texts and the same faults at the same times; what is hit is up to the machine.
"""
