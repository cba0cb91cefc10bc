"""The bundle: the folder of one closed session in `results/`, and the only room session and report share.

`layout` says what lies in it, `write` leaves one, `read` finds and checks them, `strip` takes the raw rows
out when their time has passed. Nothing here knows a store or a report: `kit.closing` brings the three
together.
"""
